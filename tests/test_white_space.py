"""Who holds what, white space and complexity: by hand on a small book, and what must hold on every sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.book import SAMPLES, Book, Team, load_sample
from sim.book.products import Products, read_products
from sim.book.samples import SAMPLE_DATA
from sim.decide.customers import white_space
from sim.problems import InputError

USUAL = {name: weight for name, (_, weight) in white_space.PARTS.items()}


def tiny(arr: list[float]) -> Book:
    n = len(arr)
    one, zero = np.ones(1), np.zeros(n)
    team = Team(("C",), ("C",), ("CSM",), ("csm",), one * np.nan, one * 1e5, one, one, one)
    return Book(
        name="tiny",
        as_of=date(2026, 1, 1),
        account_id=tuple(f"A{row}" for row in range(n)),
        account_name=tuple(f"Account {row}" for row in range(n)),
        csm=np.zeros(n, dtype=np.int64),
        segment=("S",) * n,
        arr=np.array(arr),
        renewal_month=np.zeros(n, dtype=np.int64),
        term_months=np.full(n, 12),
        renewal_probability=np.full(n, 0.9),
        upsell_whitespace=zero,
        cross_sell_whitespace=zero,
        complexity=np.full(n, 3.0),
        nps=np.full(n, 33.0),
        adoption=np.full(n, 0.6),
        tenure_months=np.full(n, 24.0),
        team=team,
    )


def sample_products(name: str) -> tuple[Book, Products]:
    book = load_sample(name)
    return book, read_products(SAMPLE_DATA / name / "products.csv", book)


# --- the file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_what_accounts_pay_for_products_adds_up_to_their_arr(name):
    book, products = sample_products(name)
    assert products.paid.sum(axis=1) == pytest.approx(book.arr)
    assert (products.paid >= 0).all() and (products.paid[:, 0] > 0).all()
    assert not products.priced and products.strangers == 0


def test_wide_and_long_tables_say_the_same():
    book = tiny([300.0, 100.0])
    wide = read_products(b"Account ID;Core;Extra\nA1;100;\nA0;$200;100\nB9;5;5\n", book)
    long = read_products(b"account_id,product,arr\nA0,Core,150\nA1,Core,100\nA0,Extra,100\nA0,Core,50\n", book)
    for products in (wide, long):
        assert products.names == ("Core", "Extra")
        assert products.paid.tolist() == [[200.0, 100.0], [100.0, 0.0]]
    assert (wide.strangers, long.strangers) == (1, 0)


def test_where_only_holdings_are_known_prices_explain_arr():
    book = tiny([110.0, 100.0, 10.0, 110.0])
    products = read_products(b"account_id,Core,Extra\nA0,yes,yes\nA1,1,no\nA2,0,x\nA3,TRUE,1\n", book)
    assert products.priced
    assert products.paid == pytest.approx(np.array([[100, 10], [100, 0], [0, 10], [100, 10]], dtype=float))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,Core\nA0,1\n", "account_id: is a required column"),
        (b"account_id,Core\nA0,5\n", "row for each account of the book; 1 are missing"),
        (b"account_id,Core\nA0,5\nA0,6\nA1,1\n", "row 3, account_id: must be unique"),
        (b"account_id,Core\nA0,-5\nA1,1\n", "row 2, Core: must be from 0"),
        (b"account_id,Core\nA0,lots\nA1,1\n", "row 2, Core: must be an amount"),
        (b"account_id\nA0\nA1\n", "1 to 60 columns of products"),
        (b"account_id,product\nA0,Core\n", "arr: is a required column"),
        (b"account_id,product,arr\nA0,,5\nA1,Core,5\n", "row 2, product: must not be empty"),
        (b"", "is empty"),
    ],
)
def test_tables_that_cannot_be_used_get_a_sentence(content, said):
    with pytest.raises(InputError, match=said):
        read_products(content, tiny([10.0, 20.0]))


# --- white space --------------------------------------------------------------------------------------------


def test_white_space_against_peers_by_hand():
    book = tiny([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
    paid = np.array([[10, 0], [20, 0], [30, 0], [40, 0], [30, 20], [50, 10]], dtype=float)
    white = white_space.from_products(book, Products(("Core", "Extra"), paid, False, 0), 0.5)
    # The middle holder of Core pays 30. Two of six hold Extra, at 15 in the middle.
    assert white.upsell[:, 0].tolist() == [20, 10, 0, 0, 0, 0]
    assert white.upsell[:, 1].tolist() == [0, 0, 0, 0, 0, 5]
    assert white.cross_sell[:, 1].tolist() == pytest.approx([5, 5, 5, 5, 0, 0])
    assert (white.cross_sell[:, 0] == 0).all()
    alone = white_space.from_peers(book, 0.5)
    assert alone.upsell[:, 0].tolist() == [25, 15, 5, 0, 0, 0]


@pytest.mark.parametrize("name", SAMPLES)
def test_white_space_grows_with_the_level_and_never_falls_on_both_sides(name):
    book, products = sample_products(name)
    low, high = (white_space.from_products(book, products, quantile) for quantile in (0.4, 0.7))
    assert (high.upsell >= low.upsell).all() and (high.cross_sell >= low.cross_sell).all()
    assert high.upsell.sum() > low.upsell.sum() > 0
    held = products.paid > 0
    assert (high.cross_sell[held] == 0).all() and (high.upsell[~held] == 0).all()
    table = white_space.product_table(high, products)
    assert table["white_space"].sum() == pytest.approx(high.upsell.sum() + high.cross_sell.sum())
    accounts = white_space.account_room(book, high, book.complexity)
    parts = accounts[[column for column in accounts if column.startswith("white space: ")]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx((accounts["upsell"] + accounts["cross_sell"]).to_numpy())
    picture = white_space.heat_map(book, high, products)
    assert len(picture) == white_space.SHOWN * len(products.names)
    top = picture.groupby("order")["room"].sum()
    assert top.is_monotonic_decreasing


def test_a_product_without_holders_has_no_white_space():
    book = tiny([10.0, 20.0])
    paid = np.array([[10, 0], [20, 0]], dtype=float)
    white = white_space.from_products(book, Products(("Core", "New"), paid, False, 0), 0.9)
    assert white.upsell[:, 1].sum() == white.cross_sell[:, 1].sum() == 0


# --- complexity ---------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 10), min_size=4, max_size=4), st.integers(0, 50))
def test_complexity_keeps_its_scale_and_its_middle(values, seed):
    weights = dict(zip(white_space.PARTS, values, strict=True))
    book = tiny(list(np.random.default_rng(seed).uniform(1, 9, size=9)))
    if sum(weights[name] for name in ("arr", "adoption", "nps")) == 0:
        with pytest.raises(InputError, match="at least one above 0"):
            white_space.complexity_score(book, None, weights)
        return
    score = white_space.complexity_score(book, None, weights)
    assert 1 < score.min() <= score.max() < 5
    assert score.mean() == pytest.approx(3)


def test_complexity_rises_with_its_parts():
    book, products = sample_products("startup")
    score = white_space.complexity_score(book, products, USUAL)
    for column, sign in (("arr", 1), ("adoption", -1), ("nps", -1)):
        assert sign * np.corrcoef(getattr(book, column), score)[0, 1] > 0.1
    assert np.corrcoef((products.paid > 0).sum(axis=1), score)[0, 1] > 0.3
    alike = replace(book, arr=np.ones(len(book)), adoption=np.ones(len(book)), nps=np.ones(len(book)))
    assert white_space.complexity_score(alike, None, USUAL) == pytest.approx(3)

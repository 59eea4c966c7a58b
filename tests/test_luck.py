"""Luck: the generator, the laws of its draws, and whose luck is whose."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kstest, logistic, norm
from strategies import book_of, plans

from sim.book.schema import Book
from sim.engine import run
from sim.engine.draws import Draws, draw_blocks, luck, stream_key
from sim.engine.outcome import Outcome
from sim.engine.philox import philox4x32
from sim.engine.portfolio import prepare
from sim.engine.run import make_draws, set_stage, simulate
from sim.plan.schema import Component, Curve, Plan, Quota, Tier
from sim.world.parameters import World, world_preset

PLAN = Plan(
    name="flat quotas with targets of their own",
    variable_share=0.2,
    components=(
        Component(
            name="GRR",
            measure="gross_retention",
            weight=0.6,
            quota=Quota(target=0.9),
            curve=Curve(threshold=0.85, pay_at_threshold=0.5, tiers=(Tier(start=1.0, slope=2.0),), cap=2.0),
        ),
        Component(name="Sales", measure="expansion_bookings", weight=0.4, quota=Quota(target=30e3)),
    ),
)
PER_CSM = ("csm_lost", "csm_expansion", "csm_pay")


def draws_of(book: Book, seed: int = 1, rho: float = 0.0, n_months: int = 12, n_blocks: int = 8) -> Draws:
    return draw_blocks(luck(prepare(book, PLAN, n_months), seed, rho), 0, n_blocks)


def by_trial(blocks: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n_blocks, ..., LANES) -> (all the rest, n_trials)."""
    return np.moveaxis(blocks, 0, -2).reshape(-1, blocks.shape[0] * blocks.shape[-1]).astype(np.float64)


def part_of(book: Book, accounts: NDArray[np.int64]) -> Book:
    """Some of the accounts, in this order."""
    columns = {}
    for field in fields(Book):
        column = getattr(book, field.name)
        if isinstance(column, np.ndarray):
            columns[field.name] = column[accounts]
        elif isinstance(column, tuple):
            columns[field.name] = tuple(column[a] for a in accounts)
    return replace(book, **columns)


def assert_same_bits(one: Outcome, other: Outcome) -> None:
    for field in fields(Outcome):
        found, expected = getattr(one, field.name), getattr(other, field.name)
        if isinstance(found, np.ndarray):
            assert found.dtype == expected.dtype
            assert found.tobytes() == expected.tobytes(), field.name
        else:
            assert found == expected, field.name


# --- the generator -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "published"),
    [
        ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_gives_the_known_answers_of_random123(counter: list[int], key: list[int], published: str) -> None:
    words = philox4x32(*(np.uint64(word) for word in (*counter, *key)))
    assert " ".join(f"{int(word):08x}" for word in words) == published


def test_every_draw_has_its_law() -> None:
    draws = draws_of(book_of(4, 2, terms=(1,)), n_blocks=64)
    laws = {
        "upsell": "uniform",
        "cross_sell": "uniform",
        "depth": "uniform",
        "price": "uniform",
        "leave": "uniform",
        "influence": "norm",
        "kpi": "norm",
        "latent": "logistic",
    }
    for name, law in laws.items():
        rows = by_trial(getattr(draws, name))
        assert kstest(rows.ravel(), law).pvalue > 1e-3, name
        # No single stream is off either; the smallest of n p-values is compared with 1e-3 / n.
        assert min(kstest(row, law).pvalue for row in rows) > 1e-3 / len(rows), name
    assert kstest(by_trial(draws.response[:, None]).ravel(), "uniform", (-1.0, 2.0)).pvalue > 1e-3


@pytest.mark.parametrize("rho", [0.02, 0.3])
def test_a_common_shock_leaves_each_renewal_its_own_probability(rho: float) -> None:
    draws = draws_of(book_of(1, 1), rho=rho, n_blocks=200)
    assert kstest(by_trial(draws.latent).ravel(), logistic.cdf).pvalue > 1e-3


def test_entities_months_and_purposes_are_independent() -> None:
    draws = draws_of(book_of(5, 2, terms=(1,)), n_blocks=64)
    rows = np.concatenate([by_trial(array.reshape(len(array), -1, array.shape[-1])) for array in draws])
    n_rows, n_trials = rows.shape
    assert n_rows > 350
    pairs = np.corrcoef(rows)[np.triu_indices(n_rows, 1)]
    # Correlations of independent rows: mean square 1 / n_trials, and no pair stands out.
    excess = np.mean(pairs**2) * n_trials - 1.0
    assert abs(excess) < 5.0 * np.sqrt(2.0 / len(pairs))
    assert np.abs(pairs).max() < norm.isf(1e-3 / len(pairs)) / np.sqrt(n_trials)
    # Nor does a trial know the one before.
    neighbours = [np.corrcoef(row[:-1], row[1:])[0, 1] for row in rows]
    assert np.abs(neighbours).max() < norm.isf(1e-3 / n_rows) / np.sqrt(n_trials)


def test_the_shock_is_common_within_a_year_and_new_in_the_next() -> None:
    rho = 0.3
    book = replace(book_of(6, 2), renewal_month=np.array([0, 5, 11, 12, 17, 23]), term_months=np.full(6, 36))
    scores = norm.ppf(logistic.cdf(by_trial(draws_of(book, rho=rho, n_months=24, n_blocks=128).latent)))
    # Rows are sorted by CSM: accounts 0, 2, 4, then 1, 3, 5.
    years = np.array([0, 0, 1, 0, 1, 1])
    expected = np.where(years[:, None] == years, rho, 0.0)
    found = np.corrcoef(scores)
    off = ~np.eye(6, dtype=bool)
    assert np.abs(found - expected)[off].max() < 4.5 / np.sqrt(scores.shape[1])


def test_no_two_streams_share_a_key() -> None:
    parts = [("1", "2"), ("12", ""), ("", "12"), ("upsell", "A/1"), ("upsell/A", "1")]
    keys = {stream_key(seed, purpose, entity) for seed in (0, 1, 11) for purpose, entity in parts}
    assert len(keys) == 15


# --- whose luck is whose -------------------------------------------------------------------------------------


def test_a_block_is_the_same_alone_as_in_a_row() -> None:
    recipe = luck(prepare(book_of(5, 2), PLAN, 12), 3, 0.02)
    together = draw_blocks(recipe, 0, 5)
    alone = draw_blocks(recipe, 3, 1)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one[0], other[3])


@given(st.permutations(range(7)), st.integers(1, 7))
@settings(deadline=None, max_examples=20)
def test_an_account_keeps_its_luck_in_any_order_and_company(order: list[int], n: int) -> None:
    book = book_of(7, 2, terms=(4, 12))
    some = np.array([0, 1, *order[:n]])  # both CSMs keep an account
    some = some[np.sort(np.unique(some, return_index=True)[1])]
    part = part_of(book, some)
    here, there = prepare(book, PLAN, 12), prepare(part, PLAN, 12)
    all_draws, part_draws = draws_of(book, rho=0.05), draws_of(part, rho=0.05)
    place = [here.account_ids.index(name) for name in there.account_ids]
    np.testing.assert_array_equal(part_draws.influence, all_draws.influence[:, place])
    for name in ("upsell", "cross_sell"):
        np.testing.assert_array_equal(getattr(part_draws, name), getattr(all_draws, name)[:, :, place])
    due = here.due[place]
    renewals = due[due >= 0]
    for name in ("latent", "depth", "price"):
        np.testing.assert_array_equal(getattr(part_draws, name), getattr(all_draws, name)[:, renewals])
    for name in ("leave", "kpi", "response"):
        np.testing.assert_array_equal(getattr(part_draws, name), getattr(all_draws, name))


def test_seeds_are_repeatable_and_differ() -> None:
    book = book_of(12, 3)
    one, again, other = (simulate(set_stage(book, PLAN, World(), seed=seed, trials=256), PLAN) for seed in (0, 0, 1))
    assert_same_bits(one, again)
    assert np.mean(one.retained_arr == other.retained_arr) < 0.05


def test_threads_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome(n: int) -> Outcome:
        monkeypatch.setattr(run, "n_threads", lambda: n)
        return simulate(set_stage(book_of(12, 3), PLAN, World(), trials=1000), PLAN)

    one = outcome(1)
    assert_same_bits(one, outcome(2))
    assert_same_bits(one, outcome(7))


@pytest.mark.parametrize("blocks_in_memory", [0, 1, 3])
def test_streamed_draws_give_the_same_bits_as_kept_ones(blocks_in_memory: int) -> None:
    book = book_of(12, 3)
    kept = set_stage(book, PLAN, World(), trials=1000)
    assert kept.draws.kept
    budget = blocks_in_memory * run.n_threads() * kept.draws.recipe.bytes_per_block
    store = make_draws(kept.portfolio, 1, World().shock_rho, 1000, budget)
    assert not store.kept
    streamed = set_stage(book, PLAN, World(), trials=1000, draws=store)
    np.testing.assert_array_equal(streamed.anchor, kept.anchor)
    assert_same_bits(simulate(streamed, PLAN), simulate(kept, PLAN))


def test_more_trials_leave_the_first_as_they_were() -> None:
    few, many = (simulate(set_stage(book_of(12, 3), PLAN, World(), trials=n), PLAN) for n in (512, 1024))
    for name in ("flows", "paid", "attainment", *PER_CSM):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name)[..., :512])


@given(st.permutations(range(14)), st.permutations(range(3)))
@settings(deadline=None, max_examples=10)
def test_order_does_not_matter_to_anybody(accounts: list[int], csms: list[int]) -> None:
    book = book_of(14, 3, terms=(6, 12))
    team = book.team
    columns = {field.name: getattr(team, field.name) for field in fields(team)}
    moved = {
        name: column[csms] if isinstance(column, np.ndarray) else tuple(column[c] for c in csms)
        for name, column in columns.items()
    }
    place = np.argsort(csms)
    shuffled = replace(part_of(book, np.array(accounts)), team=replace(team, **moved))
    shuffled = replace(shuffled, csm=place[shuffled.csm])
    world = World(attrition=0.4)
    one, other = (simulate(set_stage(b, PLAN, world, trials=256), PLAN) for b in (book, shuffled))
    assert [one.csm_ids[c] for c in csms] == list(other.csm_ids)
    np.testing.assert_allclose(one.closing_arr, other.closing_arr, rtol=1e-12)
    np.testing.assert_allclose(one.plan_cost, other.plan_cost, rtol=1e-12)
    for name in PER_CSM:
        np.testing.assert_allclose(getattr(one, name)[csms], getattr(other, name), rtol=1e-5, atol=1e-2)


@given(plans(explicit=True), st.integers(0, 3))
@settings(deadline=None, max_examples=20)
def test_an_account_more_or_less_changes_nothing_for_other_csms(plan: Plan, gone: int) -> None:
    """Exactly, as long as no quota is an average of the team."""
    book = book_of(16, 4, terms=(6, 12))
    rest = part_of(book, np.flatnonzero(np.arange(16) != 4 + gone))
    whole, part = (simulate(set_stage(b, PLAN, World(attrition=0.4), trials=256), plan) for b in (book, rest))
    others = np.arange(4) != gone
    for name in PER_CSM:
        np.testing.assert_array_equal(getattr(whole, name)[others], getattr(part, name)[others])
    assert np.any(whole.csm_lost[gone] != part.csm_lost[gone])


def test_without_a_response_accounts_do_not_meet() -> None:
    """Nobody leaves and pay buys nothing: a book is then the sum of its accounts, whoever owns them."""
    world = world_preset("sceptic").changed({"attrition": 0.0})
    book = book_of(6, 1)

    def flows(accounts: list[int]) -> NDArray[np.float64]:
        return simulate(set_stage(part_of(book, np.array(accounts)), PLAN, world, trials=256), PLAN).flows[:8]

    np.testing.assert_allclose(
        flows([0, 1, 2, 3, 4, 5]), flows([3, 1]) + flows([0, 4, 5]) + flows([2]), rtol=1e-12, atol=1e-9
    )
    apart = replace(
        book_of(6, 6), **{f.name: getattr(book, f.name) for f in fields(Book) if f.name not in ("csm", "team")}
    )
    alone = simulate(set_stage(apart, PLAN, world, trials=256), PLAN)
    np.testing.assert_allclose(alone.flows[:8], flows([0, 1, 2, 3, 4, 5]), rtol=1e-12, atol=1e-9)

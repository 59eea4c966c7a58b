"""Segments, rules and cost to serve: worked out by hand on a few accounts, and sums that must hold on every book."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.book import SAMPLES, Book, load_sample
from sim.decide.customers import cost_to_serve, segments
from sim.decide.customers.serving import DEFAULTS, MODELS, SERVING, hourly_cost, hours_of, serving, usual_model
from sim.problems import InputError


@pytest.fixture(scope="module")
def book() -> Book:
    return load_sample("startup")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("way", segments.WAYS)
def test_the_parts_of_every_way_add_up_to_the_book(name, way):
    book = load_sample(name)
    rules = segments.read_rules([("Big", "arr", ">=", "50000"), ("Low", "renewal_probability", "<", "90%")])
    place, names = segments.segments_of(book, way, rules)
    models = cost_to_serve.usual_models(book, place, names, DEFAULTS)
    served = cost_to_serve.serve(book, [models[names[index]] for index in place], DEFAULTS)
    table = cost_to_serve.segment_shares(book, place, names, models, served)
    total = table.iloc[-1]
    assert total["accounts"] == len(book)
    assert total["arr"] == pytest.approx(book.arr.sum())
    assert total["risk"] == pytest.approx(book.arr @ (1 - book.renewal_probability))
    for share in ("arr_share", "risk_share", "white_share"):
        assert table[share].iloc[:-1].sum() == pytest.approx(1)
    assert total["hours"] == pytest.approx(served.hours.sum())
    assert total["margin"] == pytest.approx(served.brings.sum() - served.cost.sum())
    assert len(cost_to_serve.share_picture(table)) == 3 * (len(table) - 1)


def test_bands_begin_where_they_say(book):
    three = replace(
        book,
        arr=np.where(np.arange(len(book)) == 0, 10_000.0, 9_999.0),
        renewal_probability=np.where(np.arange(len(book)) == 0, 0.85, 0.8499),
        complexity=np.where(np.arange(len(book)) == 0, 3.0, 2.0),
    )
    for way, first, second in (
        (segments.SIZE, "$10k to $30k", "Under $10k"),
        (segments.HEALTH, "Watch: 85 to 95 %", "At risk: renewal under 85 %"),
        (segments.COMPLEXITY, "Usual: 3", "Simple: 1 to 2"),
    ):
        place, names = segments.segments_of(three, way)
        assert (names[place[0]], names[place[1]]) == (first, second)


def test_rules_of_a_name_all_hold_and_the_first_name_wins(book):
    rules = segments.read_rules(
        [
            ("Save", "arr", ">=", "$20,000"),
            ("Save", "renewal_probability", "<", "93%"),
            ("", None, " ", ""),
            ("Big", "arr", ">=", "20000"),
            ("Micro", "segment", "=", "mIcRo"),
        ]
    )
    place, names = segments.segments_of(book, segments.RULES, rules)
    assert names == ("Save", "Big", "Micro", segments.REST)
    for row in range(len(book)):
        big, low = book.arr[row] >= 20_000, book.renewal_probability[row] < 0.93
        expected = (
            "Save" if big and low else "Big" if big else "Micro" if book.segment[row] == "Micro" else segments.REST
        )
        assert names[place[row]] == expected
    assert {"Save", "Big", "Micro"} <= {names[index] for index in place}


def test_the_name_of_the_rest_may_be_used_in_a_rule(book):
    rules = segments.read_rules([(segments.REST, "arr", ">", "20000"), ("Small", "arr", ">", "0")])
    place, names = segments.segments_of(book, segments.RULES, rules)
    assert names == (segments.REST, "Small")
    assert ((place == 0) == (book.arr > 20_000)).all()


@given(st.lists(st.tuples(*[st.one_of(st.none(), st.text(max_size=12))] * 4), max_size=5))
def test_rules_are_read_or_refused_with_a_sentence_each(rows):
    try:
        assert segments.read_rules(rows)
    except InputError as error:
        assert all(str(problem).endswith(".") for problem in error.problems)


def test_every_problem_of_the_rules_at_once():
    with pytest.raises(InputError) as caught:
        segments.read_rules([("", "arrr", "~", "x"), ("A", "segment", "<", "Micro"), ("B", "arr", ">", "nan")])
    said = str(caught.value)
    for part in (
        "rule 1, segment",
        "the nearest is 'arr'",
        "rule 1, operator",
        "rule 1, value",
        "rule 2, operator",
        "rule 3, value",
    ):
        assert part in said
    with pytest.raises(InputError, match="at least one"):
        segments.read_rules([])


def test_what_an_account_takes_and_brings_by_hand(book):
    assumed = serving({"hours_named": 40.0, "complexity_effect": 0.25, "gross_margin": 0.8})
    one = replace(
        book,
        complexity=np.full(len(book), 5.0),
        arr=np.full(len(book), 10_000.0),
        renewal_month=np.full(len(book), 3),
        renewal_probability=np.full(len(book), 0.6),
    )
    assert hours_of(one, ["Named"] * len(one), assumed) == pytest.approx(60.0)
    rate = float(book.team.ote.mean()) * 1.3 / 1_600
    assert hourly_cost(one, assumed) == pytest.approx(rate)
    served = cost_to_serve.serve(one, ["Named"] * len(one), assumed)
    stays = 1 - 0.4 * 9 / 12
    assert served.brings == pytest.approx(8_000 * stays)
    assert served.cost == pytest.approx(60 * rate * stays)


def test_letting_go_of_every_candidate_gains_what_they_lose(book):
    place, names = segments.segments_of(book, segments.SIZE)
    served = cost_to_serve.serve(book, ["Dedicated"] * len(book), DEFAULTS)
    table = cost_to_serve.exit_candidates(book, place, names, served)
    assert 0 < len(table) < len(book)
    assert table["margin"].is_monotonic_increasing and (table["margin"] < 0).all()
    effect = cost_to_serve.effect_of_exit(book, table["account_id"].tolist(), served, DEFAULTS)
    assert effect.margin == pytest.approx(-served.margin[served.margin < 0].sum())
    assert effect.arr == pytest.approx(table["arr"].sum())
    assert effect.csms == pytest.approx(effect.hours / 1_600)
    nobody = cost_to_serve.effect_of_exit(book, [], served, DEFAULTS)
    assert nobody == (0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert "bring more" in cost_to_serve.exit_sentence(nobody)
    assert "accounts leave" in cost_to_serve.exit_sentence(effect)


def test_the_usual_model_rises_with_what_the_median_account_pays():
    assert [usual_model(arr, DEFAULTS) for arr in (9_999, 10_000, 30_000, 150_000)] == list(MODELS)


def test_assumptions_keep_their_bounds():
    for row in SERVING:
        assert row.low <= row.default <= row.high
        assert row.source and row.help
    with pytest.raises(InputError) as caught:
        serving({"gross_margin": 1.5, "named_from": 5_000.0, "loading": float("nan")})
    said = str(caught.value)
    assert "Gross margin" in said and "must rise" in said and "Loaded cost" in said

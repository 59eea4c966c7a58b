"""Lifetime value against closed forms and a month-by-month count; cost ratios; what a dollar returns; the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.book import SAMPLES, ledger, load_sample, load_sample_history, read_history
from sim.decide.past.costs import (
    ACTIVITIES,
    INTO,
    arr_by_activity,
    cost_table,
    economics,
    investment,
    investment_finding,
)
from sim.decide.past.quarters import past_quarters
from sim.decide.past.valuation import (
    VALUATION_DEFINITIONS,
    lifetime,
    value_by_segment,
    value_finding,
    value_per_arr,
    value_picture,
)
from sim.problems import InputError
from sim.world.benchmarks import BENCHMARKS
from sim.world.economics import ECONOMICS, Economics
from sim.world.parameters import World
from tests.test_app import assert_sound, complaints, open_app, visit
from tests.tiny_book import tiny_book

NOTHING = dict.fromkeys(ACTIVITIES, float("nan"))
WORLD = World()


def one_account(arr=1200.0, p=0.9, term=12, upsell=0.0, cross_sell=0.0):
    book = tiny_book()
    n = len(book)
    return replace(
        book,
        arr=np.full(n, arr),
        renewal_probability=np.full(n, p),
        term_months=np.full(n, term),
        upsell_whitespace=np.full(n, upsell),
        cross_sell_whitespace=np.full(n, cross_sell),
    )


def test_who_never_leaves_is_a_perpetuity():
    v = 1.1 ** (-1 / 12)
    assert lifetime(one_account(p=1.0), WORLD, 0.1, growth=False).revenue[0] == pytest.approx(100 / (1 - v))


def test_who_never_renews_pays_one_term():
    v = 1.1 ** (-1 / 12)
    worth = lifetime(one_account(p=0.0, term=24), WORLD, 0.1, growth=False).revenue[0]
    assert worth == pytest.approx(100 * (1 - v**24) / (1 - v))


def test_losses_are_a_geometric_series():
    """Annual terms; of losses 30 % are downsell, four fifths of it seats and one fifth price."""
    v = 1.1 ** (-1 / 12)
    downsell = 0.1 * 0.3 / 0.7 / 0.9
    kept = 0.9 * (1 - 0.8 * downsell) * (1 - 0.2 * downsell)
    year = 100 * (1 - 1 / 1.1) / (1 - v)
    worth = lifetime(one_account(), WORLD, 0.1, growth=False).revenue[0]
    assert worth == pytest.approx(year / (1 - kept / 1.1))


@settings(max_examples=25)
@given(
    st.floats(0.80, 0.98),  # below it contractions are as frequent as they can be
    st.sampled_from([1, 3, 12, 24, 36]),
    st.floats(0, 5000),
    st.floats(0, 5000),
    st.floats(0.05, 0.3),
)
def test_the_closed_form_is_the_sum_of_its_months(p, term, upsell, cross_sell, rate):
    value = lifetime(one_account(p=p, term=term, upsell=upsell, cross_sell=cross_sell), WORLD, rate, growth=True)
    downsell = (1 - p) * 0.3 / 0.7 / p
    contraction, erosion = downsell * 0.8 / 0.25, downsell * 0.2 / 0.05
    staying = p * (1 - contraction * 0.25) * (1 - erosion * 0.05)
    raised = p * (1 - contraction * 0.25) * 0.5 * 0.03 * min(term / 12, 1)
    arr, spaces = 1200.0, [upsell, cross_sell]
    revenue, sold, up = 0.0, [0.0, 0.0], 0.0
    for month in range(6000):
        discount = (1 + rate) ** (-month / 12)
        if month and month % term == 0:
            up += discount * arr * raised
            arr *= staying + raised
            spaces = [space * p for space in spaces]
        revenue += discount * arr / 12
        for which, chance in enumerate((0.8 / 12 * 0.5, 0.4 / 12 * 0.5)):
            deal = spaces[which] * chance
            spaces[which] -= deal
            arr += deal
            sold[which] += discount * deal
        if discount < 1e-9:
            break
    assert value.revenue[0] == pytest.approx(revenue, rel=1e-6)
    assert value.uplift[0] == pytest.approx(up, rel=1e-6)
    assert [value.upsold[0], value.cross_sold[0]] == pytest.approx(sold, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", SAMPLES)
def test_segments_of_the_samples(name):
    book, terms = load_sample(name), Economics()
    table = value_by_segment(book, WORLD, terms)
    total, segments = table.iloc[-1], table.iloc[:-1]
    assert total["customers"] == segments["customers"].sum() == len(book)
    for column in ("arr", "gross", "net", "after_cost"):
        assert total[column] * len(book) == pytest.approx((segments[column] * segments["customers"]).sum())
    assert (table["gross"] < table["net"]).all()
    assert (table["after_cost"] < table["net"]).all()
    assert table["to_cac"].to_numpy() == pytest.approx((table["after_cost"] / (1.13 * table["arr"])).to_numpy())
    assert len(value_picture(table)) == 3 * len(segments)
    assert value_finding(table).startswith("Worth $")


def test_costs_come_off_as_their_ratios_say():
    book = one_account(upsell=600.0, cross_sell=300.0)
    growing = lifetime(book, WORLD, 0.1, growth=True)
    free = value_by_segment(book, WORLD, Economics(crc=0.0, cec=0.0, cuc=0.0)).iloc[-1]
    assert free["after_cost"] == free["net"] == pytest.approx(0.75 * growing.revenue[0])
    for ratio, spent_on in (
        ("crc", growing.revenue),
        ("cuc", growing.upsold),
        ("cec", growing.cross_sold + growing.uplift),
    ):
        ratios = {"crc": 0.0, "cec": 0.0, "cuc": 0.0} | {ratio: 0.5}
        dearer = value_by_segment(book, WORLD, Economics(**ratios)).iloc[-1]
        assert dearer["net"] - dearer["after_cost"] == pytest.approx(0.5 * spent_on[0])


def test_nobody_leaves_and_nothing_is_spent_on_winning():
    row = value_by_segment(one_account(p=1.0), WORLD, Economics(cac=0.0)).iloc[-1]
    assert row["lifetime"] == np.inf
    assert np.isnan(row["to_cac"])
    assert "CAC" not in value_finding(pd.DataFrame([row]))


def test_growth_above_the_discount_has_no_finite_value():
    fast = WORLD.changed({"uplift_rate": 0.15, "uplift_probability": 1.0})
    with pytest.raises(InputError, match="must be above the yearly price increases"):
        lifetime(one_account(p=1.0), fast, 0.10, growth=True)
    assert np.isfinite(lifetime(one_account(p=1.0), fast, 0.20, growth=True).revenue).all()


# --- ratios and returns ---------------------------------------------------------------------------------


def past(*rows: str):
    text = "account_id,date,event,arr_change\n" + "\n".join(rows)
    return past_quarters(ledger(read_history(text.encode()), tiny_book()), tiny_book())


YEAR = (
    "X1,2025-01-15,churn,-100000",
    "A1,2025-02-10,contraction,-30000",
    "A1,2025-04-01,price_increase,10000",
    "A2,2025-05-01,upsell,20000",
    "B2,2025-08-01,new,48000",
    "C1,2025-09-01,cross_sell,8000",
)


def test_arr_of_each_activity_on_paper():
    opening = 1_400_000 + 130_000 - 38_000 - 48_000
    assert arr_by_activity(past(*YEAR)) == {"cac": 48_000, "crc": opening - 130_000, "cec": 18_000, "cuc": 20_000}
    assert all(np.isnan(value) for value in arr_by_activity(past(*YEAR[3:])).values())
    assert all(np.isnan(value) for value in arr_by_activity(None).values())


def test_your_own_figures_take_the_place_of_the_assumption():
    arr = arr_by_activity(past(*YEAR))
    costs = cost_table(arr, NOTHING | {"cuc": 5_000.0})
    assert costs["ratio"].tolist() == [1.13, 0.13, 0.20, 0.25]
    assert costs["basis"].tolist() == ["assumed", "assumed", "assumed", "yours"]
    returned = investment(costs, 4.0).set_index("into")
    assert returned["cost"].to_dict() == {"Retention": 0.13, "Expansion": 0.26, "Upsell": 0.25}
    assert returned.loc["Upsell", ["arr_returned", "value_returned"]].tolist() == [4.0, 16.0]
    assert investment_finding(returned.reset_index()) == "A dollar returns most in retention: $30.77"


def test_the_starting_assumption_is_one_to_two_to_four_and_the_published_ratios():
    returned = investment(cost_table(NOTHING, NOTHING), 1.0)
    assert returned["relative"].tolist() == pytest.approx([1, 2, 4])
    assert returned["into"].tolist() == list(INTO.values())
    published = {row.label: float(row.value) for row in BENCHMARKS if row.label.startswith("CAC ratio")}
    assert list(published.values()) == [ECONOMICS[name].default for name in ("cac", "cuc", "cec", "crc")]


def test_nothing_spent_returns_nothing_to_speak_of():
    costs = cost_table(NOTHING | {"crc": 100.0}, NOTHING | {"crc": 0.0})
    assert investment(costs, 4.0)["value_returned"].isna().all()
    assert investment_finding(investment(costs, 4.0)).startswith("Nothing was spent")


def test_what_cannot_be_a_cost_is_told_all_at_once():
    with pytest.raises(InputError) as caught:
        cost_table(NOTHING | {"cac": -5.0}, NOTHING | {"crc": 100.0})
    assert [str(problem) for problem in caught.value.problems] == [
        "New, ARR: must be 0 or more; leave it empty (got '-5').",
        "Retained, spent: needs the ARR that it was spent on; fill it in or leave both empty (got '$100').",
    ]
    with pytest.raises(InputError, match="CAC ratio: must be from 0 to 10"):
        economics(cost_table(NOTHING | {"cac": 1.0}, NOTHING | {"cac": 11.0}), 0.75, 0.1)


def test_every_assumption_of_valuation_has_bounds_and_a_source():
    for row in ECONOMICS.values():
        assert row.low <= row.default <= row.high
        assert row.source.endswith(".")
    assert all(text.endswith(".") for text in VALUATION_DEFINITIONS.values())


# --- the page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_valued(name):
    at = visit(open_app(sample=name), "valuation")
    assert_sound(at)
    book, terms = load_sample(name), Economics()
    table = value_by_segment(book, WORLD, terms)
    assert [metric.value for metric in at.metric] == ["$1.13", "$0.13", "$0.20", "$0.27"]
    assert len(at.get("vega_lite_chart")) == 2
    assert at.dataframe[-2].value["segment"].tolist() == table["segment"].tolist()
    kept = value_per_arr(table, terms)
    assert any(f"{kept:.2f} over its lifetime" in caption.value for caption in at.caption)


def test_own_costs_and_terms_change_the_value():
    at = visit(open_app(), "valuation")
    before = at.dataframe[-2].value
    at.number_input(key="discount_rate").set_value(20.0).run()
    assert_sound(at)
    assert (at.dataframe[-2].value["net"] < before["net"]).all()
    book, past_of = load_sample("startup"), load_sample_history("startup")
    key = f"{book.digest[:12]}{past_of.digest[:12]}"
    arr = at.session_state["costs"][key]["arr"]["crc"]
    at.session_state["costs"][key]["spent"]["crc"] = 0.5 * arr
    at.run()
    assert [metric.value for metric in at.metric][1] == "$0.50"
    at.session_state["costs"][key]["spent"]["crc"] = 20 * arr
    assert "CRC ratio: must be from 0 to 10" in complaints(at.run())


def test_without_a_history_the_ratios_are_the_starting_ones():
    at = visit(open_app(uploaded=replace(load_sample("startup"), name="Your book")), "valuation")
    assert_sound(at)
    assert [metric.value for metric in at.metric] == ["$1.13", "$0.13", "$0.20", "$0.27"]
    assert any("enter ARR and what was spent" in caption.value for caption in at.caption)

"""Past quarters, retention, revenue: worked out on paper, by a second count, and in properties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.book import EVENTS, SAMPLES, History, ledger, load_sample, load_sample_history, read_history
from sim.decide.past.past_pictures import movements, movements_finding, revenue_picture, waterfall, waterfall_finding
from sim.decide.past.quarters import LABELS, Past, bridge, churn_rates, logo_bridge, past_quarters, quarter_label
from sim.decide.past.revenue import BANDS, arr_path, forecast, new_arr_pace, past_revenue, quarterly, year_of
from sim.decide.past.today import DEFINITIONS, MISSING, from_book_alone, retention_by_segment
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.world.benchmarks import RETENTION_BY_ACV, band_of
from sim.world.parameters import World
from tests.tiny_book import tiny_book, world_without_luck

HEADER = "account_id,date,event,arr_change,segment\n"
TINY_ARR = 1_400_000


def past_of(*rows: str) -> Past:
    history = read_history((HEADER + "\n".join(rows)).encode())
    return past_quarters(ledger(history, tiny_book()), tiny_book())


def sample_past(name: str) -> Past:
    book = load_sample(name)
    return past_quarters(ledger(load_sample_history(name), book), book)


YEAR = (
    "A1,2025-02-10,contraction,-30000,",
    "X1,2025-03-31,churn,-100000,Small",
    "A1,2025-04-01,price_increase,10000,",
    "A2,2025-05-01,upsell,20000,",
    "B1,2025-07-01,price_decrease,-5000,",
    "B2,2025-08-01,new,40000,",
    "B2,2025-11-15,cross_sell,8000,",
    "C1,2025-12-31,renewal,0,",
)


def test_quarters_on_paper():
    past = past_of(*YEAR)
    table = bridge(past).set_index("quarter")
    assert table.loc["Q1 2025"].to_dict() == {
        "opening": TINY_ARR + 30_000 + 100_000 - 10_000 - 20_000 + 5_000 - 48_000,
        "new": 0,
        "logos_lost": -100_000,
        "price_erosion": 0,
        "seats_given_up": -30_000,
        "price_increases": 0,
        "upsell": 0,
        "cross_sell": 0,
        "closing": TINY_ARR - 10_000 - 20_000 + 5_000 - 48_000,
    }
    assert table["closing"].tolist() == [1_327_000, 1_357_000, 1_392_000, TINY_ARR]
    assert table["new"].tolist() == [0, 0, 40_000, 0]
    logos = logo_bridge(past)
    assert logos[["opening", "new", "lost", "closing"]].to_numpy().tolist() == [
        [8, 0, 1, 7],
        [7, 0, 0, 7],
        [7, 1, 0, 8],
        [8, 0, 0, 8],
    ]
    rates = churn_rates(bridge(past), logos)
    assert rates["gross_churn"].tolist() == pytest.approx([130 / 1457, 0, 5 / 1357, 0])
    assert rates["net_churn"].tolist() == pytest.approx([130 / 1457, -30 / 1327, 5 / 1357, -8 / 1392])
    assert rates["logo_churn"].tolist() == pytest.approx([1 / 8, 0, 0, 0])


def test_retention_on_paper():
    table = retention_by_segment(past_of(*YEAR)).set_index("segment")
    total = table.loc["Total"]
    # B2 came within the year: neither its ARR nor its growth counts.
    assert (total["customers"], total["opening_arr"]) == (8, 1_457_000)
    assert total["grr"] == pytest.approx(1 - 135 / 1457)
    assert total["nrr"] == pytest.approx((1457 - 135 + 30) / 1457)
    assert total["logo_retention"] == pytest.approx(7 / 8)
    assert table.loc["Small", ["grr", "nrr", "logo_retention"]].tolist() == [0, 0, 0]
    assert np.isnan(table.loc["Small", "grr_error"])
    assert table.loc["Small", "grr_benchmark"] == band_of(100_000).grr
    assert total["nrr_gap"] == pytest.approx(total["nrr"] - total["nrr_benchmark"])


def test_a_short_history_has_no_year_to_look_back_on():
    assert retention_by_segment(past_of(*YEAR[2:])) is None


def test_standard_error_is_that_of_resampled_customers():
    past = sample_past("midmarket")
    total = retention_by_segment(past).iloc[-1]
    opening = past.arr_at(past.count - 4)
    lost = np.zeros(len(opening))
    names = np.array(EVENTS)[past.ledger.history.event]
    down = (past.quarter >= past.count - 4) & np.isin(names, ["churn", "contraction", "price_decrease"])
    np.add.at(lost, past.ledger.account[down], past.ledger.history.arr_change[down])
    rows = np.flatnonzero(opening > 0)
    random = np.random.Generator(np.random.PCG64(1))
    draws = random.choice(rows, size=(4000, len(rows)))
    spread = (lost[draws].sum(axis=1) / opening[draws].sum(axis=1)).std()
    assert total["grr_error"] == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_add_up_and_stand_near_the_benchmark(name):
    past = sample_past(name)
    assert past.labels == [f"Q{quarter} {year}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
    table, logos = bridge(past), logo_bridge(past)
    book = load_sample(name)
    assert table["closing"].iloc[-1] == pytest.approx(book.arr.sum())
    assert (logos["closing"].iloc[-1], logos["opening"].iloc[0]) == (
        len(book),
        int((past.ledger.opening_arr > 0).sum()),
    )
    retention = retention_by_segment(past)
    total, segments = retention.iloc[-1], retention.iloc[:-1]
    assert abs(total["grr_gap"]) < 0.015
    assert abs(total["nrr_gap"]) < 0.015
    assert segments["opening_arr"].sum() == pytest.approx(total["opening_arr"])
    assert (segments["opening_arr"] * segments["nrr"]).sum() == pytest.approx(total["opening_arr"] * total["nrr"])
    # From the bridge: NRR leaves out only what came in the year.
    assert total["opening_arr"] == pytest.approx(table["opening"].iloc[-4])


CHANGES = st.lists(
    st.tuples(st.sampled_from(["A1", "A2", "X1", "X2"]), st.sampled_from(EVENTS[2:]), st.integers(1, 50_000)),
    min_size=1,
    max_size=25,
)


@given(CHANGES, st.data())
@settings(max_examples=40)
def test_every_quarter_adds_up(changes, data):
    rows = []
    for account, event, size in changes:
        day = np.datetime64("2023-06-01") + data.draw(st.integers(0, 1000))
        sign = 0 if event == "renewal" else -1 if event in ("contraction", "price_decrease") else 1
        rows.append(f"{account},{day},{event},{sign * size},")
    past = past_of(*rows)
    table = bridge(past)
    parts = table[[name for name in LABELS if name not in ("opening", "closing")]].sum(axis=1)
    np.testing.assert_allclose(table["opening"] + parts, table["closing"], atol=1e-6)
    np.testing.assert_allclose(table["opening"][1:], table["closing"][:-1])
    assert table["closing"].iloc[-1] == pytest.approx(past.ledger.closing_arr.sum())
    assert 1 <= past.count <= 8
    for row in range(len(table)):
        bars = waterfall(table.iloc[row])
        assert (bars["start"].iloc[1:-1].to_numpy() == [bars["end"].iloc[0], *bars["end"].iloc[1:-2]]).all()
        assert bars["end"].iloc[-2] == pytest.approx(bars["end"].iloc[-1])
        assert (bars["start"].iloc[0] <= bars[["start", "end"]].to_numpy()).all()


def test_events_that_the_book_holds_already_count_in_the_last_quarter():
    past = past_of("A1,2025-12-01,upsell,100,", "A1,2026-02-01,upsell,50,")
    assert past.late == 1
    assert bridge(past)["upsell"].tolist() == [150]
    # But they bring no revenue in it: 100 for 31 of 92 days.
    arr = TINY_ARR - 150 + 100 * 31 / 92
    assert past_revenue(past)["revenue"].tolist() == pytest.approx([arr / 4])


@pytest.mark.parametrize(
    ("start", "label"), [("2025-10", "Q4 2025"), ("2024-01", "Q1 2024"), ("2025-11", "Nov-Jan 2026")]
)
def test_names_of_quarters(start, label):
    assert quarter_label(np.datetime64(start, "M")) == label


def test_past_revenue_is_that_of_every_single_day():
    past = sample_past("startup")
    arr = pd.Series(0.0, pd.date_range("2024-01-01", "2025-12-31"))
    history = past.ledger.history
    for when, change in zip(history.date, history.arr_change, strict=True):
        arr[pd.Timestamp(when)] += change
    daily = past.ledger.opening_arr.sum() + arr.cumsum()
    expected = daily.groupby(daily.index.to_period("Q")).mean() / 4
    np.testing.assert_allclose(past_revenue(past)["revenue"], expected)


def test_revenue_of_a_line_and_of_new_customers():
    flat = np.full((25, 3), 1200.0)
    np.testing.assert_allclose(quarterly(flat), 300.0)
    rising = np.arange(25.0)[:, None] * 12.0
    # The average of a line is its middle: after 1.5, 4.5, ... months.
    np.testing.assert_allclose(quarterly(rising)[:, 0], 12.0 * (1.5 + 3 * np.arange(8)) / 4)
    np.testing.assert_allclose(quarterly(flat, new_arr=36.0)[:, 0] - 300.0, 12.0 * (1.5 + 3 * np.arange(8)) / 4)


def test_the_forecast_is_the_engines():
    book, plan = tiny_book(), plan_preset("salary_spiffs")
    outcome = simulate(set_stage(book, plan, world_without_luck(), trials=64, n_months=24), plan)
    path = arr_path(outcome)
    assert path[0] == pytest.approx(book.arr.sum())
    np.testing.assert_allclose(path[-1], outcome.closing_arr)
    table = forecast(outcome, book)
    assert table["quarter"].tolist()[::7] == ["Q1 2026", "Q4 2027"]
    np.testing.assert_allclose(table["p5"], table["p95"])  # no luck, no band
    # Months 1 to 3 on paper: upsell of 86,016 halves each month ...
    month = np.cumsum([0, *(87_680 / 2 ** np.arange(1, 4))])
    cross = np.cumsum([0, *(81_920 / 2 ** np.arange(1, 4))])
    arr = TINY_ARR + month + cross
    arr[3] -= 48_000 + 12_000 + 2_000  # B2 leaves in month 3, with what it has bought, and buys nothing more in it
    assert table["mean"].iloc[0] == pytest.approx(((arr[1:] + arr[:-1]) / 2).sum() / 12)


def test_bands_hold_what_they_say():
    book, plan = load_sample("startup"), plan_preset("current_80_20")
    outcome = simulate(set_stage(book, plan, World(), trials=512, n_months=24), plan)
    revenue = quarterly(arr_path(outcome), 30_000)
    table = forecast(outcome, book, 30_000)
    for low, high, share in (("p5", "p95", 0.9), ("p10", "p90", 0.8), ("p25", "p75", 0.5)):
        inside = (revenue >= table[[low]].to_numpy()) & (revenue <= table[[high]].to_numpy())
        np.testing.assert_allclose(inside.mean(axis=1), share, atol=0.01)
    assert (np.diff(table[list(BANDS)].to_numpy(), axis=1) >= 0).all()
    mean, low, high = year_of(outcome, 1, 30_000)
    assert low < mean < high
    assert mean == pytest.approx(table["mean"].iloc[4:].sum())


def test_the_fan_opens_at_the_last_known_quarter():
    past = sample_past("startup")
    known = past_revenue(past)
    coming = pd.DataFrame({"quarter": ["Q1 2026"], "mean": [1.0], **{key: [2.0] for key in BANDS}})
    picture = revenue_picture(known, coming)
    hinge = picture[(picture["part"] == "forecast") & (picture["order"] == 7)].iloc[0]
    assert (hinge["p5"], hinge["p95"], hinge["revenue"]) == (known["revenue"].iloc[-1],) * 3
    assert picture["text"].iloc[-1] == "$2"
    assert revenue_picture(None, coming)["quarter"].tolist() == ["Q1 2026"]


def test_pictures_say_what_happened():
    past = past_of(*YEAR)
    table = bridge(past)
    assert waterfall_finding(table.iloc[0]) == "Q1 2025: ARR -$130k, most of it logos lost"
    flat = bridge(past_of(*YEAR[-1:])).iloc[0]
    assert waterfall_finding(flat) == "Q4 2025: ARR stayed at $1.40M"
    assert movements_finding(churn_rates(table, logo_bridge(past))) == "Expansion made up for 28 % of $135k lost"
    assert movements(table)["change"].sum() == pytest.approx(table["closing"].iloc[-1] - table["opening"].iloc[0])
    assert new_arr_pace(past) == 10_000


def test_the_book_alone():
    book, world = load_sample("midmarket"), World()
    table = from_book_alone(book, world).set_index("segment")
    total = table.loc["Total"]
    # The samples renew within the year, so that the published GRR is what is expected of them.
    assert total["due_12"] == total["arr"] == book.arr.sum()
    assert total["grr_expected"] == pytest.approx(total["grr_benchmark"], abs=0.001)
    assert total["renewal"] == pytest.approx(np.average(book.renewal_probability, weights=book.arr))
    assert total["accounts"] == len(book)
    later = replace(book, renewal_month=book.renewal_month + 12)
    total = from_book_alone(later, world).set_index("segment").loc["Total"]
    assert (total["due_12"], total["grr_expected"]) == (0, 1)
    assert np.isnan(total["renewal"])


def test_each_figure_of_the_bridge_has_its_definition():
    assert {name for name in LABELS.values() if "ARR" not in name} <= set(DEFINITIONS)
    assert all(text.endswith(".") for text in (*DEFINITIONS.values(), *MISSING))
    assert len(RETENTION_BY_ACV) == 6


def test_a_history_of_one_event_is_enough():
    history = read_history((HEADER + "A1,2026-05-01,upsell,5,").encode())
    assert isinstance(history, History)
    past = past_quarters(ledger(history, tiny_book()), tiny_book())
    assert past.labels == ["Q4 2025"]
    assert bridge(past)["closing"].tolist() == [TINY_ARR]

"""Luck in what is measured: how noisy a KPI is at its sample size, and how much of the pay on it is that noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from strategies import book_of, curves

from sim.book.schema import Book
from sim.decide.measures.luck import LITTLE, SHORT, chance_short, luck_in, luck_share, mostly_luck
from sim.engine import draws
from sim.engine.kpis import kpi_noise, kpi_sample
from sim.engine.portfolio import prepare
from sim.engine.run import Stage, set_stage, simulate
from sim.engine.state import FLOWS
from sim.plan.curve import pay_curve, payout, variance
from sim.plan.read import plan_preset
from sim.plan.schema import KPI_MEASURES, Component, Curve, Measure, Plan, Quota, Tier
from sim.problems import InputError
from sim.world.parameters import World, world_preset

LINE = pay_curve(Curve(), "bonus")
CLIFF = Curve(threshold=0.85, pay_at_threshold=0.5, tiers=(Tier(start=1.0, slope=2.0),), cap=2.0)
CURRENT = plan_preset("current_80_20")
NOBODY_RESPONDS = world_preset("sceptic").changed({"attrition": 0.0, "value_arr_limit": 0.0})


def on(measure: Measure, curve: Curve = CLIFF, *, target: float | None = None, period: str = "quarter") -> Plan:
    part = Component(name="K", measure=measure, weight=1.0, curve=curve, quota=Quota(target=target))
    return Plan(name=measure, variable_share=0.2, period=period, components=(part,))


def stage_of(book: Book, world: World = NOBODY_RESPONDS, trials: int = 64) -> Stage:
    return set_stage(book, CURRENT, world, trials=trials)


# --- the noise of a month's score ---------------------------------------------------------------------------


def test_noise_is_that_of_the_things_counted():
    """Two CSMs, the second with one account in two: each formula by hand."""
    book = replace(
        book_of(6, 2),
        csm=np.array([0, 0, 0, 0, 1, 1]),
        arr=np.array([100e3, 99_999.0, 250e3, 1e3, 100e3, 5e3]),
        tenure_months=np.array([11.9, 12.0, 0.0, 3.0, 24.0, 6.0]),
        nps=np.array([40.0, 40.0, 40.0, 40.0, -10.0, 30.0]),
    )
    world = World(
        nps_noise=6.0, nps_response_rate=3.0, value_reviews=6.0, acknowledgement_rate=0.8, utilisation_noise=0.07
    )
    portfolio = prepare(book, CURRENT, 12)
    found = dict(zip(KPI_MEASURES, kpi_noise(portfolio, world).T, strict=True))
    by_hand: dict[Measure, list[float]] = {
        "nps": [(36.0 + 75.0**2 / (4 * 0.25)) ** 0.5, (36.0 + 75.0**2 / (2 * 0.25)) ** 0.5],
        "adoption": [0.03, 0.03],
        "mbo": [0.25, 0.25],
        "value_acknowledged": [(0.16 / (2 * 0.5)) ** 0.5, (0.16 / (1 * 0.5)) ** 0.5],
        "training": [(0.09 / 4) ** 0.5, (0.09 / 2) ** 0.5],
        "time_to_onboard": [(0.1875 / (3 / 12)) ** 0.5, (0.1875 / (1 / 12)) ** 0.5],
        "utilisation": [0.07, 0.07],
    }
    for measure, expected in by_hand.items():
        assert found[measure] == pytest.approx(expected), measure


@pytest.mark.parametrize(
    ("measure", "mean"), [("value_acknowledged", 0.6), ("training", 0.2), ("time_to_onboard", 0.8)]
)
def test_a_year_of_noise_is_that_of_the_binomial(measure: Measure, mean: float):
    """Sum of the months against the exact law of as many yes and no as a year counts."""
    book = replace(book_of(20, 1), tenure_months=np.full(20, 3.0))
    names = {
        "value_acknowledged": "acknowledgement_rate",
        "training": "training_enrolment",
        "time_to_onboard": "onboarded_on_time",
    }
    world = World(value_arr_limit=0.0).changed({names[measure]: mean})
    portfolio = prepare(book, CURRENT, 12)
    a_year = 12 * kpi_sample(measure, portfolio, world)[0]
    exact = binom(round(a_year), mean).std() / round(a_year)
    monthly = kpi_noise(portfolio, world)[0, KPI_MEASURES.index(measure)]
    assert monthly / 12**0.5 == pytest.approx(exact)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (
            "value_acknowledged",
            "component 'K', value_acknowledged: has nothing to measure for CSM C001 (no account of $100k of ARR or "
            "more); lower the assumption `value_arr_limit`, or choose a plan without this component.",
        ),
        (
            "time_to_onboard",
            "component 'K', time_to_onboard: has nothing to measure for CSM C001 (no account in its first year); give "
            "`tenure_months` in the accounts file where it is missing, or choose a plan without this component.",
        ),
    ],
)
def test_a_csm_with_nothing_to_measure_is_named_with_the_way_out(measure: Measure, said: str):
    book = book_of(4, 2)
    book = replace(book, arr=np.where(book.csm == 0, 200e3, 50e3), tenure_months=np.where(book.csm == 0, 6.0, 24.0))
    stage = stage_of(book, World())
    for target in (None, 0.8):
        with pytest.raises(InputError) as caught:
            simulate(stage, on(measure, target=target))
        assert [str(problem) for problem in caught.value.problems] == [said]


def test_nobody_elses_accounts_change_a_csms_noise():
    whole = book_of(12, 3)
    fewer = replace(whole, tenure_months=np.where(whole.csm == 1, 40.0, whole.tenure_months))
    one, other = (kpi_noise(prepare(book, CURRENT, 12), World()) for book in (whole, fewer))
    assert np.array_equal(one[[0, 2]], other[[0, 2]])


# --- the variance of a payout -------------------------------------------------------------------------------


@settings(max_examples=60)
@given(curves(), st.floats(-0.5, 2.5), st.floats(0.02, 1.0))
def test_variance_of_a_payout_is_its_integral(curve: Curve, mean: float, sd: float):
    shape = pay_curve(curve, "bonus")
    z = (np.arange(200_000) + 0.5) / 10_000 - 10.0
    weight = np.exp(-0.5 * z * z)
    weight /= weight.sum()
    pays = payout(shape, mean + sd * z)
    expected = weight @ (pays - weight @ pays) ** 2
    assert variance(shape, mean, sd) == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_on_a_line_the_variance_is_that_of_attainment():
    assert variance(LINE, 5.0, 0.3) == pytest.approx(0.09)


# --- luck's share ---------------------------------------------------------------------------------------------


def test_on_a_line_luck_is_noise_over_noise_and_differences():
    found = luck_share(LINE, np.full(3, 9.0), np.array([0.05, 0.2, 0.6]), np.full(3, 0.2))
    assert found == pytest.approx([0.0025 / 0.0425, 0.5, 0.36 / 0.40], rel=1e-6)


@pytest.mark.parametrize("noise", [0.03, 0.1, 0.4])
def test_luck_on_a_curve_is_what_a_simulation_of_csms_finds(noise: float):
    rng = np.random.default_rng(7)
    shape = pay_curve(CLIFF, "bonus")
    true = rng.normal(0.97, 0.1, (20_000, 1))
    pays = payout(shape, true + noise * rng.standard_normal((20_000, 40)))
    expected = pays.var(axis=1, ddof=1).mean() / pays.var()
    found = luck_share(shape, np.array([0.97]), np.array([noise]), np.array([0.1]))
    assert found[0] == pytest.approx(expected, rel=0.02)


def test_where_nothing_moves_pay_there_is_no_share():
    flat = pay_curve(Curve(cap=0.5), "bonus")
    assert np.isnan(luck_share(flat, np.array([50.0]), np.array([0.1]), np.array([0.1])))[0]


def test_chance_to_be_paid_short_though_at_target():
    rng = np.random.default_rng(3)
    attained = 1.0 + 0.2 * rng.standard_normal(400_000)
    for curve in (Curve(), CLIFF, Curve(threshold=0.9), Curve(threshold=0.7, pay_at_threshold=0.9), Curve(cap=0.5)):
        shape = pay_curve(curve, "bonus")
        expected = np.mean(payout(shape, attained) < SHORT)
        assert chance_short(shape, np.array([0.2]))[0] == pytest.approx(expected, abs=4e-3), curve


@pytest.mark.parametrize("measure", KPI_MEASURES)
@pytest.mark.parametrize("period", ["month", "quarter", "year"])
def test_the_engine_scatters_pay_as_the_closed_form_says(measure: Measure, period: str):
    """One luck, with the measure's noise and without: without it nothing is left to vary, with it the closed form."""
    book = replace(book_of(8, 2), nps=np.linspace(30.0, 50.0, 8))
    stage = stage_of(book, trials=2048)
    still = replace(stage, field=stage.field._replace(kpi_sd=np.zeros_like(stage.field.kpi_sd)))
    plan = on(measure, period=period)
    windows = {"month": 12, "quarter": 4, "year": 1}[period]
    (luck,) = luck_in(stage, plan)
    exact = simulate(still, plan)
    assert exact.csm_pay.std(axis=1) == pytest.approx([0.0, 0.0], abs=1e-2)
    noisy = simulate(stage, plan)
    level = stage.field.kpi_mean[:, KPI_MEASURES.index(measure)]
    quota = np.full(2, level.mean())
    spread = variance(pay_curve(CLIFF, "bonus"), level / quota, luck.sd / quota)
    found = noisy.csm_pay.astype(np.float64).var(axis=1) / noisy.csm_target**2 * windows
    assert found == pytest.approx(spread, rel=0.13)  # a variance of 2,048 trials: four standard errors


def test_a_sample_that_is_enough_brings_luck_down_to_a_tenth():
    """On a line: 9 x (spread of one / real differences)^2; and with as many, luck is a tenth."""
    book = replace(book_of(470, 2), nps=np.full(470, 30.0))
    (luck,) = luck_in(stage_of(book, World()), on("nps", Curve()), 0.2)
    assert luck.enough == pytest.approx([9.0 * (75.0 / 6.0) ** 2] * 2, rel=0.01)
    asked_more = World(nps_response_rate=float(luck.enough[0] / luck.sample[0]))
    (then,) = luck_in(stage_of(book, asked_more), on("nps", Curve()), 0.2)
    assert then.share == pytest.approx([LITTLE] * 2)


def test_no_sample_is_enough_for_what_sampling_does_not_explain():
    noisy = stage_of(book_of(6, 2), World(nps_noise=20.0))
    assert np.isinf(luck_in(noisy, on("nps", Curve()))[0].enough).all()
    assert np.isnan(luck_in(noisy, on("mbo"))[0].enough).all()


def test_more_answers_are_less_luck_and_a_longer_window_is_too():
    stage, more = (stage_of(book_of(20, 2), World(nps_response_rate=rate)) for rate in (1.0, 4.0))
    few = luck_in(stage, on("nps", Curve()))[0]
    assert (luck_in(more, on("nps", Curve()))[0].sd * 2.0).tolist() == pytest.approx(few.sd.tolist())
    year = luck_in(stage, on("nps", Curve(), period="year"))[0]
    assert (year.sd * 2.0).tolist() == pytest.approx(few.sd.tolist())
    assert year.sample.tolist() == pytest.approx((4.0 * few.sample).tolist())
    assert (year.share < few.share).all()


def test_a_plan_that_pays_mostly_luck_is_told_and_no_other():
    stage = stage_of(book_of(20, 2), World())
    assert "of what varies in pay on K" in mostly_luck(stage, on("nps"))
    assert mostly_luck(stage, on("adoption")) == ""
    assert mostly_luck(stage, CURRENT) == ""


# --- training --------------------------------------------------------------------------------------------------


def test_training_makes_later_renewals_more_likely_and_only_later_ones():
    """Effort on training under a plan in force without any: nothing in the first month, then month by month more."""
    base = book_of(60, 2)
    monthly = replace(base, term_months=np.ones(60, dtype=np.int64), renewal_month=np.zeros(60, dtype=np.int64))
    world = World(training_effect=0.5, churn_cut=0.0, attrition=0.0)
    plan = on("training", Curve(), period="year")
    with_effect, without = (
        simulate(set_stage(monthly, CURRENT, changed, trials=256), plan)
        for changed in (world, world.changed({"training_effect": 0.0}))
    )
    lost, before = (outcome.flows[FLOWS.index("accounts_lost")].mean(axis=1) for outcome in (with_effect, without))
    assert lost[0] == before[0]
    saved = np.cumsum(before - lost)
    assert saved[2] > 0.0
    assert saved[11] > saved[5] > saved[2]


def test_training_counts_only_where_the_plan_pays_for_it():
    """Plans that pay on other KPIs buy no training, and a plan in force that does has its effect in the data."""
    world = World(training_effect=0.5)
    book = book_of(30, 2)
    idle = world.changed({"training_effect": 0.0})
    for plan in (on("adoption"), CURRENT):
        one, other = (simulate(set_stage(book, CURRENT, each, trials=64), plan) for each in (world, idle))
        assert np.array_equal(one.flows, other.flows)
    training = on("training", Curve())
    stage = set_stage(book, training, world.changed({"attrition": 0.0}), trials=256)
    still = set_stage(book, training, idle.changed({"attrition": 0.0}), trials=256)
    kept, known = (simulate(each, training).retained_arr.mean() for each in (stage, still))
    assert kept == pytest.approx(known, rel=2e-3)


def test_the_curve_by_sample_goes_through_the_csm_in_the_middle():
    stage = stage_of(book_of(17, 3), World())
    (luck,) = luck_in(stage, on("nps", Curve()))
    sizes, shares = luck.by_size
    middle = int(np.argsort(luck.enough, kind="stable")[1])
    assert np.interp(luck.sample[middle], sizes, shares) == pytest.approx(luck.share[middle], rel=0.02)
    assert np.interp(luck.enough[middle], sizes, shares) == pytest.approx(LITTLE, rel=0.05)
    assert (np.diff(shares) < 0.0).all()
    assert luck_in(stage, on("mbo"))[0].by_size.size == 0


def test_the_noise_of_the_first_kpis_is_drawn_as_before_there_were_others():
    book = book_of(4, 2)
    recipe = draws.luck(prepare(book, CURRENT, 12), 5, 0.0)
    numbers = range(len(KPI_MEASURES))
    expected = [[draws.stream_key(5, "kpi", f"{csm}/{number}") for number in numbers] for csm in book.team.csm_id]
    assert recipe.kpi_keys.reshape(2, -1).tolist() == expected
    assert KPI_MEASURES[:3] == ("nps", "adoption", "mbo")

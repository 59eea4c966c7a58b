"""The engine against closed forms, and the laws that hold whatever the numbers."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import kurtosis, norm
from strategies import book_of, plans, worlds

from sim.engine.outcome import Outcome
from sim.engine.run import set_stage, simulate
from sim.plan import PLAN_PRESETS, plan_preset
from sim.plan.curve import pay_curve, payout
from sim.plan.schema import Component, Curve, Measure, Plan, Quota, Tier
from sim.world.parameters import World, world_preset

TEST_CURVE = Curve(threshold=0.85, pay_at_threshold=0.5, tiers=(Tier(start=1.0, slope=2.0),), cap=2.0)
NO_RESPONSE = world_preset("sceptic")
RENEW_OR_LEAVE = NO_RESPONSE.changed(
    {"attrition": 0, "downsell_share": 0, "uplift_probability": 0, "upsell_arrivals": 0, "cross_sell_arrivals": 0}
)
"""Renewals are all that happens."""
CURRENT = Plan(
    name="current",
    variable_share=0.2,
    period="year",
    components=(
        Component(name="GRR", measure="gross_retention", weight=0.6, curve=TEST_CURVE),
        Component(name="Upsell", measure="upsell_bookings", weight=0.4, curve=Curve(threshold=0.5)),
    ),
)


def retention_plan(target: float) -> Plan:
    component = Component(
        name="GRR", measure="gross_retention", weight=1.0, quota=Quota(target=target), curve=TEST_CURVE
    )
    return Plan(name="GRR only", variable_share=0.2, period="year", components=(component,))


CURRENT_RETENTION = retention_plan(0.9)

# --- the eight-account book: exact by enumeration of its 256 outcomes ------------------------------------------

ARR = np.array([120.0, 80.0, 60.0, 40.0, 30.0, 20.0, 20.0, 10.0])
P = np.array([0.95, 0.9, 0.85, 0.92, 0.8, 0.9, 0.7, 0.88])
RENEWED = np.array(list(product([False, True], repeat=8)))
CHANCE = np.where(RENEWED, P, 1.0 - P).prod(axis=1)
KEPT = RENEWED @ ARR
PAY = payout(pay_curve(TEST_CURVE, "bonus"), KEPT / ARR.sum() / 0.9)


def test_the_eight_account_book_has_its_published_figures() -> None:
    mean = CHANCE @ KEPT
    assert mean == pytest.approx(338.6, abs=1e-10)
    assert np.sqrt(CHANCE @ (KEPT - mean) ** 2) == pytest.approx(45.949102, abs=5e-7)
    rate = KEPT / ARR.sum()
    assert CHANCE @ (rate >= 0.9) == pytest.approx(0.5929768368, abs=5e-11)
    assert CHANCE @ (rate >= 0.85) == pytest.approx(0.6884450424, abs=5e-11)
    assert abs(CHANCE @ PAY - 1.1020846747) < 5e-11


def test_the_engine_simulates_the_eight_account_book() -> None:
    trials = 20_032
    book = replace(book_of(8, 1), arr=ARR, renewal_probability=P)
    plan = retention_plan(0.9)
    stage = set_stage(book, plan, RENEW_OR_LEAVE.changed({"shock_rho": 0}), trials=trials)
    outcome = simulate(stage, plan)
    kept, pay = outcome.retained_arr, outcome.paid.sum(axis=(0, 1)) / outcome.csm_target.sum()
    assert set(np.round(kept)) <= set(KEPT)

    def within(found: np.ndarray, values: np.ndarray) -> bool:
        mean = CHANCE @ values
        error = np.sqrt(CHANCE @ (values - mean) ** 2 / trials)
        return abs(found.mean() - mean) < 4.0 * error

    for found, values in (
        (kept, KEPT),
        ((kept - CHANCE @ KEPT) ** 2, (KEPT - CHANCE @ KEPT) ** 2),
        (outcome.gross_retention >= 0.9 - 1e-9, KEPT >= 0.9 * 380.0),
        (outcome.gross_retention >= 0.85 - 1e-9, KEPT >= 0.85 * 380.0),
        (pay, PAY),
    ):
        assert within(np.asarray(found, dtype=float), np.asarray(values, dtype=float))


# --- the common shock ----------------------------------------------------------------------------------------


def churn_count_sd(rho: float, p: float = 0.1, n: int = 50) -> float:
    """Standard deviation of the number of churns under Vasicek's one factor: n renewals, all in one year."""
    edge = norm.ppf(p)

    def both(z: float) -> float:
        return float(norm.pdf(z) * norm.cdf((edge - np.sqrt(rho) * z) / np.sqrt(1.0 - rho)) ** 2)

    two = quad(both, -9.0, 9.0, epsabs=1e-13, limit=200)[0]
    return float(np.sqrt(n * p * (1.0 - p) + n * (n - 1) * (two - p * p)))


@pytest.mark.parametrize(
    ("rho", "published"), [(0.0, 2.1213), (0.01, 2.2936), (0.02, 2.4564), (0.05, 2.9032), (0.10, 3.5598)]
)
def test_the_common_shock_spreads_the_churn_count(rho: float, published: float) -> None:
    expected = churn_count_sd(rho)
    assert expected == pytest.approx(published, abs=5e-5)
    trials = 20_032
    book = replace(book_of(50, 5), renewal_probability=np.full(50, 0.9), renewal_month=np.zeros(50, dtype=np.int64))
    stage = set_stage(book, CURRENT_RETENTION, RENEW_OR_LEAVE.changed({"shock_rho": rho}), trials=trials, n_months=1)
    count = simulate(stage, CURRENT_RETENTION).total("accounts_lost")
    error_of_mean = expected / np.sqrt(trials)
    assert abs(count.mean() - 5.0) < 4.0 * error_of_mean
    error_of_sd = expected * np.sqrt((kurtosis(count, fisher=False) - 1.0) / (4.0 * trials))
    assert abs(count.std(ddof=1) - expected) < 4.0 * error_of_sd


# --- the anchor: the data's probabilities hold the effort that the plan in force buys -------------------------


def test_under_the_plan_in_force_each_account_renews_as_often_as_its_data_say() -> None:
    trials = 4096
    book = book_of(60, 60, seed=3)
    stage = set_stage(book, CURRENT_RETENTION, World(downsell_share=0.0), trials=trials)
    lost = simulate(stage, CURRENT_RETENTION).csm_lost > 0.0
    p = stage.portfolio.renewal_probability
    z = (1.0 - lost.mean(axis=1) - p) / np.sqrt(p * (1.0 - p) / trials)
    assert np.abs(z).max() < norm.isf(1e-3 / 60)
    assert abs(z.mean()) < 4.0 / np.sqrt(60)


def assert_near(found: np.ndarray, expected: float) -> None:
    """The mean over trials is the expected one, within 4 standard errors."""
    assert abs(found.mean() - expected) < 4.0 * found.std(ddof=1) / np.sqrt(len(found))


def test_under_the_plan_in_force_the_team_does_as_forecast() -> None:
    stage = set_stage(book_of(500, 20), CURRENT, World(), trials=2048)
    outcome, forecast = simulate(stage, CURRENT), stage.forecast
    assert_near(outcome.total("accounts_lost"), forecast.accounts_lost.sum())
    assert_near(outcome.expansion_arr, (forecast.upsell + forecast.cross_sell).sum())
    # The forecast is of today's ARR: of the year's expansion, too, some is lost again.
    assert 0.0 < outcome.lost_arr.mean() - forecast.loss.sum() < 0.01 * outcome.opening_arr


def test_under_the_plan_in_force_gross_retention_is_as_forecast() -> None:
    nothing_sold = World(upsell_arrivals=0.0, cross_sell_arrivals=0.0, uplift_probability=0.0)
    stage = set_stage(book_of(500, 20), CURRENT_RETENTION, nothing_sold, trials=2048)
    expected = 1.0 - stage.forecast.loss.sum() / stage.portfolio.opening_arr
    assert_near(simulate(stage, CURRENT_RETENTION).gross_retention, expected)


def test_under_the_plan_in_force_csms_leave_at_the_rate_assumed() -> None:
    """Eighteen in a hundred a year; a seat is empty for three months before it can be left again."""
    chance, staffed, leavers = 1.0 - 0.82 ** (1.0 / 12.0), 1.0, [0.0] * 4
    for month in range(12):
        staffed += leavers[month]
        leavers.append(chance * staffed)
        staffed -= leavers[-1]
    stage = set_stage(book_of(40, 20), CURRENT, World(attrition=0.18, vacancy_months=3.0), trials=2048)
    assert_near(simulate(stage, CURRENT).total("leavers"), 20.0 * sum(leavers))


# --- laws ----------------------------------------------------------------------------------------------------


def test_a_candidate_equal_to_the_plan_in_force_changes_exactly_nothing() -> None:
    stage = set_stage(book_of(60, 5), CURRENT, World(response_spread=1.0, pull_share=0.2))
    one = simulate(stage, CURRENT)
    other = simulate(stage, Plan.model_validate(CURRENT.model_dump()).model_copy(update={"name": "a candidate"}))
    for name in ("flows", "paid", "effort", "csm_pay", "csm_lost", "csm_expansion", "attainment", "csm_target"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert not np.any(one.plan_cost - other.plan_cost)


def recurved(plan: Plan, **update: object) -> Plan:
    """The plan with its curves changed; a SPIF has none."""

    def changed(component: Component) -> Component:
        if component.kind == "spif":
            return component
        curve = Curve.model_validate(component.curve.model_dump() | update)
        return component.model_copy(update={"curve": curve})

    return plan.model_copy(update={"components": tuple(changed(component) for component in plan.components)})


FIXED = book_of(12, 3, terms=(3, 12), spacious=True)


def at_fixed_outcomes(plan: Plan, *others: Plan) -> list[Outcome]:
    """Runs in a world without any response, so that plans differ in pay only."""
    stage = set_stage(FIXED, plan, NO_RESPONSE.changed({"attrition": 0.4}), trials=256, n_months=15)
    return [simulate(stage, each) for each in (plan, *others)]


def without_guarantees(plan: Plan) -> Plan:
    """A guarantee tops up single payments, so with a true-up later pay can make up for less before, and more."""
    return plan.model_copy(update={"ramp_guarantee": 0.0} if plan.true_up else {})


@given(plans(explicit=True).map(without_guarantees), st.floats(1.0, 3.0))
@settings(deadline=None, max_examples=40)
def test_law_8_a_cap_never_raises_cost(plan: Plan, height: float) -> None:
    free = recurved(plan, cap=None)
    uncapped_run, capped_run = at_fixed_outcomes(free, recurved(plan, cap=height))
    assert np.all(capped_run.plan_cost <= uncapped_run.plan_cost + 1e-6)


@given(plans(explicit=True).map(without_guarantees), st.tuples(st.floats(0.05, 0.9), st.floats(0.05, 0.9)))
@settings(deadline=None, max_examples=40)
def test_law_8_a_higher_threshold_never_raises_pay(plan: Plan, thresholds: tuple[float, float]) -> None:
    """Where nothing is paid above target: beyond it, the steeper line of a higher threshold pays more."""
    low, high = sorted(thresholds)
    easy, hard = (recurved(plan, threshold=threshold, tiers=(), cap=1.0) for threshold in (low, high))
    easy_run, hard_run = at_fixed_outcomes(easy, hard)
    assert np.all(hard_run.variable_pay <= easy_run.variable_pay + 1e-6)
    assert np.all(hard_run.csm_pay <= easy_run.csm_pay * (1.0 + 1e-6) + 1e-2)


@pytest.mark.parametrize("measure", ["gross_retention", "net_retention", "logo_retention", "upsell_bookings", "nps"])
def test_law_8_pay_never_falls_as_attainment_rises(measure: Measure) -> None:
    component = Component(name="one", measure=measure, weight=1.0, curve=TEST_CURVE)
    plan = Plan(name="one", variable_share=0.2, period="year", components=(component,))
    outcome = simulate(set_stage(book_of(12, 3), plan, World(attrition=0.0)), plan)
    for attainment, pay in zip(outcome.attainment[:, 0], outcome.csm_pay, strict=True):
        order = np.argsort(attainment)
        rises = np.diff(attainment[order]) > 1e-6
        assert np.all(np.diff(pay[order])[rises] >= -1e-2)
        assert pay.min() < pay.max()


OUTCOMES = ("churn", "contraction", "erosion", "uplift", "upsell", "cross_sell", "accounts_lost", "leavers", "staffed")


def assert_only_pay_differs(plan: Plan, world: World) -> None:
    response = ("kappa_expansion", "churn_cut", "kappa_kpi", "training_effect", "attrition_response", "pull_share")
    blind = dict.fromkeys(response, 0.0)
    stage = set_stage(FIXED, CURRENT_RETENTION, world.changed(blind), trials=256, n_months=15)
    one, other = (simulate(stage, each) for each in (CURRENT_RETENTION, plan))
    for name in OUTCOMES:
        assert one.monthly(name).tobytes() == other.monthly(name).tobytes(), name
    assert one.csm_lost.tobytes() == other.csm_lost.tobytes()
    assert one.csm_expansion.tobytes() == other.csm_expansion.tobytes()
    assert np.any(one.plan_cost != other.plan_cost)


@given(plans(explicit=True), worlds())
@settings(deadline=None, max_examples=40)
def test_law_9_where_pay_buys_nothing_outcomes_are_the_same_under_every_plan(plan: Plan, world: World) -> None:
    assert_only_pay_differs(plan, world)


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_law_9_holds_for_every_preset(preset: str) -> None:
    assert_only_pay_differs(plan_preset(preset), World())

"""The effort chosen: closed forms, brute force on random curves, and the tables that it is read from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from one_csm import Floats, bent, chosen, line, overlap_matrix, tables, utility
from scipy.optimize import minimize_scalar
from validation import is_held

from sim.book.samples import load_sample
from sim.engine.compile import SHARPEST, compile_plan
from sim.engine.forecast import CROSS_SELL, RETENTION, UPSELL
from sim.engine.incentive import GRID
from sim.engine.response import SWEEPS
from sim.engine.run import set_stage, simulate
from sim.plan.curve import PayCurve, expected, marginal, marginal_slope, pay_curve
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Component, Curve, Plan, Quota, Tier
from sim.world.parameters import World

EFFORTS = np.linspace(0.0, 3.0, 601)
REFERENCE_RETENTION = Curve(threshold=0.85)
REFERENCE = Plan(
    name="the reference plan of the model",
    variable_share=0.2,
    period="year",
    components=(
        Component(
            name="GRR",
            measure="gross_retention",
            weight=0.6,
            quota=Quota(rule="risk_adjusted"),
            curve=REFERENCE_RETENTION,
        ),
        Component(name="Upsell", measure="upsell_bookings", weight=0.4, quota=Quota(rule="white_space")),
    ),
)


# --- the units of effort ---------------------------------------------------------------------------------------


def test_reference_plan_is_worth_one_unit_of_effort_in_every_month_to_every_csm() -> None:
    stage = set_stage(load_sample("startup"), REFERENCE, World(), trials=64)
    terms = compile_plan(REFERENCE, stage.portfolio, stage.forecast, stage.world, stage.anchor)
    something_due = terms.pull[:, :, 0, RETENTION] > 0.0
    assert something_due.any()
    assert terms.pull[:, :, 0, RETENTION][something_due] / 0.15 == pytest.approx(1.0)
    assert terms.pull[:, :, 1, UPSELL] == pytest.approx(1.0)
    assert terms.pull[:, :, 1, CROSS_SELL].tolist() == np.zeros_like(terms.pull[:, :, 1, CROSS_SELL]).tolist()


def test_reference_plan_buys_one_unit_of_each_task() -> None:
    found = chosen([line(1.0)] * 2, np.ones((2, 5)), [0.1, 0.1], np.eye(2) * 0.1, [1.0, 1.0], 0.1, overlap=0.3)
    assert found == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("skill", [0.7, 1.3])
def test_reference_plan_buys_one_unit_from_anybody(skill: float) -> None:
    assert chosen([line(1.0)], [[1.0]], [0.1], [[0.1]], [1.0], 0.1, skill=skill) == pytest.approx(1.0, abs=1e-6)


def test_salary_buys_none() -> None:
    stage = set_stage(load_sample("startup"), REFERENCE, World(), trials=64)
    assert simulate(stage, Plan(name="salary", variable_share=0.0)).effort.max() == 0.0
    assert stage.anchor[:, :, UPSELL].min() > 0.5  # the plan in force does buy some


def test_all_the_weight_on_retention_buys_more_than_twice_the_reference_and_no_upsell() -> None:
    """(1 + g) / 0.6 of retention: the weight it had under the reference plan was 0.6."""
    found = chosen([line(1.0)] * 2, np.ones((2, 1)), [0.1, 0.1], np.eye(2) * 0.1, [1.0 / 0.6, 0.0], 0.1, overlap=0.3)
    assert found[:, 0] == pytest.approx([1.3 / 0.6, 0.0], abs=1e-6)


# --- linear contracts ------------------------------------------------------------------------------------------

slopes = st.floats(0.0, 3.0)


@given(st.lists(st.floats(0.2, 2.0), min_size=1, max_size=3), st.floats(0.0, 0.3), st.floats(0.02, 0.3))
def test_linear_contract_for_several_tasks(worth: list[float], overlap: float, cost: float) -> None:
    """e = G^-1 s / c (Holmstrom & Milgrom 1991), as far as so few sweeps of Gauss-Seidel get from the guess e = 1."""
    n = len(worth)
    best = np.linalg.solve(overlap_matrix(n, overlap), np.array(worth))
    assume(best.min() > 0.0 and best.max() < 3.0)
    found = chosen([line(1.0)] * n, np.ones((n, 1)), np.full(n, 0.1), np.eye(n) * cost, worth, cost, overlap=overlap)
    # A task's error after a sweep is at most g times those of the tasks before (new) and after (old).
    ones = np.full((n, n), overlap)
    shrink = np.linalg.solve(np.eye(n) - np.tril(ones, -1), np.triu(ones, 1))
    left = np.linalg.matrix_power(shrink, SWEEPS) @ np.abs(1.0 - best)
    assert (np.abs(found[:, 0] - best) <= left + 1e-5).all()


def test_two_tasks_at_the_default_overlap_settle_to_half_a_percent_of_the_reference() -> None:
    worth = [0.8, 1.5]
    best = np.linalg.solve(overlap_matrix(2, World().task_overlap), worth)
    found = chosen(
        [line(1.0)] * 2, np.ones((2, 1)), [0.1, 0.1], np.eye(2) * 0.1, worth, 0.1, overlap=World().task_overlap
    )
    assert found[:, 0] == pytest.approx(best, abs=0.005)


@given(slopes, st.floats(0.5, 1.0), st.floats(1.0, 5.0))
def test_present_bias_and_the_most_effort(slope: float, bias: float, most: float) -> None:
    found = chosen([line(slope)], [[1.0]], [0.1], [[0.1]], [1.0], 0.1, bias=bias, most=most)
    assert found == pytest.approx(min(bias * slope, most), abs=1e-5)


@pytest.mark.parametrize(
    ("theta", "risk", "cost", "sigma"), [(1.0, 1.0, 1.0, 1.0), (1.2, 2.0, 0.8, 0.6), (0.7, 0.5, 1.5, 1.0)]
)
def test_the_optimal_share_trades_effort_against_risk(theta: float, risk: float, cost: float, sigma: float) -> None:
    """s* = theta^2 / (theta^2 + r c sigma^2) (Holmstrom & Milgrom 1987), with the engine's effort as the agent.

    Under a line the response does not depend on risk aversion: the risk of a line is the same at every effort.
    """

    def effort(share: float, risk_aversion: float) -> float:
        reach = [[theta]]
        return float(chosen([line(share)], [[0.0]], [sigma], reach, [1.0], cost, risk_aversion=risk_aversion)[0, 0])

    def loss(share: float) -> float:
        e = effort(share, risk)
        return -(theta * e - cost * e**2 / 2.0 - risk * share**2 * sigma**2 / 2.0)

    assert effort(0.5, risk) == pytest.approx(effort(0.5, 0.0), abs=1e-5)
    best = minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-8}).x
    assert best == pytest.approx(theta**2 / (theta**2 + risk * cost * sigma**2), abs=1e-4)


# --- brute force -----------------------------------------------------------------------------------------------


@st.composite
def curves(draw: st.DrawFn) -> PayCurve:
    lump = draw(st.one_of(st.just(0.0), st.floats(0.0, 1.0)))
    cap = draw(st.one_of(st.none(), st.floats(1.0, 2.5)))
    tiers = (Tier(start=1.0, slope=draw(slopes)),)
    threshold = draw(st.floats(0.0, 0.95))
    curve = pay_curve(Curve(threshold=threshold, pay_at_threshold=lump, tiers=tiers, cap=cap), "bonus")
    assume(curve.knots[-1] <= 3.0)  # see the test of caps out of reach
    return curve


@settings(deadline=None)
@given(curves(), st.floats(0.8, 1.2), st.floats(0.03, 0.3), st.floats(0.005, 0.2), st.floats(0.2, 2.0))
def test_where_incentives_change_slowly_the_choice_is_the_best(
    curve: PayCurve, forecast: float, sd: float, reach: float, worth: float
) -> None:
    """One task. The marginal pay rises by at most 0.3, and falls by at most 1, per unit of effort: U has one peak."""
    cost = reach  # so that theta = worth x marginal pay
    bend = worth * reach * marginal_slope(curve, forecast + reach * EFFORTS, sd)
    assume(bend.max() < 0.3 and bend.min() > -1.0)
    case = ([sd], [[reach]], [worth], cost)
    found = chosen([curve], [[forecast]], *case)[:, 0]
    best = EFFORTS[utility([curve], [forecast], *case, EFFORTS[:, None]).argmax()]
    assert found[0] == pytest.approx(best, abs=0.06)


def _random_curve(rng: np.random.Generator) -> PayCurve:
    lump, cap = rng.choice([0.0, rng.uniform()]), rng.choice([None, rng.uniform(1.0, 2.5)])
    tiers = (Tier(start=1.0, slope=rng.uniform(0.0, 3.0)),)
    curve = Curve(threshold=rng.uniform(0.0, 0.95), pay_at_threshold=lump, tiers=tiers, cap=cap)
    return pay_curve(curve, "bonus")


def _misses(n_tasks: int, kappa: float, cases: int) -> tuple[float, float]:
    """Share of random CSMs whose effort is more than 0.1 off the best; utility lost over what effort could gain.

    They stand anywhere in a year, around the pace of a quota that effort 1 reaches, with noise of 0.2 to 0.45 a month.
    """
    rng = np.random.default_rng(1)
    grid = np.linspace(0.0, 3.0, 301 if n_tasks == 1 else 61)
    efforts = np.stack(np.meshgrid(*[grid] * n_tasks, indexing="ij"), axis=-1)
    quota = 12.0 * (1.0 + kappa)
    off, lost, possible = 0, 0.0, 0.0
    for _ in range(cases):
        left = rng.integers(1, 13)
        pays = [_random_curve(rng) for _ in range(n_tasks)]
        to_date = rng.normal(1.0, 0.15, n_tasks).clip(min=0.0) * (12 - left) / 12
        sd = np.maximum(0.02, np.sqrt(left) * rng.uniform(0.2, 0.45, n_tasks) / quota)
        forecast = to_date + left / quota
        shared = (sd, np.eye(n_tasks) * left * kappa / quota, np.full(n_tasks, quota), left * kappa)
        found = chosen(pays, forecast[:, None], *shared, overlap=0.3)[:, 0]
        values = utility(pays, forecast, *shared, efforts, overlap=0.3)
        reached = float(utility(pays, forecast, *shared, found, overlap=0.3))
        best = np.unravel_index(values.argmax(), values.shape)
        off += bool(np.abs(found - efforts[best]).max() > 0.1)
        lost += max(values[best] - reached, 0.0)
        possible += values[best] - values[(0,) * n_tasks]
    return off / cases, lost / possible


@pytest.mark.parametrize(("kappa", "response"), [(0.1, "default response"), (0.2, "twice the response")])
@pytest.mark.parametrize(("n_tasks", "tasks", "cases"), [(1, "one task", 1500), (2, "two tasks", 500)])
def test_how_often_the_sweeps_miss_near_cliffs(
    n_tasks: int, tasks: str, cases: int, kappa: float, response: str
) -> None:
    """Cliffs and kinks within reach: several optima, and few sweeps. What it costs, on plans far wilder than usual."""
    off, lost = _misses(n_tasks, kappa, cases)
    assert is_held(f"more than 0.1 off: {tasks}, {response}", off)
    assert is_held(f"benefit of effort lost: {tasks}, {response}", lost)


@settings(deadline=None)
@given(slopes, slopes, st.floats(0.6, 1.4), st.floats(0.03, 0.2), st.floats(0.0, 0.9))
def test_a_steeper_line_never_buys_less_of_its_task(
    first: float, second: float, forecast: float, sd: float, overlap: float
) -> None:
    flat, steep = sorted((first, second))
    other = pay_curve(REFERENCE_RETENTION, "bonus")
    shared = ([[forecast]] * 2, [sd, sd], np.eye(2) * 0.05, [1.0, 0.15], 0.05)
    less, more = (chosen([line(slope), other], *shared, overlap=overlap)[:, 0] for slope in (flat, steep))
    assert more[0] >= less[0] - 1e-6
    assert more[1] <= less[1] + 1e-6  # and never more of the task it competes with


@settings(deadline=None)
@given(slopes, slopes, st.floats(0.6, 1.4), st.floats(0.05, 0.2))
def test_a_steeper_accelerator_never_buys_less(first: float, second: float, forecast: float, sd: float) -> None:
    flat, steep = sorted((first, second))
    less, more = (
        chosen([bent((0.0, 1.0), (1.0, slope))], [[forecast]], [sd], [[0.05]], [1.0], 0.05)[0, 0]
        for slope in (flat, steep)
    )
    assert more >= less - 1e-6


# --- tables ----------------------------------------------------------------------------------------------------


def _between(curve: Callable[[Floats], Floats], points: Floats) -> tuple[Floats, Floats]:
    """Largest error of linear interpolation in the middle of each cell, and the bound h^2 / 8 max |f''| on it."""
    step = points[1] - points[0]
    fine = np.linspace(points[0], points[-1], 20 * (len(points) - 1) + 1)
    bend = np.abs(np.diff(curve(fine), 2)).max() / (fine[1] - fine[0]) ** 2
    middle = (points[1:] + points[:-1]) / 2.0
    straight = (curve(points)[1:] + curve(points)[:-1]) / 2.0
    return np.abs(straight - curve(middle)).max(), bend * step**2 / 8.0


@settings(deadline=None)
@given(curves(), st.floats(0.02, 0.4))
def test_tables_hold_the_closed_forms(curve: PayCurve, sd: float) -> None:
    """At the points of the table to 5 digits; between them within the error of interpolation on this grid."""
    table = tables([curve], [sd])
    low, per_step = table.low[0, 0, 0], table.per_step[0, 0, 0]
    points = low + np.arange(GRID) / per_step
    assert points[0] <= curve.knots[0] - 4.9 * sd
    assert points[-1] >= curve.knots[-1] + 4.9 * sd
    value, slope = table.value[0, 0, 0].astype(float), table.slope[0, 0, 0].astype(float)
    assert value == pytest.approx(expected(curve, points, sd), abs=1e-5 * np.abs(value).max() + 1e-6)
    assert slope == pytest.approx(marginal(curve, points, sd), abs=3e-5 * np.abs(slope).max() + 1e-6)
    for form in (expected, marginal):
        error, bound = _between(lambda x, form=form: form(curve, x, sd), points)
        assert error <= 1.05 * bound + 1e-9


def test_interpolation_errs_little_at_the_sharpest_forecast() -> None:
    """Every component of every preset, seen with the least uncertainty that a CSM can have; the worst has a cliff."""
    worst = 0.0
    for component in (part for name in PLAN_PRESETS for part in plan_preset(name).components):
        curve = pay_curve(component.curve, component.kind)
        table = tables([curve], [SHARPEST])
        points = table.low[0, 0, 0] + np.arange(GRID) / table.per_step[0, 0, 0]
        fine = np.linspace(points[0], points[-1], 20_001)
        for numbers, form in ((table.value, expected), (table.slope, marginal)):
            exact = form(curve, fine, SHARPEST)
            error = np.abs(np.interp(fine, points, numbers[0, 0, 0]) - exact)
            worst = max(worst, float(error.max() / exact.max()))
    assert is_held("worst error of an incentive table over all presets, of its peak", worst)


def test_a_cap_out_of_reach_does_not_blur_the_table() -> None:
    """A tenth of the slope above quota meets a cap of 300 % at 21 times quota; nobody gets there."""
    curve = pay_curve(Curve(tiers=(Tier(start=1.0, slope=0.1),), cap=3.0), "bonus")
    assert curve.knots[-1] == pytest.approx(21.0)
    table = tables([curve], [0.05])
    points = table.low[0, 0, 0] + np.arange(GRID) / table.per_step[0, 0, 0]
    near = np.linspace(0.8, 1.2, 401)
    read = np.interp(near, points, table.slope[0, 0, 0])
    assert read == pytest.approx(marginal(curve, near, 0.05), abs=0.03)


def test_risk_aversion_takes_the_slope_of_half_the_variance_off() -> None:
    """Mean less half the variance of pay, the variance by the delta method; its slope by differences."""
    curve, sd, risk = bent((0.85, 3.0), (1.0, 6.0), (1.2, 0.0)), 0.1, 0.7
    table = tables([curve], [sd], risk)
    points = table.low[0, 0, 0] + np.arange(GRID) / table.per_step[0, 0, 0]

    def worth(x: Floats) -> Floats:
        return expected(curve, x, sd) - risk / 2.0 * (sd * marginal(curve, x, sd)) ** 2

    slope = (worth(points + 1e-5) - worth(points - 1e-5)) / 2e-5
    assert table.slope[0, 0, 0] == pytest.approx(slope, abs=1e-3)

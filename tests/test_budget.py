"""Budget fit: parts and months add up, exact odds on a small book, levers solved for, closed forms of attainment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from strategies import book_of, books, plans, worlds
from test_engine_oracles import ARR, CHANCE, PAY, RENEW_OR_LEAVE, P, retention_plan

from sim.book.samples import load_sample
from sim.book.schema import Book
from sim.decide.budget import basis, events, level
from sim.decide.budget.fit import fit, is_over, paired_fit, sentence
from sim.decide.budget.parts import PARTS, accrued, cash, month_table, parts_table
from sim.decide.budget.solve import solution_sentence, solvable, solve
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, set_stage, simulate
from sim.plan import PLAN_PRESETS, plan_preset
from sim.plan.curve import expected
from sim.plan.levers import lever_value, with_lever
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.world.parameters import World

CURRENT = plan_preset("current_80_20")
RICHER = with_lever(CURRENT, "variable_share", 0.3)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return set_stage(load_sample("startup"), CURRENT, World(), trials=512)


@pytest.fixture(scope="module")
def pair(stage: Stage) -> tuple[Outcome, Outcome]:
    return simulate(stage, RICHER), simulate(stage, CURRENT)


def usual(pair: tuple[Outcome, Outcome]) -> float:
    return basis.usual_budget(pair[1].plan_cost)


# --- parts and months ---------------------------------------------------------------------------------


def assert_adds_up(outcome: Outcome) -> None:
    cost = outcome.plan_cost
    near = {"rtol": 1e-9, "atol": 1e-6}
    amounts = np.array([amount(outcome) for _, amount in PARTS.values()])
    np.testing.assert_allclose(amounts.sum(axis=0), cost, **near)
    assert np.all(amounts >= -1e-6)
    for months in (cash(outcome), accrued(outcome)):
        np.testing.assert_allclose(months.sum(axis=0), cost, **near)
    assert np.all(np.cumsum(accrued(outcome) - cash(outcome), axis=0) >= -1e-5), "never paid before it is earned"


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_parts_and_months_add_up_to_the_cost_in_every_trial(preset: str, stage: Stage) -> None:
    assert_adds_up(simulate(stage, plan_preset(preset)))


@given(books(), plans(), worlds(), st.integers(1, 36))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_they_do_on_any_book_plan_and_world(book: Book, plan: Plan, world: World, n_months: int) -> None:
    try:
        assert_adds_up(simulate(set_stage(book, plan, world, trials=64, n_months=n_months), plan))
    except InputError:
        reject()


def test_the_tables_show_the_same(pair: tuple[Outcome, Outcome]) -> None:
    candidate, current = pair
    table = parts_table(candidate, current).set_index("part")
    assert table.loc["Plan cost", "candidate"] == pytest.approx(candidate.plan_cost.mean())
    assert table.loc["Plan cost", "difference"] == pytest.approx((candidate.plan_cost - current.plan_cost).mean())
    months = month_table(candidate)
    assert months["cash"].sum() == pytest.approx(candidate.plan_cost.mean())
    assert months["accrued"].sum() == pytest.approx(candidate.plan_cost.mean())
    assert np.all(months["owed"].to_numpy()[2::3] < 1e-6), "nothing is owed after a quarter's payday"
    assert np.all(months["owed"].to_numpy()[1::3] > 0.0)


# --- the chance to break a budget ---------------------------------------------------------------------


def test_the_chance_is_that_of_the_exact_convolution() -> None:
    """Eight accounts, one CSM, pay on retention alone: the cost takes at most 256 values, each with a known chance."""
    trials = 20_032
    book = replace(book_of(8, 1), arr=ARR, renewal_probability=P)
    plan = retention_plan(0.9)
    stage = set_stage(book, plan, RENEW_OR_LEAVE.changed({"shock_rho": 0.0}), trials=trials)
    outcome = simulate(stage, plan)
    exact = (1.0 + outcome.on_cost_rate) * (outcome.csm_base.sum() + outcome.csm_target.sum() * PAY)
    for share in (0.0, 0.7, 1.0, 1.3, 1.6, 2.0):
        budget = (1.0 + outcome.on_cost_rate) * (outcome.csm_base.sum() + outcome.csm_target.sum() * share) + 1.0
        found, odds = fit(outcome.plan_cost, budget), float(CHANCE @ (exact > budget))
        assert found.over == pytest.approx(odds, abs=4.0 * np.sqrt(odds * (1.0 - odds) / trials) + 1e-12)
        if odds > 0.0:
            excess = float(CHANCE @ np.maximum(exact - budget, 0.0)) / odds
            spread = np.sqrt(CHANCE @ np.where(exact > budget, (exact - budget - excess) ** 2, 0.0) / odds)
            assert found.overrun == pytest.approx(excess, abs=4.0 * spread / np.sqrt(odds * trials) + 0.01)
    order = np.argsort(exact)
    cumulated = np.cumsum(CHANCE[order])
    for q, value in ((0.5, found.p50), (0.8, found.p80), (0.9, found.p90), (0.95, found.p95)):
        around = exact[order][np.searchsorted(cumulated, (q - 0.015, q + 0.015)).clip(max=255)]
        assert around[0] - 0.01 <= value <= around[1] + 0.01
    assert found.reserve == found.p90 - found.p50


def test_the_figures_of_a_short_list() -> None:
    """Ten trials that cost 1 to 10, on a budget of 8: two are over, by 1 and by 2; what meets the budget is within."""
    found = fit(np.arange(1.0, 11.0), 8.0)
    assert (found.over, found.overrun, found.p50, found.mean) == (0.2, 1.5, 5.5, 5.5)
    assert found.over_low < 0.2 < found.over_high
    nothing = fit(np.arange(1.0, 11.0), 10.0)
    assert (nothing.over, nothing.overrun, nothing.over_low) == (0.0, 0.0, 0.0)


def test_the_interval_holds_the_chance_as_often_as_it_says() -> None:
    """Wilson's 90 % interval, on 400 batches of 50 draws."""
    cost = np.random.default_rng(1).normal(size=(400, 50))
    held = sum(one.over_low <= 0.2 <= one.over_high for one in (fit(row, 0.8416) for row in cost))
    assert held / 400.0 == pytest.approx(0.9, abs=0.06)


def test_both_plans_are_compared_on_the_same_luck(pair: tuple[Outcome, Outcome]) -> None:
    candidate, current = pair
    budget = usual(pair)
    found = paired_fit(candidate, current, budget)
    assert found.gap == pytest.approx(found.candidate.over - found.current.over)
    apart = np.sqrt(sum(one.over * (1.0 - one.over) for one in (found.candidate, found.current)) / 512.0)
    assert found.gap_error < apart, "pairing takes luck out of the difference"
    assert 0.0 < found.current.over <= 0.2, "the first budget holds in four trials of five"
    same = paired_fit(current, current, budget)
    assert (same.gap, same.gap_error) == (0.0, 0.0)
    assert "exactly those" in sentence(same)


# --- where a budget comes from ------------------------------------------------------------------------


def test_three_ways_to_a_budget() -> None:
    assert basis.from_share(0.07, 40e6).amount == pytest.approx(2.8e6)
    assert basis.from_margin(0.20, 40e6, 29.2e6).amount == pytest.approx(2.8e6)
    assert basis.from_amount(2.8e6, 2.7e6).how == "as entered"
    unknown = dict.fromkeys(("cac", "crc", "cec", "cuc"), float("nan"))
    assert basis.from_margin(0.20, 40e6, basis.other_costs(40e6, 0.8, unknown)).amount == pytest.approx(2.8e6)
    assert basis.other_costs(40e6, 0.8, unknown | {"cac": 5e6, "crc": 2e6}) == pytest.approx(8e6 + 5e6)
    with pytest.raises(InputError, match="leave something to spend"):
        basis.from_margin(0.5, 40e6, 30e6)


def test_revenue_is_that_of_the_arr_on_the_way() -> None:
    """Nothing renews, nothing is sold: a year of opening ARR; new customers add half a year of a year's pace."""
    book = replace(book_of(10, 2), renewal_month=np.full(10, 20), term_months=np.full(10, 24))
    world = World(upsell_arrivals=0.0, cross_sell_arrivals=0.0)
    plan = retention_plan(0.9)
    outcome = simulate(set_stage(book, plan, world, trials=64), plan)
    assert basis.revenue(outcome) == pytest.approx(book.arr.sum())
    assert basis.revenue(outcome, new_arr=100e3) == pytest.approx(book.arr.sum() + 200e3)


# --- what attainment breaks it ------------------------------------------------------------------------


def test_cost_at_a_level_is_the_payout_curve() -> None:
    """One curve, nobody leaves: target pay at quota, nothing below the threshold, twice target pay at the cap."""
    plan = retention_plan(0.9)
    world = RENEW_OR_LEAVE.changed({"shock_rho": 0.0})
    stage = set_stage(book_of(12, 3), plan, world, trials=64)
    outcome = simulate(stage, plan)
    roll = level.payroll(stage, plan, outcome)
    base, target = 1.2 * outcome.csm_base.sum(), 1.2 * outcome.csm_target.sum()
    np.testing.assert_allclose(
        level.cost_at(roll, np.array([0.5, 1.0, 2.0])), [base, base + target, base + 2.0 * target]
    )
    wide = replace(roll, spread=np.array([0.12]))
    assert level.cost_with_spread(wide, 0.95) == pytest.approx(base + target * 0.85152862, rel=1e-8)
    assert level.cost_with_spread(wide, 0.95) == pytest.approx(
        base + target * float(expected(roll.curves[0], 0.95, 0.12))
    )

    def breaks(budget: float) -> float | None:
        return level.breaking_level(lambda x: float(level.cost_at(roll, x)), budget)

    assert breaks(base + target) == pytest.approx(1.0, abs=1e-5)
    assert breaks(base + 0.25 * target) == pytest.approx(0.85, abs=1e-5), "the cliff"
    assert breaks(base - 1.0) == 0.0
    assert breaks(base + 2.0 * target) is None


def test_without_spread_between_csms_the_level_says_it_all() -> None:
    """One CSM is always at the team's average: cost by level is the cost of each trial, and volatility is nothing."""
    plan = retention_plan(0.9)
    stage = set_stage(book_of(12, 1), plan, RENEW_OR_LEAVE, trials=256)
    outcome = simulate(stage, plan)
    roll = level.payroll(stage, plan, outcome)
    np.testing.assert_allclose(level.cost_together(roll), outcome.plan_cost, rtol=1e-6)
    found = level.breaking(roll, outcome.plan_cost, float(np.quantile(outcome.plan_cost, 0.7)) - 1.0)
    assert found.over_together == found.over > 0.0
    assert found.spread_cost == pytest.approx(0.0, abs=1.0)


# --- solve for a lever --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("expansion_cap", 1.43), ("retention_cap", 1.2), ("variable_share", 0.224), ("quota_stretch", 1.11)],
)
def test_solving_inverts_the_simulation(name: str, value: float, stage: Stage) -> None:
    """The budget is what the plan with a known setting stays within in nine trials of ten: that setting is found."""
    plan = with_lever(CURRENT, "variable_share", 0.3)

    def cost(one: Plan) -> np.ndarray:
        return simulate(stage, one).plan_cost

    budget = float(np.quantile(cost(with_lever(plan, name, value)), 0.9, method="inverted_cdf"))
    found = solve(cost, plan, name, budget, 0.1)
    assert found.value == pytest.approx(value, abs=0.0101)
    assert found.plan is not None
    assert lever_value(found.plan, name) == pytest.approx(found.value)
    again = float(is_over(cost(found.plan), budget).mean())
    assert again == found.over <= 0.1 < found.before


def test_it_says_when_no_value_of_the_lever_does_it(stage: Stage) -> None:
    def cost(one: Plan) -> np.ndarray:
        return simulate(stage, one).plan_cost

    found = solve(cost, RICHER, "retention_cap", 1.0, 0.1)
    assert (found.value, found.plan, found.over) == (None, None, 1.0)
    assert solution_sentence(found).startswith("No value of 'Retention cap' from 1.00x to 4.00x")
    kept = solve(cost, RICHER, "retention_cap", 1e9, 0.1)
    assert kept.keeps
    assert kept.plan == RICHER
    with pytest.raises(InputError, match="one that this plan can move"):
        solve(cost, plan_preset("salary_spiffs"), "expansion_cap", 1e6, 0.1)


def test_a_cap_can_be_solved_for_on_a_plan_without_one(stage: Stage) -> None:
    plan = plan_preset("commission_uncapped")

    def cost(one: Plan) -> np.ndarray:
        return simulate(stage, one).plan_cost

    budget = float(np.quantile(cost(plan), 0.7))
    assert "expansion_cap" in [lever.name for lever in solvable(plan)]
    found = solve(cost, plan, "expansion_cap", budget, 0.1)
    assert found.start is None
    assert found.value is not None
    assert found.over <= 0.1 < found.before


# --- named events -------------------------------------------------------------------------------------


def test_events_are_what_they_say(stage: Stage, pair: tuple[Outcome, Outcome]) -> None:
    candidate, _ = pair
    roll = level.payroll(stage, RICHER, candidate)
    shares: list[float] = []
    (found,) = events.stress_plans(stage, [(RICHER, candidate)], usual(pair), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    table = found.set_index("event")
    assert list(table.index) == [events.AS_SIMULATED, *events.EVENTS, events.EVERYBODY]
    assert table.loc[events.AS_SIMULATED, "cost"] == pytest.approx(candidate.plan_cost.mean())
    largest = np.sort(load_sample("startup").arr)[-3:].sum()
    lost = -float(table.loc["Three largest accounts lost", "retained_change"])
    assert 0.5 * largest < lost < 1.5 * largest, "some would have been lost anyway, and what was sold to them goes too"
    assert float(table.loc["Recession", "retained_change"]) < 0.0
    assert float(table.loc["Two CSMs leave in Q1", "cost_change"]) < 0.0, "vacant seats are not paid"
    assert table.loc[events.EVERYBODY, "cost"] == pytest.approx(float(level.cost_at(roll, 1.3)))
    assert events.stress_finding(table.reset_index())

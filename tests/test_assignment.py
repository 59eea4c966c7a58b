"""Who owns which account: against brute force, the bound for the whole problem, and what the hand-overs do."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.book.samples import load_sample
from sim.decide.compare import differences
from sim.decide.targets import assignment
from sim.decide.targets.assignment import Assignment, Sharing, carried_loads, solve, worth
from sim.decide.targets.handover import (
    changed_log_odds,
    finding,
    handovers,
    load_table,
    moved_book,
    moved_stage,
    outside_band,
)
from sim.decide.targets.hours import COMPLEXITY, HOUR_ROWS, Hours, by_account, hours_needed
from sim.decide.targets.sharing import LOADS, Wishes, account_loads, account_value, sharing
from sim.engine.run import Stage, set_stage, simulate
from sim.plan.read import plan_preset
from sim.problems import InputError
from sim.world.parameters import World, world_preset

Ints = NDArray[np.int64]
CURRENT = plan_preset("current_80_20")


def random_sharing(
    seed: int, n_accounts: int, n_csms: int, *, band: float = 0.2, most_moved: int | None = None
) -> Sharing:
    rng = np.random.default_rng(seed)
    owner = np.concatenate([np.arange(n_csms), rng.integers(0, n_csms, n_accounts - n_csms)]).astype(np.int64)
    loads = rng.lognormal(0.0, 0.6, (3, n_accounts))
    loads *= n_csms / loads.sum(axis=1, keepdims=True)
    shape = (3, n_csms)
    return Sharing(
        owner=owner,
        value=rng.normal(0.0, 1.0, (n_accounts, n_csms)),
        loads=loads,
        low=np.full(shape, 1.0 - band),
        high=np.full(shape, 1.0 + band),
        penalty=3.0,
        most_moved=n_accounts if most_moved is None else most_moved,
    )


def brute_force(problem: Sharing) -> float:
    """The worth of the best of all assignments."""
    n_accounts, n_csms = problem.value.shape
    best = -np.inf
    for choice in product(range(n_csms), repeat=n_accounts):
        csm = np.array(choice)
        if len(set(choice)) == n_csms and (csm != problem.owner).sum() <= problem.most_moved:
            best = max(best, worth(problem, csm))
    return best


def check(problem: Sharing, found: Assignment) -> None:
    n_csms = problem.value.shape[1]
    assert set(found.csm.tolist()) == set(range(n_csms))
    assert (found.csm != problem.owner).sum() <= problem.most_moved
    assert found.worth == pytest.approx(worth(problem, found.csm))
    assert found.start == pytest.approx(worth(problem, problem.owner))
    assert found.start <= found.worth <= found.bound + 1e-9
    assert 0.0 <= found.gap <= 1.0


# --- the solver -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("most_moved", [0, 1, 3, None])
@pytest.mark.parametrize("seed", range(4))
def test_tiny_cases_are_solved_exactly(seed, most_moved):
    problem = random_sharing(seed, 8, 3, most_moved=most_moved)
    found = solve(problem)
    check(problem, found)
    exact = brute_force(problem)
    assert found.worth == pytest.approx(exact)
    assert found.bound >= exact - 1e-9


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_csms=st.integers(2, 5), band=st.floats(0.0, 0.5))
def test_whatever_is_asked_the_answer_keeps_the_rules_and_the_bound_holds(seed, n_csms, band):
    problem = random_sharing(seed, 20, n_csms, band=band, most_moved=seed % 21)
    check(problem, solve(problem, seconds=2.0))


def test_the_bound_is_of_all_columns_not_of_those_looked_at(monkeypatch):
    """It is the full linear relaxation's value, however few columns one starts with."""
    problem = random_sharing(11, 60, 12)
    everything = np.nonzero(np.ones(problem.value.shape))
    value, _, _ = assignment._relaxation(problem, *everything)
    for start_with in (1, 12):
        monkeypatch.setattr(assignment, "START_WITH", start_with)
        bound = solve(problem, seconds=8.0).bound
        assert value - 1e-6 <= bound <= value + 2e-3 * abs(value - worth(problem, problem.owner))


@pytest.mark.parametrize("seed", range(5))
def test_any_prices_bound_any_assignment(seed):
    rng = np.random.default_rng(seed)
    problem = random_sharing(seed, 30, 4, most_moved=12)
    shape = problem.low.shape
    prices = assignment._Prices(
        rng.uniform(0, problem.penalty, shape), rng.uniform(0, problem.penalty, shape), rng.exponential(1, 4), 0.7
    )
    upper = assignment._upper(problem, prices, assignment._gains(problem, prices))
    for _ in range(50):
        csm = problem.owner.copy()
        moved = rng.choice(30, 12, replace=False)
        csm[moved] = rng.integers(0, 4, 12)
        if len(set(csm.tolist())) == 4:
            assert worth(problem, csm) <= upper


def test_exchanges_never_make_it_worse_and_find_the_obvious_swap():
    problem = replace(random_sharing(3, 6, 3), value=np.zeros((6, 3)), penalty=0.0)
    problem.value[0, problem.owner[1]] = problem.value[1, problem.owner[0]] = 5.0
    better = assignment._exchanged(problem, problem.owner)
    assert worth(problem, better) == 10.0


# --- what is asked of it --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Stage:
    return set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=1024)


def test_loads_add_up_to_what_the_book_holds(stage):
    loads = dict(zip(LOADS, account_loads(stage, Hours()), strict=True))
    book = stage.portfolio.book
    assert loads["Accounts"].sum() == len(book)
    np.testing.assert_allclose(loads["ARR"], book.arr)
    due = sum(loads[f"Due in Q{quarter}"] for quarter in (1, 2, 3, 4))
    once = (book.renewal_month < 12) & (book.renewal_month + book.term_months >= 12)
    np.testing.assert_allclose(due[once], book.arr[once])
    assert (due[book.renewal_month >= 12] == 0).all()
    np.testing.assert_allclose(carried_loads(loads["ARR"][None], book.csm, 4)[0], stage.forecast.opening_arr)


def test_what_an_account_is_worth_by_hand(stage):
    """One account due once: b e skill p (1 - p) ARR for retention, kappa e skill times bookings for the rest."""
    value = account_value(stage, Wishes(handover=0.0))
    book, skill = stage.portfolio.book, stage.portfolio.skill
    i = int(np.flatnonzero((book.renewal_month < 12) & (book.term_months == 12))[0])
    place = int(np.flatnonzero(stage.portfolio.order == i)[0])
    flows = by_account(stage.portfolio, stage.world)
    effort = stage.anchor[..., :4].mean(axis=(0, 1)) / skill.mean(axis=0)
    p, arr = book.renewal_probability[i], book.arr[i]
    sold = np.array([flows.upsell[place].sum(), flows.cross_sell[place].sum()])
    for c in range(4):
        kept = -np.log(0.9) * effort[0] * skill[c, 0] * p * (1 - p) * arr
        more = (0.1 * effort[1:3] * skill[c, 1:3] * sold).sum()
        assert value[i, c] == pytest.approx(kept + more)
    with_cost = account_value(stage, Wishes(handover=0.2))
    np.testing.assert_allclose(with_cost[i, book.csm[i]], value[i, book.csm[i]])
    other = (book.csm[i] + 1) % 4
    assert with_cost[i, other] == pytest.approx(value[i, other] - 0.2 * p * (1 - p) * arr)


def test_a_proposal_keeps_its_promises(stage):
    wishes = Wishes(band=0.2, most_moved=0.1)
    problem = sharing(stage, wishes, Hours())
    found = solve(problem, seconds=5.0)
    check(problem, found)
    book = stage.portfolio.book
    table = handovers(book, found.csm)
    assert 0 < len(table) <= 15
    assert (table["from_csm_id"] != table["to_csm_id"]).all()
    assert table["arr"].is_monotonic_decreasing
    outside = outside_band(load_table(stage, found.csm, Hours()), wishes.band)
    assert outside["proposed"] < outside["today"]
    assert finding(found.csm, book, outside).startswith(f"{len(table)} accounts change")
    assert finding(book.csm, book, outside).startswith("Nothing better")


def test_a_large_book_is_shared_with_a_small_gap():
    """2,000 accounts and 60 CSMs, with time for a few rounds only."""
    large = set_stage(load_sample("enterprise"), CURRENT, world_preset("base"), trials=64)
    problem = sharing(large, Wishes(), Hours())
    found = solve(problem, seconds=12.0)
    check(problem, found)
    assert found.gap < 0.10


# --- what the hand-overs do -----------------------------------------------------------------------------


def test_where_nobody_moves_nothing_changes(stage):
    before = simulate(stage, CURRENT)
    after = simulate(moved_stage(stage, CURRENT, stage.portfolio.book.csm, 0.3), CURRENT)
    np.testing.assert_array_equal(after.flows, before.flows)
    np.testing.assert_array_equal(after.csm_pay, before.csm_pay)
    assert moved_book(stage, stage.portfolio.book.csm, 0.3).digest == stage.portfolio.book.digest


def everybody_moves(stage: Stage) -> Ints:
    book = stage.portfolio.book
    return (book.csm + 1) % len(book.team)


def test_without_any_response_only_the_hand_over_moves_arr():
    """Asleep, who owns an account does not matter: the same luck, the same renewals; and what a hand-over costs shows
    in the expected loss, account by account."""
    asleep = world_preset("sceptic")
    still = set_stage(load_sample("startup"), CURRENT, asleep.changed({"attrition": 0.0}), trials=4096)
    csm = everybody_moves(still)
    before, free = simulate(still, CURRENT), simulate(moved_stage(still, CURRENT, csm, 0.0), CURRENT)
    np.testing.assert_allclose(free.retained_arr, before.retained_arr)
    np.testing.assert_allclose(free.expansion_arr, before.expansion_arr)
    dear = simulate(moved_stage(still, CURRENT, csm, 0.3), CURRENT)
    change = differences(dear, before)["retained_arr"]
    expected = moved_book(still, csm, 0.3)
    p, q = still.portfolio.book.renewal_probability, expected.renewal_probability
    due = still.portfolio.book.renewal_month < 12
    lost = ((p - q) * still.portfolio.book.arr * due).sum()
    # Those who stay may still downsell, and accounts have grown by what was sold before the renewal.
    assert change.mean == pytest.approx(-lost, rel=0.12)


def test_an_account_keeps_what_its_old_owner_had_brought_until_somebody_makes_an_effort():
    """With no effort at all every account falls back by its old owner's effort, whoever has it now: the same renewals
    to the last, although the new owners have quite another anchor."""
    world = World().changed({"attrition": 0.0, "attrition_response": 0.0, "influence_sd": 0.0, "churn_cut": 0.2})
    book = load_sample("startup")
    skills = np.array([2.0, 0.4, 1.0, 1.6])
    book = replace(book, team=replace(book.team, skill_retention=skills), term_months=np.full(len(book), 12))
    none = np.full(len(book), 1e-9)  # nothing to sell: ARR at a renewal hangs on no deal
    book = replace(book, upsell_whitespace=none, cross_sell_whitespace=none)
    plan = plan_preset("retention_referral")
    stage = set_stage(book, plan, world, trials=1024)
    shuffled = np.random.default_rng(5).permutation(book.csm)
    moved = moved_stage(stage, plan, shuffled, 0.0)
    idle, moved_idle = (replace(s, field=s.field._replace(effort_max=0.0)) for s in (stage, moved))
    before, after = simulate(idle, plan), simulate(moved_idle, plan)
    assert (before.retained_arr < simulate(stage, plan).retained_arr).any()
    np.testing.assert_allclose(after.retained_arr, before.retained_arr, rtol=1e-9)


def test_better_hands_keep_more_and_the_prediction_says_how_much(stage):
    world = World().changed({"churn_cut": 0.2, "attrition": 0.0})
    skills = np.array([2.0, 0.4, 1.0, 1.0])
    book = stage.portfolio.book
    book = replace(book, team=replace(book.team, skill_retention=skills))
    ground = set_stage(book, CURRENT, world, trials=8192)
    # The accounts of the weakest go to the best.
    mine = np.flatnonzero(book.csm == 1)[1:]
    csm = book.csm.copy()
    csm[mine] = 0
    odds = changed_log_odds(ground, csm, 0.0)
    assert (odds[mine] > 0).all()
    assert (np.delete(odds, mine) == 0).all()
    gained = differences(simulate(moved_stage(ground, CURRENT, csm, 0.0), CURRENT), simulate(ground, CURRENT))
    assert gained["retained_arr"].clear
    assert gained["retained_arr"].mean > 0
    lifted = moved_book(ground, csm, 0.0).renewal_probability
    assert (lifted[mine] > book.renewal_probability[mine]).all()


# --- hours ----------------------------------------------------------------------------------------------


def test_forty_usual_accounts_or_fifteen_complex_ones_fill_a_csm(stage):
    """What the defaults are set by: a full year's renewals, deals as in the base world."""
    hours, world = Hours(), world_preset("base")
    deals = 0.9 * (world.upsell_arrivals * hours.upsell + world.cross_sell_arrivals * hours.cross_sell) / world.win_rate
    for care, accounts in ((hours.care_3, 40), (hours.care_5, 15)):
        assert accounts * (care + 0.8 * hours.renewal + deals) == pytest.approx(hours.per_csm, rel=0.02)
    assert [row.name for row in HOUR_ROWS] == [field.name for field in fields(Hours)]
    assert len(COMPLEXITY) == 5


def test_hours_of_one_account_by_hand(stage):
    needed = hours_needed(stage.portfolio, stage.world, Hours())
    book, order = stage.portfolio.book, stage.portfolio.order
    place = int(np.flatnonzero((book.renewal_month[order] == 3) & (book.complexity[order] == 4))[0])
    p = book.renewal_probability[order][place]
    retention = needed[place, :, 0]
    np.testing.assert_allclose(retention[:3], 46 / 12)
    assert retention[3] == pytest.approx(46 / 12 + 6)
    np.testing.assert_allclose(retention[4:], p * 46 / 12)


def test_other_hours_are_refused_by_name_and_all_at_once():
    assert Hours().changed({"renewal": 8.0}).renewal == 8.0
    with pytest.raises(InputError) as error:
        Hours().changed({"renewal": -1.0, "per_csm": 2.0, "tea": 1.0})
    assert len(error.value.problems) == 3

"""Capacity: the expected staffing against closed forms and the engine's leavers, hours, and the hiring plan."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.book.samples import SAMPLES, load_sample
from sim.decide.targets import capacity
from sim.decide.targets.hours import TASKS, Hours, hours_needed
from sim.engine.run import set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.world.parameters import World, world_preset

CURRENT = plan_preset("current_80_20")
H = 12


def settled(**settings: float) -> World:
    return World().changed(settings)


def test_staffing_where_it_has_a_closed_form():
    h = 0.03
    hazard = np.full(H, h)
    seat = capacity.staffing(hazard, settled(vacancy_months=0, ramp_months=0))
    np.testing.assert_allclose(seat.founder, (1 - h) ** np.arange(H))
    np.testing.assert_allclose(seat.founder + seat.hired, 1.0)
    np.testing.assert_allclose(seat.ramped, seat.hired)
    np.testing.assert_allclose(seat.leavers, h)
    # Nobody comes back within the horizon: only today's CSMs are there.
    alone = capacity.staffing(hazard, settled(vacancy_months=12))
    np.testing.assert_allclose(alone.hired, 0.0)
    # One month of vacancy and two of ramp: who left after month 0 is replaced in month 2 and gives a third, then more.
    seat = capacity.staffing(np.array([1.0, 0, 0, 0, 0, 0]), settled(vacancy_months=1, ramp_months=2))
    np.testing.assert_allclose(seat.founder + seat.hired, [1, 0, 1, 1, 1, 1])
    np.testing.assert_allclose(seat.ramped, [0, 0, 1 / 3, 2 / 3, 1, 1])
    new = capacity.staffing(np.zeros(4), settled(ramp_months=2), new=True)
    np.testing.assert_allclose(new.ramped, [1 / 3, 2 / 3, 1, 1])


def test_the_long_run_share_of_vacant_seats():
    """Renewal theory: a seat is filled 1 / (1 + h v) of the time."""
    h, vacancy = 0.04, 3
    seat = capacity.staffing(np.full(600, h), settled(vacancy_months=vacancy))
    assert seat.founder[-1] + seat.hired[-1] == pytest.approx(1 / (1 + h * vacancy))


@pytest.mark.parametrize(("vacancy", "months"), [(3, 12), (0, 12), (1, 24)])
def test_the_expectation_is_the_mean_of_the_engines_leavers(vacancy, months):
    world = settled(attrition=0.5, vacancy_months=vacancy, attrition_response=0.0)
    stage = set_stage(load_sample("midmarket"), CURRENT, world, trials=4096, n_months=months)
    outcome = simulate(stage, CURRENT)
    exact = 1 - 0.5 ** (1 / 12)
    seat = capacity.staffing(np.full(months, exact), world)
    seats = 20
    staffed, leavers = outcome.monthly("staffed"), outcome.monthly("leavers")
    for mean, flow in ((seat.founder + seat.hired, staffed), (seat.leavers, leavers)):
        error = flow.std(axis=1) / np.sqrt(flow.shape[1])
        assert (np.abs(flow.mean(axis=1) - seats * mean) <= 4.5 * error + 1e-9).all()
    np.testing.assert_allclose(capacity.hazard_of(outcome), exact, atol=0.004)


def test_output_while_they_ramp_is_what_reaches_the_customers():
    """Effort that reaches customers, where every CSM makes the same all the time, is skill times founders plus ramped.

    At skill one, with effort held at its upper bound of one by a strong plan, its mean is output.
    """
    world = settled(attrition=0.5, attrition_response=0.0, effort_max=1.0, task_overlap=0.0)
    book = load_sample("startup")
    ones = np.ones(4)
    book = replace(book, team=replace(book.team, skill_retention=ones, skill_upsell=ones, skill_cross_sell=ones))
    plan = plan_preset("commission_uncapped")
    stage = set_stage(book, plan, world, trials=8192)
    outcome = simulate(stage, plan)
    seat = capacity.staffing(np.full(H, 1 - 0.5 ** (1 / 12)), world)
    np.testing.assert_allclose(outcome.effort[:, :, 1].mean(axis=0), seat.founder + seat.ramped, atol=0.015)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=24), st.integers(0, 12), st.integers(0, 18))
def test_a_seat_holds_one_person_at_most(hazard, vacancy, ramp):
    seat = capacity.staffing(np.array(hazard), settled(vacancy_months=vacancy, ramp_months=ramp))
    there = seat.founder + seat.hired
    assert (there <= 1 + 1e-9).all()
    assert (there >= -1e-12).all()
    assert (seat.ramped <= seat.hired + 1e-12).all()
    assert (np.diff(seat.founder) <= 1e-12).all()


@pytest.mark.parametrize("name", SAMPLES)
def test_levels_add_up_to_the_team_and_hours_to_those_of_the_accounts(name):
    stage = set_stage(load_sample(name), CURRENT, world_preset("base"), trials=64)
    hours = Hours()
    found = capacity.capacity(stage, hours, np.zeros(H))
    table = capacity.level_table(stage, found, hours)
    total = hours_needed(stage.portfolio, stage.world, hours).sum(axis=(0, 1))
    for k, task in enumerate(TASKS):
        own = table[table["competence"] == task]
        levels, team = own[own["level"] != "Team"], own[own["level"] == "Team"].iloc[0]
        assert levels["needed"].sum() == pytest.approx(team["needed"]) == pytest.approx(total[k])
        assert levels["there"].sum() == pytest.approx(team["there"])
    assert table[table["level"] == "Team"]["csms"].sum() == pytest.approx(len(load_sample(name).team))
    months = capacity.month_table(found)
    # Nobody leaves: hours there are those of the team, skills counted, every month.
    team_hours = table[table["level"] == "Team"]["there"].sum() / 12
    np.testing.assert_allclose(months["there"], team_hours)
    assert months["leavers"].sum() == 0.0


def test_a_plan_that_pays_less_loses_more_people_and_hours():
    stage = set_stage(load_sample("midmarket"), CURRENT, world_preset("base"), trials=1024)
    cut = with_lever(CURRENT, "retention_threshold", 0.99)
    now, then = (capacity.hazard_of(simulate(stage, plan)) for plan in (CURRENT, cut))
    tables = [capacity.month_table(capacity.capacity(stage, Hours(), hazard)) for hazard in (now, then)]
    assert tables[1]["leavers"].sum() > tables[0]["leavers"].sum()
    assert tables[1]["there"].sum() < tables[0]["there"].sum()
    np.testing.assert_array_equal(tables[0]["needed"], tables[1]["needed"])


@pytest.mark.parametrize("seed", range(4))
def test_the_fewest_hires_and_as_late_as_possible_by_brute_force(seed):
    rng = np.random.default_rng(seed)
    n, lead = 5, 1
    world, hours = settled(ramp_months=1, vacancy_months=1), Hours()
    hazard = np.full(n, 0.05)
    needed = rng.uniform(100, 500, n)
    there = rng.uniform(100, 300, n)
    plan = capacity.hiring(needed, there, hazard, world, hours, lead)
    best: tuple[float, float] = (np.inf, np.inf)
    for starts in product(range(4), repeat=n - lead):
        hired = np.array((0,) * lead + starts)
        added = sum(
            hired[s] * np.pad(capacity.staffing(hazard[s:], world, new=True).ramped, (s, 0)) * hours.per_csm / 12
            for s in range(n)
        )
        if (there + added >= needed - 1e-9)[plan.covered_from :].all():
            best = min(best, (float(hired.sum()), float(-(hired * np.arange(n)).sum())))
    assert (plan.starts.sum(), -(plan.starts * np.arange(n)).sum()) == best
    assert (plan.starts[:lead] == 0).all()
    assert plan.covered_from == 2


def test_who_has_enough_hours_hires_nobody_and_a_lead_beyond_the_horizon_helps_nobody():
    flat = np.full(H, 100.0)
    world = world_preset("base")
    assert capacity.hiring(flat, flat, np.zeros(H), world, Hours(), 3).starts.sum() == 0
    short = capacity.hiring(900 + np.zeros(3), np.zeros(3), np.zeros(3), world, Hours(), 3)
    assert short.starts.sum() == 0
    assert short.covered_from == 3


def test_the_finding_says_what_is_short():
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=64)
    hazard = capacity.hazard_of(simulate(stage, CURRENT))
    for hours, said in ((Hours(), "Short by"), (Hours(per_csm=3000.0), "cover")):
        months = capacity.month_table(capacity.capacity(stage, hours, hazard))
        needed, there = months["needed"].to_numpy(), months["there"].to_numpy()
        plan = capacity.hiring(needed, there, hazard, stage.world, hours, 3)
        assert said in capacity.finding(months, plan)
        assert f"{(100 * needed / there).max():.0f} % of hours there" in capacity.load_finding(months)

"""Fairness and behaviour: closed forms, counts by hand, and figures that follow from the plan alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from strategies import curves

from sim.book.samples import load_sample
from sim.decide.conduct import scorecard as score
from sim.decide.conduct.effort_split import effort_on_risk
from sim.decide.conduct.fairness import chance_finding, chance_table, fairness, share_finding
from sim.decide.conduct.focus import paid_share, target_share
from sim.decide.conduct.leaving import chance_to_leave, leaving_finding, leaving_table, regretted
from sim.decide.conduct.merit import merit, merit_finding, performance
from sim.decide.conduct.months import effort_months
from sim.decide.conduct.purposes import PURPOSES
from sim.decide.conduct.scorecard import Side, scorecard
from sim.decide.conduct.spread import gini, no_payout, quota_chance
from sim.decide.conduct.timing import games, shift_finding, shift_table, with_timing
from sim.decide.conduct.zones import dead_share, rate_table, slope_at, zone_finding, zone_sentences, zones
from sim.decide.targets.pay_shares import payout as payout_of
from sim.engine.forecast import RETENTION, UPSELL
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, set_stage, simulate
from sim.plan.curve import pay_curve, payout
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.plan.schema import Component, Curve, Plan, Tier
from sim.world.parameters import World

BOOK = load_sample("startup")
CURRENT = plan_preset("current_80_20")
RICHER = with_lever(CURRENT, "variable_share", 0.3)


@cache
def stage() -> Stage:
    return set_stage(BOOK, CURRENT, World(), trials=256)


@cache
def outcome(of: str = "current") -> Outcome:
    return simulate(stage(), {"current": CURRENT, "richer": RICHER}.get(of) or plan_preset(of))


# --- spread --------------------------------------------------------------------------------------------


def test_gini_of_known_distributions():
    assert gini(np.full((5, 3), 7.0)) == pytest.approx(0.0)
    assert gini(np.array([[0.0], [0.0], [0.0], [9.0]])) == pytest.approx(0.75)  # 1 - 1/n
    assert gini(np.array([[1.0], [2.0], [3.0]])) == pytest.approx(2.0 / 9.0)
    n = 2000
    uniform = (np.arange(n) + 0.5)[:, None] / n
    assert gini(uniform) == pytest.approx(1.0 / 3.0, abs=1e-3)
    exponential = -np.log1p(-uniform)
    assert gini(exponential) == pytest.approx(0.5, abs=2e-3)
    pareto = (1.0 - uniform) ** (-1.0 / 3.0)  # alpha 3: 1 / (2 alpha - 1)
    assert gini(pareto) == pytest.approx(0.2, abs=5e-3)


def test_trials_without_pay_say_nothing_of_inequality():
    assert np.isnan(gini(np.zeros((3, 4))))
    assert gini(np.array([[0.0, 1.0], [0.0, 3.0]])) == pytest.approx(0.25)


@given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=8), st.floats(0.1, 100.0))
def test_gini_lies_between_0_and_1_and_has_no_unit(pay, scale):
    pays = np.array(pay)[:, None]
    if pays.sum() <= 1.0:
        return
    assert -1e-9 <= gini(pays) <= 1.0 - 1.0 / len(pay) + 1e-9
    assert gini(pays * scale) == pytest.approx(gini(pays), abs=1e-9)


def test_no_payout_and_quota_are_counted():
    pay = np.zeros_like(outcome().csm_pay)
    pay[0, :64] = 5.0
    assert no_payout(replace(outcome(), csm_pay=pay)) == pytest.approx(1.0 - 64 / pay.size)
    attained = np.full_like(outcome().attainment, 0.5)
    attained[1, :, :128] = 1.0
    attained[2] = np.nan
    chance = quota_chance(replace(outcome(), attainment=attained))
    assert chance[:2].tolist() == [0.0, 0.5]
    assert np.isnan(chance[2])


# --- merit ---------------------------------------------------------------------------------------------


def test_the_correlation_is_that_of_spearman():
    found = merit(outcome(), stage())
    rho = spearmanr(performance(outcome(), stage()).ravel(), payout_of(outcome()).ravel()).statistic
    assert found.correlation == pytest.approx(rho)
    assert (np.diff(found.performance) > 0.0).all()
    assert found.payout[-1] > 1.5 * found.payout[0]
    assert found.payout.mean() == pytest.approx(payout_of(outcome()).mean(), rel=0.01)
    assert "times the worst" in merit_finding(found, found)


def test_a_salary_follows_nothing():
    flat = merit(simulate(stage(), Plan(name="salary", variable_share=0.0)), stage())
    assert np.isnan(flat.correlation)
    assert merit_finding(flat, flat) == "Pay does not differ with performance"


def test_performance_is_against_ones_own_book():
    """In a world without response everybody does on average what the forecast says, or nearly."""
    sceptic = set_stage(BOOK, CURRENT, World(kappa_expansion=0.0, churn_cut=0.0, attrition=0.0), trials=1024)
    did = performance(simulate(sceptic, CURRENT), sceptic)
    error = did.std(axis=1) / np.sqrt(did.shape[1])
    assert (np.abs(did.mean(axis=1)) < 4.0 * error + 0.01).all()


def test_fairness_of_two_plans():
    then, now = (fairness(stage(), plan, run) for plan, run in ((RICHER, outcome("richer")), (CURRENT, outcome())))
    table = chance_table(BOOK.team, {"a": then, "b": now})
    assert len(table) == 2 * len(BOOK.team)
    known = now.chance
    assert chance_finding(then, now).endswith(f"(today {100 * known.min():.0f} % to {100 * known.max():.0f} %)")
    parts = then.shares
    assert parts.book + parts.luck + parts.skill_and_effort + parts.interaction == pytest.approx(1.0)
    assert "skill and effort" in share_finding(then, now)


# --- zones ---------------------------------------------------------------------------------------------


@given(curves(), st.floats(0.0, 3.0))
def test_the_marginal_rate_is_the_slope_of_the_curve(curve, at):
    for kind in ("bonus", "commission"):
        own = pay_curve(curve, kind)
        if np.abs(own.knots - at).min() < 1e-4:
            continue
        step = 1e-5
        slope = (payout(own, at + step) - payout(own, at - step)) / (2.0 * step)
        assert slope_at(own, at) == pytest.approx(slope, rel=1e-5, abs=1e-6)


@given(curves())
@example(Curve(threshold=1 / 3, pay_at_threshold=1 / 3, cap=np.nextafter(1 / 3, 1.0)))
def test_zones_cover_the_curve_and_are_steeper_exactly_where_it_is(curve):
    component = Component(name="c", measure="upsell_bookings", weight=1.0, curve=curve)
    own = pay_curve(curve, "bonus")
    attained = np.linspace(0.0, 3.0, 301)
    found = zones(component, attained)
    assert found[0].start == 0.0
    assert found[-1].end == np.inf
    assert [zone.end for zone in found[:-1]] == [zone.start for zone in found[1:]]
    assert sum(zone.share for zone in found) == pytest.approx(1.0)
    for zone in found:
        inside = min(0.5 * (zone.start + min(zone.end, zone.start + 1.0)), zone.start + 0.5)
        assert slope_at(own, inside) == pytest.approx(zone.slope)
    assert sum(zone.lump for zone in found) == pytest.approx(own.lumps.sum())


def test_zones_in_words():
    component = CURRENT.components[1]  # 25 % at half of quota, 1.5 times beyond it, cap at twice target
    found = zones(component, np.array([0.4, 0.9, 1.1, 1.9]))
    assert zone_sentences(found, 10_000.0) == [
        "Below 50 %: another point pays nothing (below the threshold); 25 % of CSM-years end here.",
        "50 % to 100 %: $150 a point (the line to quota); reaching 50 % pays $2.5k at once; "
        "25 % of CSM-years end here.",
        "100 % to 144 %: $225 a point (1.5 times the line); 25 % of CSM-years end here.",
        "From 144 % on: another point pays nothing (above the cap); 25 % of CSM-years end here.",
    ]
    assert dead_share(found) == 0.5
    assert zone_finding("Upsell", found) == "Upsell: 50 % of CSM-years end where another point pays nothing"


def test_a_line_has_no_dead_zone_and_a_cliff_nothing_but():
    line = Component(name="line", measure="upsell_bookings", weight=1.0)
    assert dead_share(zones(line, np.array([0.5, 1.5]))) == 0.0
    cliff = Component(
        name="cliff", measure="upsell_bookings", weight=1.0, curve=Curve(threshold=0.8, pay_at_threshold=1.0)
    )
    assert dead_share(zones(cliff, np.array([0.5, 1.5]))) == 1.0
    assert [zone.why for zone in zones(cliff, np.array([1.0]))] == ["below the threshold", "flat"]


def test_a_plateau_before_the_cap_is_not_the_cap():
    steps = Curve(tiers=(Tier(start=0.8, slope=0.0), Tier(start=1.0, slope=2.0)), cap=1.2)
    found = zones(Component(name="c", measure="upsell_bookings", weight=1.0, curve=steps), np.array([1.0]))
    assert [zone.why for zone in found] == ["the line to quota", "flat", "2 times the line", "above the cap"]


def test_rates_for_the_picture():
    component, attained = CURRENT.components[0], outcome().attainment[:, 0]
    table = rate_table({"plan": (component, 12_000.0, attained)}, zones(component, attained), "nothing")
    assert table[table["part"] == "dead"]["why"].tolist() == ["below the threshold", "above the cap"]
    rates = table[table["part"] == "rate"]
    assert rates["y"].max() == pytest.approx(1.5 * 12_000.0 / 15.0)
    assert table[table["part"] == "density"]["y"].sum() == pytest.approx(1.0)


# --- behaviour -----------------------------------------------------------------------------------------


def test_months_with_effort_of_plans_that_pay_for_one_task_or_none():
    upsell_only = Plan(
        name="u",
        variable_share=0.2,
        period="year",
        components=(Component(name="U", measure="upsell_bookings", weight=1.0),),
    )
    salary = Plan(name="s", variable_share=0.0)
    paid, none = effort_months(stage(), [upsell_only, salary])
    assert paid.by_task[UPSELL] > 0.99
    assert paid.by_task[RETENTION] == 0.0
    assert paid.any_task == paid.by_task[UPSELL]
    assert none.any_task == 0.0


def test_months_agree_with_the_mean_effort_of_the_team():
    """Effort that is there in all months has a mean above the threshold, and the other way round."""
    (found,) = effort_months(stage(), [CURRENT])
    mean = outcome().effort.mean(axis=(0, 1))
    assert found.by_task[UPSELL] > found.by_task[RETENTION] > 0.5
    assert mean[UPSELL] > mean[RETENTION]
    assert found.by_task[3] == 0.0 == mean[3]


def test_effort_goes_to_risk_when_retention_pays():
    retention = with_lever(CURRENT, "retention_weight", 1.0)
    upsell = with_lever(CURRENT, "retention_weight", 0.0)
    shares = [effort_on_risk(simulate(stage(), plan), stage()) for plan in (upsell, CURRENT, retention)]
    assert shares[0] == 0.0
    assert shares[0] < shares[1] < shares[2] == 1.0
    assert np.isnan(effort_on_risk(simulate(stage(), Plan(name="s", variable_share=0.0)), stage()))


def test_timing_games_give_nothing_away_when_nothing_can_be_moved():
    still = simulate(stage(), CURRENT)
    found = games(still, still)
    assert found.given == found.discount.mean == found.closing.mean == found.pulled.mean == 0.0
    assert shift_finding(found) == "Nothing moves: another month pays no better"


def test_timing_games_under_an_accelerator():
    booked = Component(
        name="U", measure="upsell_bookings", weight=1.0, curve=Curve(tiers=(Tier(start=1.0, slope=3.0),))
    )
    plan = Plan(name="a", variable_share=0.3, period="quarter", components=(booked,))
    moving, still = (
        simulate(set_stage(BOOK, plan, with_timing(World(), share), trials=512), plan) for share in (0.4, 0.0)
    )
    found = games(moving, still)
    assert found.pulled.mean > 0.0
    assert found.discount.mean == pytest.approx(0.07 / 0.93 * found.pulled.mean, rel=1e-6)
    assert 0.0 < found.given < 0.07
    assert len(shift_table({"a": found, "b": found})) == 24


# --- leaving -------------------------------------------------------------------------------------------


def test_a_cut_makes_people_likelier_to_leave():
    cut = CURRENT.model_copy(update={"variable_share": 0.05, "hold": "base"})
    poorer = simulate(stage(), cut)
    table = leaving_table(BOOK.team, poorer, outcome())
    assert (table["change"] > 0.0).all()
    assert table["change"].is_monotonic_decreasing
    assert leaving_finding(table).startswith(f"{len(table)} of {len(table)} CSMs become likelier to leave")
    same = leaving_table(BOOK.team, outcome(), outcome())
    assert leaving_finding(same) == "Nobody's chance to leave changes by more than noise"


def test_those_above_the_median_are_regretted():
    team = BOOK.team
    assert 0 < regretted(team).sum() <= len(team) // 2
    ones = np.ones(len(team))
    equal = replace(team, skill_retention=ones, skill_upsell=ones, skill_cross_sell=ones)
    assert not regretted(equal).any()


# --- the scorecard -------------------------------------------------------------------------------------


def sides() -> tuple[Side, Side]:
    months = effort_months(stage(), [RICHER, CURRENT])
    return Side(RICHER, outcome("richer"), months[0]), Side(CURRENT, outcome(), months[1])


def test_the_scorecard_holds_all_four_purposes():
    entries = scorecard(stage(), *sides(), {"gross_retention"})
    assert list(dict.fromkeys(entry.figure.purpose for entry in entries)) == list(PURPOSES)
    figures = {entry.figure.name: entry for entry in entries}
    offer = figures["OTE against market"]
    assert offer.candidate == offer.current == pytest.approx(1.0)
    assert figures["Target pay on the strategy"].current == pytest.approx(0.6)
    assert figures["Expected leavers"].current == pytest.approx(outcome().total("leavers").mean())
    regret = chance_to_leave(outcome())[regretted(BOOK.team)].sum()
    assert figures["Expected regretted leavers"].current == pytest.approx(regret)
    point = figures["One more point of quota pays"]
    assert point.candidate > 1.2 * point.current
    assert score.change_told(offer) == ""
    assert len(score.scorecard_table(entries)) == len(entries)
    said = score.in_words([offer, figures["CSMs short of market"]])
    assert said.startswith("An offer promises 100 % of market pay (today 100 %); ")
    assert said.endswith(" of CSMs fall clearly short of it (today 0.0 %).")


def test_a_dearer_market_lowers_what_is_enticing():
    figures = {entry.figure.name: entry for entry in scorecard(stage(), *sides(), set(), market_gap=0.25)}
    assert figures["OTE against market"].candidate == pytest.approx(0.8)
    assert figures["CSMs short of market"].current == 1.0
    assert figures["Target pay on the strategy"].current == 0.0


def test_one_more_point_on_a_line_is_a_hundredth_of_target_pay():
    line = Plan(name="l", variable_share=0.2, components=(Component(name="U", measure="upsell_bookings", weight=1.0),))
    run = simulate(stage(), line)
    (months,) = effort_months(stage(), [line])
    assert score.marginal_pay(Side(line, run, months)) == pytest.approx(run.csm_target.mean() / 100.0)


def test_focus_counts_weights_and_pay():
    named = {"gross_retention"}
    assert target_share(CURRENT, named) == pytest.approx(0.6)
    paid = outcome().paid.sum(axis=1).mean(axis=1)
    assert paid_share(CURRENT, outcome(), named) == pytest.approx(paid[0] / paid.sum())
    spiffs = plan_preset("salary_spiffs")
    assert np.isnan(target_share(spiffs, named))
    assert paid_share(spiffs, outcome("salary_spiffs"), {"renewals", "referrals"}) == pytest.approx(1.0)


def test_figures_without_a_value_are_said_to_be_none():
    salary = Plan(name="s", variable_share=0.0)
    (months,) = effort_months(stage(), [salary])
    side = Side(salary, simulate(stage(), salary), months)
    entries = scorecard(stage(), side, side, {"nps"})
    told = {entry.figure.name: score.told(entry, entry.candidate) for entry in entries}
    assert told["Target pay on the strategy"] == told["Expected pay on the strategy"] == "none"
    assert told["One more point of quota pays"] == "$0"
    assert {score.change_told(entry) for entry in entries} == {""}

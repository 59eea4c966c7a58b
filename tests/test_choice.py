"""Choosing between plans: who is best and how often, what it takes to tell, parts, payback, pay for one more dollar."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from tiny_book import tiny_book, world_without_luck

from sim.book.samples import load_sample
from sim.book.schema import Book, Team
from sim.decide.choice import findings, parts, payback, pictures, standing
from sim.decide.choice.contenders import LONGEST, Contender, enter, free_name, named
from sim.decide.choice.criterion import CRITERIA, chance_ahead, chance_best, scores
from sim.decide.choice.naming import name_of
from sim.decide.choice.people import losers, people, people_finding
from sim.decide.choice.rates import marginal_rates
from sim.decide.choice.settle import settle
from sim.decide.compare import Z_CLEAR, differences
from sim.decide.person.pacing import pacing
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, set_stage, simulate, terms_of
from sim.engine.state import FLOWS
from sim.plan.levers import with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Component, Curve, Gate, Plan, Quota, Tier
from sim.problems import InputError
from sim.words import money, points
from sim.world.parameters import world_preset

Floats = NDArray[np.float64]
TRIALS = 192
CURRENT = plan_preset("current_80_20")


@cache
def stage(trials: int = TRIALS, seed: int = 3) -> Stage:
    return set_stage(load_sample("startup"), CURRENT, world_preset("base"), seed=seed, trials=trials)


@cache
def contender(name: str, trials: int = TRIALS) -> Contender:
    plan = plan_preset(name)
    return Contender(plan.name, plan, simulate(stage(trials), plan))


def stage_team() -> Team:
    return load_sample("startup").team


def all_plans() -> list[Contender]:
    return [contender(name) for name in PLAN_PRESETS]


# --- who is best ------------------------------------------------------------------------------------------

SCORES = npst.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 30)), elements=st.integers(-3, 3).map(float)
)


@given(SCORES)
def test_chances_to_be_best_sum_to_one_and_are_those_of_counting(score: Floats) -> None:
    chance = chance_best(score)
    counted = np.zeros(len(score))
    for trial in score.T:
        winners = [plan for plan, value in enumerate(trial) if value == max(trial)]
        for plan in winners:
            counted[plan] += 1.0 / len(winners)
    assert chance.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(chance, counted / score.shape[1])


def test_ties_are_split_and_rounding_is_a_tie() -> None:
    score = np.array([[1.0, 5.0, 3.0], [1.0 + 1e-9, 4.0, 3.0], [0.0, 0.0, 3.0]])
    np.testing.assert_allclose(chance_best(score), [(0.5 + 1 + 1 / 3) / 3, (0.5 + 1 / 3) / 3, 1 / 9])
    assert chance_ahead(np.array([1.0, 0.0, 1e-6, -2.0])) == 0.5


def test_identical_plans_share_every_trial() -> None:
    twins = [contender("posthog"), contender("posthog")._replace(name="Twin"), contender("posthog")._replace(name="3")]
    for criterion in CRITERIA.values():
        found = standing.standing(twins, criterion, 0.75)
        np.testing.assert_allclose(found.chance, 1 / 3)
        assert found.settling.same
        assert "come out the same in every trial" in standing.standing_sentence(twins, found, criterion)
        assert standing.settling_sentence(found, TRIALS, 10_000) == ""


@pytest.mark.parametrize("name", CRITERIA)
def test_criteria_are_worth_less_cost(name: str) -> None:
    plans = [plan.outcome for plan in all_plans()]
    wanted = {
        "retained_less_cost": [1.5 * one.retained_arr - one.plan_cost for one in plans],
        "closing_less_cost": [1.5 * one.closing_arr - one.plan_cost for one in plans],
        "retained_arr": [one.retained_arr for one in plans],
        "closing_arr": [one.closing_arr for one in plans],
        "cost": [-one.plan_cost for one in plans],
    }
    score = scores(plans, CRITERIA[name], 1.5)
    np.testing.assert_allclose(score, np.stack(wanted[name]))
    found = standing.standing(all_plans(), CRITERIA[name], 1.5)
    means = score.mean(axis=1)
    assert means[found.first] == means.max()
    assert found.gap.mean == pytest.approx(means[found.first] - np.delete(means, found.first).max())


def test_standings_are_paired_differences_from_the_plan_in_force() -> None:
    plans, current = all_plans()[1:], all_plans()[0]
    table = standing.standings(plans, current, CRITERIA["cost"], 0.75).set_index("plan")
    assert table["best"].sum() == pytest.approx(1.0)
    for plan in plans:
        change = differences(plan.outcome, current.outcome)
        for name in ("plan_cost", "retained_arr", "net_retention"):
            assert table.loc[plan.name, f"{name}.mean"] == change[name].mean
            assert table.loc[plan.name, f"{name}.standard_error"] == change[name].standard_error
        assert table.loc[plan.name, "criterion.mean"] == pytest.approx(-change["plan_cost"].mean)
    assert table.loc[current.name, "ahead"] == 0.5
    words = standing.in_words(table.reset_index()).set_index("plan")
    posthog = differences(contender("posthog").outcome, current.outcome)["plan_cost"]
    said = f"{money(posthog.mean, signed=True)} ±{money(2 * posthog.standard_error)}"
    assert words.loc["PostHog", "plan_cost"] == said
    assert set(words.loc[current.name].drop(["best", "ahead"])) == {"-"}


def test_words_of_what_cannot_be_told() -> None:
    current = contender("current_80_20")
    noise = np.where(np.arange(TRIALS) % 2 == 0, 100e3, -100e3)
    noisy = Contender("Noisy", CURRENT, with_more(churn=noise))
    row = standing.in_words(standing.standings([noisy], current, CRITERIA["retained_arr"], 1.0)).iloc[0]
    assert row["retained_arr"] == f"not told apart (±{money(2 * 100e3 / math.sqrt(TRIALS - 1))})"
    assert row["gross_retention"].startswith("not told apart (±") and row["gross_retention"].endswith(" pp)")
    assert row["plan_cost"] == "the same"
    one = [plan._replace(outcome=simulate(stage(1), plan.plan)) for plan in (contender("posthog"), current)]
    assert standing.in_words(standing.standings(one[:1], one[1], CRITERIA["cost"], 1.0)).iloc[0]["plan_cost"] == (
        "one trial cannot tell"
    )


# --- what it takes to tell --------------------------------------------------------------------------------


def test_the_number_that_settles_tells_nine_times_in_ten() -> None:
    """Batches of normal differences whose mean and spread are those that the number was worked out from."""
    few = np.tile([-0.9, 1.1], 50) * 1000.0  # mean 100, standard deviation about 1,005
    found = settle(few)
    assert not found.clear and found.needed is not None
    z = (few.mean() / (few.std(ddof=1) / math.sqrt(found.needed))) - Z_CLEAR
    assert 0.5 * math.erfc(-z / math.sqrt(2.0)) == pytest.approx(0.90, abs=2e-3)


def test_the_number_that_settles_does_when_so_many_trials_are_run() -> None:
    """On a small book: pairs that 64 trials cannot tell apart, at several seeds, with the trials that were said."""
    candidate, settled, tried = with_lever(CURRENT, "variable_share", 0.24), 0, 0
    for seed in range(12):
        few = stage(64, seed)
        score = simulate(few, candidate).retained_arr - simulate(few, CURRENT).retained_arr
        found = settle(score)
        if found.needed is None or found.needed > 6000:
            continue
        many = stage(found.needed, seed)
        again = simulate(many, candidate).retained_arr - simulate(many, CURRENT).retained_arr
        np.testing.assert_array_equal(again[:64], score)  # the same luck goes on
        tried += 1
        settled += settle(again).clear
    assert tried >= 3
    assert settled >= 0.6 * tried  # the mean of few trials is itself uncertain


def test_nothing_to_settle() -> None:
    assert settle(np.zeros(10)).same
    assert settle(np.full(10, 5.0)).clear
    assert settle(np.array([1.0, -1.0])).needed is None
    assert settle(np.array([100.0])).needed is None  # one trial says nothing


@given(npst.arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e6, 1e6)))
def test_what_is_not_clear_needs_more_trials_than_there_are(change: Floats) -> None:
    found = settle(change)
    assert not (found.same and found.clear)
    if found.needed is not None:
        assert not found.clear
        assert found.needed > len(change)


def test_sentences_of_what_it_takes() -> None:
    plans = [contender("posthog"), contender("current_80_20")]
    criterion = CRITERIA["cost"]
    found = standing.standing(plans, criterion, 1.0)
    assert " is ahead: best in " in standing.standing_sentence(plans, found, criterion)
    assert standing.settling_sentence(found, TRIALS, 10_000) == ""
    unclear = found._replace(settling=settle(np.tile([-0.9, 1.1], 50) * 1000.0))
    assert "cannot be told apart with these 192 trials" in standing.standing_sentence(plans, unclear, criterion)
    assert "About 1,100 trials would settle it" in standing.settling_sentence(unclear, 100, 10_000)
    capped = standing.settling_sentence(unclear, 100, 400)
    assert "400 are the most" in capped
    assert f"a difference above {money(unclear.settling.seen / 2)}" in capped
    level = found._replace(settling=settle(np.array([1.0, -1.0])))
    assert "nothing between them" in standing.settling_sentence(level, 2, 400)


def part_changes(plans: list[Contender], part: str, figure: str) -> pd.DataFrame:
    """Against the plan in force."""
    current = contender("current_80_20").outcome
    return parts.part_changes(plans, current, part, figure, parts.part_names(current, part))


# --- parts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", parts.PARTS)
@pytest.mark.parametrize("preset", ["at_risk_70_30", "salary_spiffs"])
def test_parts_add_up_to_the_team(part: str, preset: str) -> None:
    plan, current = contender(preset), contender("current_80_20")
    for figure in parts.figures_by(part):
        whole = [parts.split(one.outcome, parts.TEAM, figure)[0] for one in (plan, current)]
        split = [parts.split(one.outcome, part, figure).sum(axis=0) for one in (plan, current)]
        np.testing.assert_allclose(split[0] - split[1], whole[0] - whole[1], atol=2.0)  # sums of float32
        changes = part_changes([plan], part, figure)
        assert changes["mean"].sum() == pytest.approx(float(np.mean(whole[0] - whole[1])), abs=2.0)


def test_wide_tables_keep_the_order_of_plans_and_parts() -> None:
    plans = [contender("posthog"), contender("flowfuse")]
    changes = part_changes(plans, parts.CSM, parts.PAY)
    table = parts.wide(changes, [plan.name for plan in plans])
    assert table["part"].tolist() == list(stage_team().csm_id)
    own = changes[changes["plan"] == "FlowFuse"]
    np.testing.assert_array_equal(table["mean.1"], own["mean"])
    np.testing.assert_array_equal(table["give.1"], 2 * own["standard_error"])


def test_people_of_one_name_are_told_apart_by_their_id() -> None:
    team = replace(stage_team(), csm_name=("Ann", "Ben", "Ann", "Cy"))
    assert parts.people_names(team) == (f"Ann ({team.csm_id[0]})", "Ben", f"Ann ({team.csm_id[2]})", "Cy")


# --- payback ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PLAN_PRESETS[1:])
def test_at_the_break_even_what_is_kept_is_worth_the_extra_cost(preset: str) -> None:
    plan, current = contender(preset).outcome, contender("current_80_20").outcome
    found = payback.payback(plan, current, 0.8)
    cost = float((plan.plan_cost - current.plan_cost).mean())
    assert 0.8 * found.needed * current.opening_arr == pytest.approx(cost)
    # The worth at which this plan just pays makes its own rise of GRR the break-even.
    if found.grr.mean > 1e-6 and cost > 0:
        even = cost / (found.grr.mean * current.opening_arr)
        assert payback.payback(plan, current, even).needed == pytest.approx(found.grr.mean)
        assert payback.payback(plan, current, even).net.mean == pytest.approx(0.0, abs=1e-6)
    kept = plan.retained_arr - current.retained_arr
    pays = [worth >= extra for worth, extra in zip(0.8 * kept, plan.plan_cost - current.plan_cost, strict=True)]
    assert found.pays == pytest.approx(np.mean(pays))
    sentence = payback.payback_sentence("It", found)
    assert points(abs(found.needed), 2)[1:] in sentence or not found.cost.clear
    assert "nan" not in sentence


def with_more(**flows: Floats | float) -> Outcome:
    """Under the plan in force, with more of some flows in the first month; on-cost is 20 % of base pay."""
    current = contender("current_80_20").outcome
    changed = current.flows.copy()
    for name, more in flows.items():
        changed[FLOWS.index(name), 0] += more
    return replace(current, flows=changed)


def test_payback_in_words() -> None:
    current = contender("current_80_20").outcome
    point = 0.01 * current.opening_arr

    def said(outcome: Outcome, worth: float = 0.5) -> str:
        return payback.payback_sentence("X", payback.payback(outcome, current, worth))

    pays = said(with_more(base_pay=point / 2.4, churn=-2 * point))
    assert f"the extra cost of {money(0.5 * point)} pays for itself if GRR rises 1.00 pp" in pays
    assert "it does in 100 % of trials" in pays
    assert "GRR moves by +2.00 pp on average" in pays
    saves = said(with_more(base_pay=-point / 2.4, churn=2 * point))
    assert f"the saving of {money(0.5 * point)} is eaten up if GRR falls 1.00 pp; it holds in 0 % of trials" in saves
    assert said(current) == "X costs and keeps the same as the plan in force in every trial."
    assert "worth nothing" in said(with_more(base_pay=1e4), 0.0)


# --- pay for one more dollar ------------------------------------------------------------------------------


def plan_of(*components: Component, **terms: object) -> Plan:
    return Plan.model_validate({"name": "P", "variable_share": 0.2, "components": components, **terms})


FIXED = Quota(target=50_000.0)
LUCKLESS = {
    "upsell bonus": plan_of(Component(name="u", measure="upsell_bookings", weight=1.0, quota=FIXED)),
    "expansion commission": plan_of(
        Component(name="e", measure="expansion_bookings", kind="commission", rate=0.05, quota=FIXED),
        Component(name="m", measure="mbo", weight=1.0),
    ),
    "accelerated": plan_of(
        Component(
            name="e",
            measure="expansion_bookings",
            weight=1.0,
            quota=Quota(target=10_000.0),
            curve=Curve(tiers=(Tier(start=1.0, slope=2.0),)),
        )
    ),
    "yearly": plan_of(Component(name="c", measure="cross_sell_bookings", weight=1.0, quota=FIXED), period="year"),
    "true-up": plan_of(Component(name="n", measure="net_retention", weight=1.0, quota=Quota(target=1.1)), true_up=True),
    "capped": plan_of(
        Component(
            name="e", measure="expansion_bookings", weight=1.0, quota=Quota(target=5_000.0), curve=Curve(cap=1.2)
        ),
        period="year",
    ),
}


def more_space(book: Book, dollars: float) -> Book:
    """The same book with a little more white space, in proportion: ``dollars`` of it for each CSM."""
    owners = np.bincount(book.csm, book.upsell_whitespace + book.cross_sell_whitespace)[book.csm]
    grow = 1.0 + dollars / owners
    return replace(
        book,
        upsell_whitespace=book.upsell_whitespace * grow,
        cross_sell_whitespace=book.cross_sell_whitespace * grow,
    )


@pytest.mark.parametrize("name", LUCKLESS)
def test_pay_for_one_more_expansion_dollar_is_what_the_engine_pays(name: str) -> None:
    """Without luck: run the book again with some more sold, and divide what is paid more by what was sold more."""
    plan, world = LUCKLESS[name], world_without_luck()
    stay = replace(tiny_book(), renewal_probability=np.ones(8))  # nobody leaves: no sale is lost again
    now = set_stage(stay, plan, world, trials=64)
    before = simulate(now, plan)
    after = simulate(set_stage(more_space(stay, 50.0), plan, world, trials=64), plan)
    sold = (after.csm_expansion - before.csm_expansion).mean(axis=1, dtype=np.float64)
    paid = (after.csm_pay - before.csm_pay).mean(axis=1, dtype=np.float64)
    assert (sold > 10.0).all()
    rate = marginal_rates(now, plan, before).expansion
    np.testing.assert_allclose(rate, paid / sold, rtol=0.02, atol=1e-3)


@pytest.mark.parametrize(
    ("measure", "period"), [("gross_retention", "year"), ("net_retention", "year"), ("net_retention", "quarter")]
)
def test_pay_for_one_more_retained_dollar_is_what_the_engine_pays(measure: str, period: str) -> None:
    """Without luck: let an account that leaves be a little smaller, everything due staying the same."""
    part = Component(name="r", measure=measure, weight=1.0, quota=Quota(target=0.9))
    plan, world = plan_of(part, period=period), world_without_luck()
    none = np.zeros(8)
    book = replace(tiny_book(), upsell_whitespace=none, cross_sell_whitespace=none)
    book = replace(book, renewal_month=np.minimum(book.renewal_month, 11))  # B3 and C3 fall due in the last month
    moved = 100.0 * np.array([0, 0, 1, -1, 0, 1, -1, 0])  # of BEN and CY, from who leaves to who stays
    outcomes, stages = [], []
    for arr in (book.arr, book.arr + moved):
        stages.append(set_stage(replace(book, arr=arr), plan, world, trials=64))
        outcomes.append(simulate(stages[-1], plan))
    kept = (outcomes[0].csm_lost - outcomes[1].csm_lost).mean(axis=1, dtype=np.float64)
    paid = (outcomes[1].csm_pay - outcomes[0].csm_pay).mean(axis=1, dtype=np.float64)
    np.testing.assert_allclose(kept, [0.0, 100.0, 100.0], atol=0.1)
    rate = marginal_rates(stages[0], plan, outcomes[0]).retained
    np.testing.assert_allclose(rate[1:], paid[1:] / kept[1:], rtol=0.02)


def test_quarterly_retention_pays_each_dollar_in_its_own_quarter() -> None:
    """On paper, on the tiny book: months with something due x target a month / (quota x ARR due)."""
    plan = plan_of(Component(name="r", measure="gross_retention", weight=1.0, quota=Quota(target=0.9)))
    now = set_stage(tiny_book(), plan, world_without_luck(), trials=64)
    rate = marginal_rates(now, plan, simulate(now, plan)).retained
    due = np.array([600_000.0, 288_000.0, 312_000.0])
    months = np.array([6, 3, 6])  # ANN in quarters 1 and 3, BEN in 1, CY in 2 and 4
    monthly = 0.2 * np.array([120e3, 100e3, 80e3]) / 12.0
    np.testing.assert_allclose(rate, monthly * months / (0.9 * due), rtol=1e-6)


@pytest.mark.parametrize("measure", ["gross_retention", "net_retention", "upsell_bookings"])
def test_on_a_straight_line_one_more_dollar_is_what_the_page_of_one_csm_says(measure: str) -> None:
    """Another derivation, from the engine's own forecast before the first month of a year."""
    target = 60_000.0 if measure == "upsell_bookings" else 0.95
    plan = plan_of(Component(name="c", measure=measure, weight=1.0, quota=Quota(target=target)), period="year")
    now = set_stage(load_sample("startup"), plan, world_preset("base"), trials=128)
    rates = marginal_rates(now, plan, simulate(now, plan))
    terms, standing_now = terms_of(now, plan), {component.measure: 0.0 for component in plan.components}
    for csm in range(now.portfolio.n_csms):
        found = pacing(now, plan, terms, csm, 0, standing_now).worth
        assert rates.retained[csm] == pytest.approx(found["dollar of ARR retained"], rel=1e-3)
        if measure != "upsell_bookings":
            assert rates.expansion[csm] == pytest.approx(found["dollar of upsell"], rel=1e-3)


def test_a_gate_that_stays_shut_pays_nothing() -> None:
    gated = Component(
        name="u", measure="upsell_bookings", weight=1.0, quota=FIXED, gate=Gate(measure="gross_retention", minimum=0.9)
    )
    plan = plan_of(gated)
    now = set_stage(tiny_book(), plan, world_without_luck(), trials=64)
    rate = marginal_rates(now, plan, simulate(now, plan)).expansion
    assert rate[0] > 0.0  # ANN keeps all; BEN and CY lose a sixth and more
    np.testing.assert_array_equal(rate[1:], 0.0)


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_no_plan_pays_less_than_nothing_for_a_dollar(preset: str) -> None:
    rates = marginal_rates(stage(), plan_preset(preset), contender(preset).outcome)
    assert np.isfinite(rates.retained).all() and np.isfinite(rates.expansion).all()
    assert (rates.retained >= 0.0).all() and (rates.expansion >= 0.0).all()
    if preset in ("salary_spiffs",):
        assert not rates.retained.any() and not rates.expansion.any()


def test_winners_and_losers() -> None:
    then, now = contender("posthog"), contender("current_80_20")
    table = people(stage_team(), stage(), then, now)
    np.testing.assert_allclose(table["pay_now"], now.outcome.csm_base + now.outcome.csm_pay.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(table["change_share"], table["pay_then"] / table["pay_now"] - 1.0)
    lose = [row.csm_id for row in table.itertuples() if row.pay_then < 0.95 * row.pay_now]
    assert losers(table)["csm_id"].tolist() == lose
    assert people_finding(table).startswith(f"{len(lose)} of {len(table)} CSMs expect to lose more than 5 % of pay")
    same = people(stage_team(), stage(), now, now)
    assert not same[["change", "earns_less", "retained_change", "expansion_change"]].to_numpy().any()


# --- names, and plans that do not fit ---------------------------------------------------------------------


def test_names_are_checked_and_freed() -> None:
    assert named(CURRENT, "  Ours ", ()).name == "Ours"
    for name, taken in (("", ()), ("x" * (LONGEST + 1), ()), ("a\nb", ()), ("POSTHOG", ("PostHog",))):
        with pytest.raises(InputError):
            named(CURRENT, name, taken)
    assert free_name("Ours", ("Candidate",)) == "Ours"
    assert free_name("Ours", ("ours", "Ours (2)")) == "Ours (3)"
    long = free_name("x" * LONGEST, ("x" * LONGEST,))
    assert len(long) == LONGEST and long.endswith(" (2)")


def test_a_plan_is_named_after_the_levers_that_were_moved() -> None:
    assert name_of(CURRENT, CURRENT) == CURRENT.name
    moved = with_lever(CURRENT, "variable_share", 0.3)
    assert name_of(moved, CURRENT) == "Customary 80/20, higher mix 70/30"
    moved = with_lever(with_lever(moved, "period", "year"), "retention_threshold", 0.9)
    assert name_of(moved, CURRENT) == "Customary 80/20, yearly pay, higher mix 70/30 and 1 more"
    assert len(name_of(moved, CURRENT.model_copy(update={"name": "x" * LONGEST}))) == LONGEST


def test_a_plan_that_does_not_fit_does_not_keep_others_out() -> None:
    book = load_sample("startup")
    none = np.zeros(len(book))
    bare = replace(book, upsell_whitespace=none, cross_sell_whitespace=none)
    mbo = plan_preset("corporate_mbo")
    where = set_stage(bare, mbo, world_preset("base"), trials=64)
    fit, refused = enter([("A", mbo), ("B", CURRENT), ("C", mbo)], lambda plan: simulate(where, plan))
    assert [plan.name for plan in fit] == ["A", "C"]
    assert [plan.name for plan in refused] == ["B"]
    assert "quota" in str(refused[0].error)


# --- pictures ---------------------------------------------------------------------------------------------


def test_the_plan_looked_at_and_the_likeliest_have_a_colour_of_their_own() -> None:
    names = [plan.name for plan in all_plans()]
    chance = {name: number / 100 for number, name in enumerate(names)}
    places = pictures.slots(names, "PostHog", names[0], chance)
    assert (places["PostHog"], places[names[0]]) == (pictures.FOCUS, pictures.IN_FORCE)
    assert places["FlowFuse"] == 2  # the likeliest of the others
    own = [place for place in places.values() if place < pictures.COLOURED]
    assert len(own) == len(set(own)) == pictures.COLOURED


def test_pictures_stay_small_and_name_each_coloured_plan_once() -> None:
    plans = all_plans()
    names = [plan.name for plan in plans]
    places = pictures.slots(names, names[1], names[0], dict.fromkeys(names, 0.1))
    cloud = pictures.clouds(plans, places)
    spread = pictures.distributions({plan.name: plan.outcome.plan_cost for plan in plans}, places)
    changes = part_changes(plans[1:], parts.MONTH, parts.COST)
    months = pictures.month_picture(changes, places)
    assert max(map(len, (cloud, spread, months))) <= 1500
    coloured = {name for name, place in places.items() if place < pictures.COLOURED}
    reach = cloud[cloud["part"] == "ring"]["y"].max()
    assert cloud[cloud["part"] == "name"]["y"].min() > reach  # on a phone a name is as wide as the rings
    for table in (cloud, spread):
        labelled = table[table["part"] == "name"]
        assert set(labelled["plan"]) == coloured and len(labelled) == len(coloured)
        assert (labelled["y"].diff().iloc[1:] < 0).all()
    ends = months[months["label_y"].notna()]
    assert set(ends["plan"]) == coloured - {names[0]}
    last = ends.set_index("plan")["total"]
    for plan in plans[1:]:
        if plan.name in coloured:
            wanted = float((plan.outcome.plan_cost - plans[0].outcome.plan_cost).mean())
            assert last[plan.name] == pytest.approx(wanted, abs=0.01)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_labels_do_not_cover_one_another(points_: list[tuple[float, float]]) -> None:
    x, y = np.array(points_).T
    placed = pictures.clear_of_each_other(x, y, 0.3, 0.05)
    for i in range(len(x)):
        for j in range(i):
            assert abs(x[i] - x[j]) >= 0.3 or abs(placed[i] - placed[j]) >= 0.05 * 0.99


def test_a_distribution_is_highest_where_most_trials_are() -> None:
    values = np.concatenate([np.full(50, 10.0), np.linspace(0.0, 100.0, 50)])
    table = pictures.distributions({"A": values, "B": np.full(100, 60.0)}, {"A": 0, "B": 1})
    for name, peak in (("A", 10.0), ("B", 60.0)):
        own = table[(table["plan"] == name) & (table["part"] == "line")]
        assert own.loc[own["y"].idxmax(), "x"] == pytest.approx(peak, abs=2.5)
    assert table["y"].max() == 1.0
    flat = pictures.distributions({"A": np.zeros(10)}, {"A": 0})
    assert np.isfinite(flat["y"]).all()


def test_findings_name_the_plan() -> None:
    plans = [contender("posthog"), contender("current_80_20")]
    cost = {plan.name: plan.outcome.plan_cost for plan in plans}
    share = float(np.mean(cost["PostHog"] < cost[CURRENT.name]))
    assert findings.spread_finding("Plan cost", cost, least=True) == (
        f"Plan cost: PostHog is lowest in {100 * share:.0f} % of trials"
    )
    assert findings.spread_finding("x", {"A": np.ones(3), "B": np.ones(3)}) == "x: the same in every trial"
    assert findings.cloud_finding([plans[0], plans[0]]) == "All plans keep and cost the same"
    changes = part_changes(plans[:1], parts.MONTH, parts.COST)
    total = float(np.mean(cost["PostHog"] - cost[CURRENT.name]))
    assert findings.month_finding(changes, "PostHog") == f"PostHog: {money(total, signed=True)} by month 12"
    same = part_changes(plans[1:], parts.CSM, parts.PAY)
    assert findings.part_finding(same, CURRENT.name, "ARR") == f"{CURRENT.name}: no difference of ARR anywhere"

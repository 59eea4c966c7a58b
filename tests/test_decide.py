"""Two plans on the same luck: differences, sentences, pictures and waterfalls."""

from __future__ import annotations

import re
from collections.abc import Callable
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
from sim.decide.bridge import (
    INTERACTION,
    OTHER_TERMS,
    Step,
    all_moves,
    arr_bridge,
    cost_bridge,
    lever_bridge,
    single_moves,
)
from sim.decide.compare import METRICS, differences, standard_error, summaries, summarise
from sim.decide.effort import _apart, effort_changes, effort_finding, effort_matters
from sim.decide.picture import (
    CANDIDATE,
    DOTS,
    both_curves,
    bridge_finding,
    bridge_table,
    cloud,
    cloud_finding,
    curve_finding,
    curve_names,
    difference_cloud,
    main_components,
    pay_curve_table,
    two_clouds,
)
from sim.decide.verdict import verdict
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, set_stage, simulate
from sim.engine.state import FLOWS
from sim.plan import PLAN_PRESETS, plan_preset
from sim.plan.levers import with_lever
from sim.plan.schema import Component, Plan
from sim.world.parameters import WORLD_PRESETS, world_preset

Floats = NDArray[np.float64]

TRIALS = 192
CURRENT = plan_preset("current_80_20")
SALARY = Plan(name="Salary", variable_share=0.0)
RETENTION = Component(name="Retention", measure="gross_retention", weight=1.0)
RETENTION_ONLY = Plan(name="Retention only", variable_share=0.2, components=(RETENTION,))


@cache
def stage() -> Stage:
    return set_stage(load_sample("startup"), CURRENT, world_preset("base"), seed=3, trials=TRIALS)


@cache
def _run(text: str) -> Outcome:
    return simulate(stage(), Plan.model_validate_json(text))


def run(plan: Plan) -> Outcome:
    return _run(plan.model_dump_json())


def preset(name: str) -> Outcome:
    return run(plan_preset(name))


def with_more(outcome: Outcome, **flows: Floats | float) -> Outcome:
    """The outcome with some flows raised in the first month, by the same amount or one for each trial."""
    changed = outcome.flows.copy()
    for name, more in flows.items():
        changed[FLOWS.index(name), 0] += more
    return replace(outcome, flows=changed)


@cache
def nothing_due() -> Outcome:
    """Gross retention only, on a book without a renewal in the year."""
    book = tiny_book()
    book = replace(book, renewal_month=book.renewal_month + 24)
    return simulate(set_stage(book, RETENTION_ONLY, world_without_luck(), trials=64), RETENTION_ONLY)


# --- summaries and differences --------------------------------------------------------------------------


def by_hand(name: str, outcome: Outcome) -> Floats:
    """Each metric from the flows themselves."""
    total = dict(zip(FLOWS, outcome.flows.sum(axis=1), strict=True))
    lost = total["churn"] + total["contraction"] + total["erosion"]
    variable = outcome.paid.sum(axis=(0, 1)) + total["guarantee_pay"]
    gained = total["upsell"] + total["cross_sell"]
    opening = outcome.opening_arr
    figures: dict[str, Floats] = {
        "retained_arr": opening - lost,
        "gross_retention": 1.0 - lost / opening,
        "net_retention": 1.0 + (gained + total["uplift"] - lost) / opening,
        "logo_retention": 1.0 - total["accounts_lost"] / outcome.opening_accounts,
        "plan_cost": (total["base_pay"] + variable) * (1.0 + world_preset("base").on_cost) + total["replacement_cost"],
        "variable_pay": variable,
        "expansion_arr": gained,
    }
    return figures[name]


@pytest.mark.parametrize("name", METRICS)
def test_summaries_and_paired_differences_are_those_of_the_trials(name: str) -> None:
    candidate, current = preset("at_risk_70_30"), preset("current_80_20")
    then, now = by_hand(name, candidate), by_hand(name, current)
    for summary, values in (
        (summaries(candidate)[name], then),
        (summaries(current)[name], now),
        (differences(candidate, current)[name], then - now),
    ):
        scale = float(np.abs(then).max())
        spread = np.sqrt(np.square(values - values.mean()).sum() / (TRIALS - 1))
        assert summary.mean == pytest.approx(values.mean(), abs=1e-12 * scale)
        assert summary.standard_error == pytest.approx(spread / np.sqrt(TRIALS), rel=1e-6)
        wanted = np.percentile(values, [5, 25, 50, 75, 95])
        found = [summary.p5, summary.p25, summary.p50, summary.p75, summary.p95]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * scale)


def test_the_difference_is_surer_than_the_plans_themselves() -> None:
    """What pairing is for: the luck that both plans meet cancels."""
    change = differences(preset("at_risk_70_30"), preset("current_80_20"))["retained_arr"]
    assert change.standard_error < 0.5 * summaries(preset("current_80_20"))["retained_arr"].standard_error


@pytest.mark.parametrize("name", ["current_80_20", "salary_spiffs"])
def test_identical_plans_differ_by_exactly_nothing(name: str) -> None:
    plan = plan_preset(name)
    once, again = simulate(stage(), plan), simulate(stage(), plan)
    for change in differences(once, again).values():
        assert (change.mean, change.standard_error, change.p5, change.p95) == (0.0, 0.0, 0.0, 0.0)
        assert not change.clear
    answer = verdict(once, again)
    assert answer.sentence.startswith("The same as the plan in force")
    assert answer.keeps_less == 0.0


def test_one_trial_has_no_standard_error() -> None:
    one = summarise(np.array([5.0]))
    assert one.standard_error == np.inf
    assert not one.clear
    assert (one.mean, one.p5, one.p95) == (5.0, 5.0, 5.0)
    assert standard_error(np.array([1.0, 3.0])) == pytest.approx(1.0)


def test_a_constant_other_than_zero_is_told_from_noise() -> None:
    assert summarise(np.full(10, 0.1)).clear
    assert not summarise(np.zeros(10)).clear


# --- the sentence -----------------------------------------------------------------------------------------


def sentence(**flows: Floats | float) -> str:
    """The verdict on a candidate that differs in these flows only; on-cost is 20 % of base pay."""
    current = preset("current_80_20")
    return verdict(with_more(current, **flows), current).sentence


def some(share: float, this: float, otherwise: float) -> Floats:
    """One figure in the first share of the trials, another in the rest: (TRIALS,)."""
    return np.where(np.arange(TRIALS) < share * TRIALS, this, otherwise)


NOISE = np.where(np.arange(TRIALS) % 2 == 0, 100e3, -100e3)
SAME_ARR = "Keeps exactly the same ARR"
SAME_COST = "Costs the same in every trial"


def test_sentence_on_cost() -> None:
    assert sentence(base_pay=150e3) == f"Costs $180k more (90 % of trials: +$180k to +$180k). {SAME_ARR}."
    assert sentence(base_pay=-150e3) == f"Costs $180k less (90 % of trials: -$180k to -$180k). {SAME_ARR}."
    spread = some(0.5, 100e3, 200e3)
    assert sentence(replacement_cost=spread) == f"Costs $150k more (90 % of trials: +$100k to +$200k). {SAME_ARR}."
    unsure = "The cost cannot be told from that of the plan in force (90 % of trials: -$100k to +$100k)"
    assert sentence(replacement_cost=NOISE) == f"{unsure}. {SAME_ARR}."


def test_sentence_on_retained_arr() -> None:
    assert sentence(churn=some(0.75, -400e3, 100e3)) == (
        f"{SAME_COST}. Keeps $275k more ARR; in 25 % of trials it keeps less."
    )
    assert sentence(contraction=some(0.75, 400e3, -100e3)) == (
        f"{SAME_COST}. Keeps $275k less ARR; in 25 % of trials it keeps as much or more."
    )
    unsure = "The ARR kept cannot be told from that of the plan in force (90 % of trials: -$100k to +$100k)"
    assert sentence(churn=NOISE) == f"{SAME_COST}. {unsure}."


def test_sentence_on_where_arr_ends() -> None:
    assert sentence(upsell=200e3) == f"{SAME_COST}. {SAME_ARR}. With expansion, ARR ends $200k above the plan in force."
    assert sentence(churn=100e3, cross_sell=300e3) == (
        f"{SAME_COST}. Keeps $100k less ARR; in 0 % of trials it keeps as much or more. "
        "With expansion, ARR ends $200k above the plan in force."
    )
    assert "ARR ends $50k below the plan in force" in sentence(erosion=-150e3, upsell=-200e3)
    assert "ARR ends" not in sentence(churn=-100e3)
    assert "ARR ends" not in sentence(upsell=NOISE)


def test_rounding_of_sums_is_no_difference() -> None:
    tiny = 1e-6 * NOISE / 100e3
    assert sentence(base_pay=tiny, churn=tiny, upsell=tiny).startswith("The same as the plan in force")


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_every_preset_gets_a_sentence_that_its_figures_support(name: str) -> None:
    answer = verdict(preset(name), preset("current_80_20"))
    kept = by_hand("retained_arr", preset(name)) - by_hand("retained_arr", preset("current_80_20"))
    cost = by_hand("plan_cost", preset(name)) - by_hand("plan_cost", preset("current_80_20"))
    assert answer.keeps_less == np.mean(kept < 0)
    assert not re.search(r"nan|inf|None|-\$0\b", answer.sentence)
    if answer.cost.clear:
        assert (" more (" in answer.sentence) == (cost.mean() > 0)
    if answer.retained.clear:
        assert (" more ARR" in answer.sentence) == (kept.mean() > 0)


# --- waterfalls -------------------------------------------------------------------------------------------


def total(steps: list[Step]) -> float:
    return sum(step.mean for step in steps)


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_bridges_add_up(name: str) -> None:
    candidate, current = preset(name), preset("current_80_20")
    closing = float(np.mean(candidate.closing_arr - current.closing_arr))
    cost = float(np.mean(candidate.plan_cost - current.plan_cost))
    assert total(arr_bridge(candidate, current)) == pytest.approx(closing, abs=1e-6)
    assert total(cost_bridge(candidate, current)) == pytest.approx(cost, abs=1e-6)


def test_steps_are_the_flows_with_their_signs() -> None:
    current = preset("current_80_20")
    moved = with_more(current, churn=-1e3, contraction=2e3, erosion=4e3, uplift=8e3, upsell=16e3, cross_sell=NOISE)
    steps = {step.label: (round(step.mean, 6), round(step.standard_error, 6)) for step in arr_bridge(moved, current)}
    assert steps == {
        "Churn": (1e3, 0.0),
        "Contraction": (-2e3, 0.0),
        "Price erosion": (-4e3, 0.0),
        "Price uplift": (8e3, 0.0),
        "Upsell": (16e3, 0.0),
        "Cross-sell": (0.0, round(100e3 / np.sqrt(TRIALS - 1), 6)),
    }
    dearer = with_more(current, base_pay=1e3, guarantee_pay=2e3, replacement_cost=4e3)
    assert {step.label: round(step.mean, 6) for step in cost_bridge(dearer, current)} == {
        "Base pay": 1e3,
        "Bonus and commission": 2e3,
        "SPIFs": 0.0,
        "On-cost": 0.2 * 3e3,
        "Replacing leavers": 4e3,
    }


def test_spifs_have_their_own_step() -> None:
    steps = {step.label: step.mean for step in cost_bridge(preset("salary_spiffs"), run(SALARY))}
    assert steps["SPIFs"] == pytest.approx(preset("salary_spiffs").paid.sum(axis=(0, 1)).mean())
    assert steps["SPIFs"] > 0.0
    assert steps["Bonus and commission"] == 0.0


def moved(*moves: tuple[str, float]) -> Plan:
    plan = CURRENT
    for name, value in moves:
        plan = with_lever(plan, name, value)
    return plan


FIGURES: tuple[Callable[[Outcome], Floats], ...] = (METRICS["plan_cost"], METRICS["retained_arr"])


@pytest.mark.parametrize("figure", FIGURES, ids=("plan_cost", "retained_arr"))
def test_lever_bridge_adds_up_with_its_interaction(figure: Callable[[Outcome], Floats]) -> None:
    first, second = ("variable_share", 0.3), ("retention_threshold", 0.9)
    candidate = moved(first, second)
    steps = lever_bridge(candidate, CURRENT, run, figure)
    assert [step.label for step in steps] == ["Variable pay", "Retention threshold", INTERACTION]
    start = figure(run(CURRENT))
    alone = [figure(run(moved(move))) - start for move in (first, second)]
    together = figure(run(candidate)) - start
    parts = [*alone, together - alone[0] - alone[1]]
    for step, part in zip(steps, parts, strict=True):
        assert step.mean == pytest.approx(part.mean(), abs=1e-6)
        assert step.standard_error == pytest.approx(standard_error(part), abs=1e-6)
    assert total(steps) == pytest.approx(together.mean(), abs=1e-6)
    assert abs(steps[-1].mean) > 10.0, "these two levers do interact"


def test_lever_bridge_of_one_lever_is_that_lever() -> None:
    candidate = moved(("variable_share", 0.3))
    steps = lever_bridge(candidate, CURRENT, run, METRICS["plan_cost"])
    assert [step.label for step in steps] == ["Variable pay"]
    assert total(steps) == differences(run(candidate), run(CURRENT))["plan_cost"].mean


@pytest.mark.parametrize("name", ["posthog", "salary_spiffs", "commission_uncapped"])
def test_lever_bridge_to_another_kind_of_plan_adds_up(name: str) -> None:
    steps = lever_bridge(plan_preset(name), CURRENT, run, METRICS["plan_cost"])
    wanted = differences(preset(name), run(CURRENT))["plan_cost"].mean
    assert steps[-1].label == OTHER_TERMS
    assert total(steps) == pytest.approx(wanted, abs=1e-6)


def test_terms_that_no_lever_moves_have_their_own_step() -> None:
    guaranteed = CURRENT.model_copy(update={"ramp_guarantee": 1.0, "ramp_guarantee_months": 6, "name": "Ours"})
    candidate = with_lever(guaranteed, "variable_share", 0.3)
    mix = moved(("variable_share", 0.3))
    assert all_moves(candidate, CURRENT) == mix
    steps = lever_bridge(candidate, CURRENT, run, METRICS["plan_cost"])
    assert [step.label for step in steps] == ["Variable pay", OTHER_TERMS]
    assert steps[1].mean == pytest.approx(differences(run(candidate), run(mix))["plan_cost"].mean)
    assert steps[1].mean > 100.0, "new hires are paid while they learn"
    renamed = mix.model_copy(update={"name": "Ours", "description": "A name is no term."})
    assert [step.label for step in lever_bridge(renamed, CURRENT, run, METRICS["plan_cost"])] == ["Variable pay"]


def test_a_switch_that_another_lever_needs_comes_with_it() -> None:
    candidate = moved(("expansion_gate", True), ("gate_minimum", 0.93))
    assert [label for label, _ in single_moves(candidate, CURRENT)] == ["Gate expansion on retention"]
    assert all_moves(candidate, CURRENT) == candidate
    steps = lever_bridge(candidate, CURRENT, run, METRICS["plan_cost"])
    assert [step.label for step in steps] == ["Gate expansion on retention", INTERACTION]
    assert total(steps) == pytest.approx(differences(run(candidate), run(CURRENT))["plan_cost"].mean, abs=1e-6)


def test_lever_bridge_between_identical_plans_is_nothing() -> None:
    assert single_moves(CURRENT, CURRENT) == []
    assert total(lever_bridge(CURRENT, CURRENT, run, METRICS["plan_cost"])) == 0.0


def test_single_moves_change_one_lever_each() -> None:
    candidate = moved(("variable_share", 0.3), ("retention_threshold", 0.9))
    moves = dict(single_moves(candidate, CURRENT))
    assert moves == {
        "Variable pay": moved(("variable_share", 0.3)),
        "Retention threshold": moved(("retention_threshold", 0.9)),
    }


def test_bridge_table_stacks_the_steps_up_to_the_total() -> None:
    steps = [Step("Churn", 300e3, 10.0), Step("Upsell", -100e3, 20.0)]
    table = bridge_table(steps, "Closing ARR")
    assert table[["label", "start", "end", "kind", "text"]].to_numpy().tolist() == [
        ["Churn", 0.0, 300e3, "better", "+$300k"],
        ["Upsell", 300e3, 200e3, "worse", "-$100k"],
        ["Closing ARR", 0.0, 200e3, "total", "+$200k"],
    ]
    cost = bridge_table(steps, "Plan cost", less_is_better=True)
    assert cost["kind"].tolist() == ["worse", "better", "total"], "what costs less is not bad"
    nothing = [Step("SPIFs", 0.0, 0.0)]
    assert [bridge_table(nothing, "", less_is_better=cost)["kind"][0] for cost in (True, False)] == ["better"] * 2
    assert bridge_finding(steps, "Closing ARR") == "Closing ARR +$200k, most of it churn"
    assert bridge_finding([Step("Churn", 0.0, 0.0)], "Closing ARR") == "Closing ARR: no difference"
    assert bridge_table([], "Closing ARR")["end"].tolist() == [0.0]


# --- pictures ---------------------------------------------------------------------------------------------


def inside(table: pd.DataFrame, ring: float, x: Floats, y: Floats) -> float:
    """Share of points inside a ring, from the ring's own points: an ellipse is a circle in the right coordinates."""
    edge = table[table["ring"] == ring]
    points = edge[["x", "y"]].to_numpy()[:-1]  # the last closes the ring
    centre = points.mean(axis=0)
    # A circle of radius r sampled all round has covariance r^2 / 2 in each direction; so has its image.
    shape = 2.0 * np.cov(points.T, bias=True)
    gap = np.column_stack([x, y]) - centre
    distance = np.einsum("ij,jk,ik->i", gap, np.linalg.inv(shape), gap)
    return float(np.mean(distance <= 1.0))


@pytest.mark.parametrize("seed", range(3))
def test_rings_hold_half_and_nine_tenths_of_the_trials(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = 5e6 + 1e5 * rng.gamma(2.0, 1.0, 1000)  # skewed: a normal's ellipse would miss
    y = 2.0 * x + 3e5 * rng.normal(size=1000)
    table = cloud(x, y, CANDIDATE)
    assert inside(table, 0.5, x, y) == pytest.approx(0.5, abs=0.0011)
    assert inside(table, 0.9, x, y) == pytest.approx(0.9, abs=0.0011)
    middle = table[table["part"] == "median"]
    assert middle[["x", "y"]].to_numpy().tolist() == [[np.median(x), np.median(y)]]
    dots = table[table["part"] == "dot"]
    assert dots["x"].tolist() == x[:DOTS].tolist()


def test_rings_of_real_outcomes() -> None:
    candidate, current = preset("at_risk_70_30"), preset("current_80_20")
    table = two_clouds(candidate, current)
    for name, outcome in (("Candidate", candidate), ("Plan in force", current)):
        own = table[table["plan"] == name]
        for share in (0.5, 0.9):
            found = inside(own, share, outcome.plan_cost, outcome.retained_arr)
            assert found == pytest.approx(share, abs=1.1 / TRIALS)


def test_pictures_stay_small_whatever_the_number_of_trials() -> None:
    many = 20_000
    rng = np.random.default_rng(5)
    assert len(cloud(rng.normal(size=many), rng.normal(size=many), CANDIDATE)) <= 250
    candidate, current = preset("at_risk_70_30"), preset("current_80_20")
    plan = plan_preset("at_risk_70_30")
    assert len(two_clouds(candidate, current)) <= 500
    assert len(difference_cloud(candidate, current)) <= 250
    for name in curve_names(plan):
        assert len(both_curves(name, plan, candidate, CURRENT, current)) <= 250
    assert len(effort_changes(candidate, current)) <= 5 * 12


def test_curves_and_densities() -> None:
    outcome = preset("current_80_20")
    for i, component in enumerate(CURRENT.components):
        own = pay_curve_table(component, outcome.attainment[:, i], CANDIDATE)
        density = own[own["part"] == "density"]
        assert density["y"].sum() == pytest.approx(1.0)
        known = outcome.attainment[:, i].ravel()
        middle = density[(density["x"] <= 1.0) & (density["x2"] > 1.0)]
        share = np.mean((known >= middle["x"].item()) & (known < middle["x2"].item()))
        assert middle["y"].item() == pytest.approx(share, abs=0.01)
        curve = own[own["part"] == "curve"]
        assert np.interp(1.0, curve["x"], curve["y"]) == pytest.approx(1.0, abs=0.03)
        assert np.diff(curve["y"]).min() > -1e-12


def test_the_current_curve_lies_beneath_the_candidates_on_the_same_measure() -> None:
    plan = plan_preset("retention_referral")
    assert curve_names(plan) == ["Retention", "Opportunities found"]
    retention, referrals = (both_curves(name, plan, run(plan), CURRENT, run(CURRENT)) for name in curve_names(plan))
    assert set(retention["plan"]) == {"Candidate", "Plan in force"}
    theirs = retention[retention["plan"] == "Plan in force"].drop(columns="plan").reset_index(drop=True)
    alone = pay_curve_table(CURRENT.components[0], run(CURRENT).attainment[:, 0], CANDIDATE).drop(columns="plan")
    pd.testing.assert_frame_equal(theirs, alone)
    assert set(referrals["plan"]) == {"Candidate"}, "the plan in force pays nothing on referrals"


def test_effort_is_told_against_the_plan_in_force() -> None:
    candidate, current = preset("at_risk_70_30"), preset("current_80_20")
    table = effort_changes(candidate, current)
    assert set(table["line"]) == {"Plan in force", "retention", "upsell"}, "it buys hardly any cross-sell and no KPIs"
    row = table[(table["line"] == "upsell") & (table["month"] == 4)]
    then, now = (outcome.effort[:, 3, 1].mean() for outcome in (candidate, current))
    assert row["change"].item() == pytest.approx(then / now - 1.0, abs=5e-4)
    assert table[table["line"] == "Plan in force"]["change"].eq(0.0).all()
    assert table["label_at"].notna().sum() == 3, "each line is named once"
    assert table[table["label_at"].notna()]["month"].eq(12).all()


@given(npst.arrays(float, st.integers(1, 6), elements=st.floats(-1.0, 9.0, width=32)), st.floats(0.01, 2.0))
def test_names_of_lines_never_overlap(heights: Floats, room: float) -> None:
    placed = _apart(heights, room)
    ordered = placed[np.argsort(heights, kind="stable")]
    assert np.all(np.diff(ordered) >= room - 1e-9), "in the order of the lines"
    assert placed.mean() == pytest.approx(heights.mean(), abs=1e-6)
    clear = np.diff(np.sort(heights)).min(initial=np.inf) >= room
    assert not clear or np.allclose(placed, heights), "what has room stays where it is"


def test_where_effort_changes_nothing_it_is_said() -> None:
    candidate, current = preset("at_risk_70_30"), preset("current_80_20")
    assert "effort changes nothing" in effort_finding(candidate, current, world_preset("sceptic"))
    assert [effort_matters(world_preset(name)) for name in WORLD_PRESETS] == [
        name != "sceptic" for name in WORLD_PRESETS
    ]


def test_findings() -> None:
    candidate, current = preset("at_risk_70_30"), preset("current_80_20")
    cost, kept = candidate.plan_cost - current.plan_cost, candidate.retained_arr - current.retained_arr
    sides = [
        ("more", np.mean(change > 0)) if np.median(change) > 0 else ("less", np.mean(change < 0))
        for change in (cost, kept)
    ]
    said = [f"{100 * share:.0f} %" for _, share in sides]
    assert cloud_finding(candidate, current) == (
        f"Costs {sides[0][0]} in {said[0]} of trials, keeps {sides[1][0]} ARR in {said[1]}"
    )
    assert cloud_finding(current, current) == "Costs the same, keeps the same ARR"
    base = world_preset("base")
    assert effort_finding(current, current, base) == "Effort: as under the plan in force"
    then, now = (outcome.effort.mean(axis=(0, 1)) for outcome in (candidate, current))
    assert f"upsell {100 * (then[1] / now[1] - 1):+.0f} %" in effort_finding(candidate, current, base)
    assert (
        effort_finding(current, run(SALARY), base) == "Effort: retention up from hardly any, upsell up from hardly any"
    )

    known = current.attainment[:, 0].ravel()
    said = curve_finding(CURRENT, current, "Retention")
    share = f"{100 * np.mean(known >= 1.0):.0f} % reach quota, {100 * np.mean(known <= 0.85):.0f} % get nothing"
    assert said.startswith(share)
    assert said.endswith("at the cap")


# --- the edges --------------------------------------------------------------------------------------------


def all_pictures(plan: Plan, candidate: Outcome, current: Outcome) -> None:
    for table in (
        two_clouds(candidate, current),
        difference_cloud(candidate, current),
        *(both_curves(name, plan, candidate, CURRENT, current) for name in curve_names(plan)),
        bridge_table(arr_bridge(candidate, current), "Closing ARR"),
        bridge_table(cost_bridge(candidate, current), "Plan cost"),
    ):
        numbers = table.select_dtypes("number").drop(columns="error", errors="ignore")
        assert np.isfinite(numbers.to_numpy(dtype=np.float64)).all()
    assert verdict(candidate, current).sentence.endswith(".")
    assert effort_finding(candidate, current, world_preset("base"))
    changes = effort_changes(candidate, current)
    assert np.isfinite(changes["change"].to_numpy(dtype=np.float64)).all()


def test_a_plan_without_components() -> None:
    outcome = run(SALARY)
    all_pictures(SALARY, outcome, run(CURRENT))
    assert main_components(SALARY) == curve_names(SALARY) == []
    assert effort_changes(outcome, outcome).empty
    assert summaries(outcome)["variable_pay"].mean == 0.0
    assert np.isnan(outcome.csm_attainment).all()


def test_a_plan_of_spifs_only() -> None:
    plan = plan_preset("salary_spiffs")
    all_pictures(plan, run(plan), run(CURRENT))
    assert curve_names(plan) == []
    assert summaries(run(plan))["variable_pay"].mean > 0.0


def test_a_year_without_a_renewal_has_no_attainment_and_no_spread() -> None:
    outcome = nothing_due()
    assert np.isnan(outcome.attainment).all()
    table = pay_curve_table(RETENTION, outcome.attainment[:, 0], CANDIDATE)
    assert table[table["part"] == "density"]["y"].eq(0.0).all()
    assert curve_finding(RETENTION_ONLY, outcome, "Retention") == "Retention: nothing was measured"
    assert set(two_clouds(outcome, outcome)["part"]) == {"dot", "median"}, "a point has no ring"
    assert summaries(outcome)["gross_retention"].standard_error == 0.0


@pytest.mark.parametrize("trials", [1, 2])
def test_one_trial_or_two(trials: int) -> None:
    few = set_stage(load_sample("startup"), CURRENT, world_preset("base"), seed=3, trials=trials)
    plan = plan_preset("at_risk_70_30")
    candidate, current = simulate(few, plan), simulate(few, CURRENT)
    all_pictures(plan, candidate, current)
    assert "ring" not in set(two_clouds(candidate, current)["part"])
    if trials == 1:
        assert "cannot be told" in verdict(candidate, current).sentence
        assert all(step.standard_error == np.inf for step in cost_bridge(candidate, current))


def test_points_on_a_line_have_no_rings() -> None:
    x = np.linspace(0.0, 1.0, 200)
    assert set(cloud(x, 3.0 * x, CANDIDATE)["part"]) == {"dot", "median"}
    assert set(cloud(x, np.zeros(200), CANDIDATE)["part"]) == {"dot", "median"}

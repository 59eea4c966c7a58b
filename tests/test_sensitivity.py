"""What a conclusion hangs on, against closed forms: published indices, a toy plan, known values of information."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from tiny_book import tiny_book, world_without_luck

from sim.book.samples import load_sample
from sim.decide.choice.criterion import CRITERIA, WORTH
from sim.decide.compare import summarise
from sim.decide.sensitivity import findings, study, tables
from sim.decide.sensitivity.design import Design, can_vary, design, screened, worlds_of
from sim.decide.sensitivity.flip import Condition, Rule, find_rule
from sim.decide.sensitivity.information import worth_of_knowing
from sim.decide.sensitivity.ranges import PLAUSIBLE, Range, checked, plausible, written
from sim.decide.sensitivity.sobol import LEAST_ROWS, indices
from sim.decide.sensitivity.tornado import HERE, Bar, End, bars, ends
from sim.decide.sensitivity.worlds import Case, Change, changes, difference
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.plan.schema import Component, Plan, Quota
from sim.problems import InputError
from sim.runs.setting import Setting
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, World, world_preset

Floats = NDArray[np.float64]
CURRENT, CANDIDATE = plan_preset("current_80_20"), plan_preset("at_risk_70_30")
STARTUP = Setting(load_sample("startup"), CURRENT, world_preset("base"), trials=64)
NET, KEPT, COST = (CRITERIA[name] for name in ("closing_less_cost", "retained_arr", "cost"))


def unit(n_varied: int, n_rows: int) -> Design:
    """Assumptions from 0 to 1, named as some of the world's."""
    return design([Range(name, 0.0, 1.0) for name in list(PLAUSIBLE)[:n_varied]], n_rows)


def ignore(share: float, answer: object) -> None:
    """Nobody looks."""


# --- Sobol' indices -------------------------------------------------------------------------------------


def test_indices_of_the_ishigami_function():
    """Published: Ishigami & Homma 1990, a = 7, b = 0.1."""
    x = design([Range(name, -np.pi, np.pi) for name in "abc"], 4096).points
    found = indices(np.sin(x[..., 0]) + 7.0 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0]))
    assert found is not None
    first, total = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]
    assert found.first == pytest.approx(first, abs=0.015)
    assert found.total == pytest.approx(total, abs=0.01)
    assert (found.first_low <= first).all() and (first <= found.first_high).all()
    assert (found.total_low <= total).all() and (total <= found.total_high).all()
    assert (found.first_high - found.first_low < 0.1).all()


def objectives(variable_share: float) -> Plan:
    """All variable pay on objectives, on a line from nothing, at constant on-target earnings."""
    line = Component(name="Objectives", measure="mbo", weight=1.0, quota=Quota(target=1.0))
    return Plan(name="toy", variable_share=variable_share, components=(line,))


def test_indices_of_a_toy_plan():
    """Cost of 10 pp more at risk: 0.1 OTE (1 + on-cost) (score - 1), a product of two independent uniforms."""
    world = world_without_luck()
    setting = Setting(tiny_book(), objectives(0.2), world, trials=1)
    varied = (Range("on_cost", 0.0, 0.6), Range("mbo_mean", 0.5, 1.0))
    with ThreadPoolExecutor(2) as executor:
        sample = study.all_at_once(executor, setting, objectives(0.3), design(varied, 64), ignore)
    cost = -sample.figure(COST, WORTH)[..., 0]
    on_cost, score = sample.points[..., 0], sample.points[..., 1]
    assert cost == pytest.approx(30_000.0 * (1.0 + on_cost) * (score - 1.0), rel=1e-6)
    found = indices(cost)
    assert found is not None
    mean, variance = np.array([1.3, -0.25]), np.array([0.6, 0.5]) ** 2 / 12.0
    alone, both = variance * mean[::-1] ** 2, variance.prod()
    assert found.first == pytest.approx(alone / (alone.sum() + both), abs=0.015)
    assert found.total == pytest.approx((alone + both) / (alone.sum() + both), abs=0.015)


@pytest.mark.parametrize(("scale", "shift"), [(1e-3, 0.0), (1e6, -3e5), (7.0, 1e4)])
def test_indices_do_not_depend_on_the_unit(scale, shift):
    x = unit(3, LEAST_ROWS).points
    y = x[..., 0] + 0.5 * x[..., 1] * x[..., 2]
    one, other = indices(y), indices(scale * y + shift)
    assert one is not None and other is not None
    assert other.total == pytest.approx(one.total, abs=1e-6)


def test_too_few_worlds_or_none_that_differ_have_no_indices():
    x = unit(2, 16).points
    assert indices(x[: LEAST_ROWS - 1, :, 0]) is None
    assert indices(np.zeros((0, 4))) is None
    assert indices(np.full((16, 4), 3.0)) is None
    assert indices(x[:13, :, 0]).rows == 8


# --- where it flips -------------------------------------------------------------------------------------


def test_a_boundary_on_one_assumption_is_found():
    chosen = unit(6, 64)
    rule = find_rule(chosen.points, chosen.points[..., 2] > 0.3, chosen.varied)
    ((condition,),) = rule.regions
    assert rule.loses
    assert (condition.name, condition.low) == (chosen.names[2], None)
    assert condition.high == pytest.approx(0.3, abs=0.01)
    assert rule.right > 0.98


def test_a_boundary_on_two_assumptions_is_found():
    chosen = unit(6, 64)
    x = chosen.points
    rule = find_rule(x, (x[..., 0] <= 0.4) | (x[..., 1] > 0.7), chosen.varied)
    (region,) = rule.regions
    assert rule.loses
    assert {condition.name: condition.low for condition in region}[chosen.names[0]] == pytest.approx(0.4, abs=0.03)
    assert {condition.name: condition.high for condition in region}[chosen.names[1]] == pytest.approx(0.7, abs=0.03)
    assert rule.right > 0.95
    assert find_rule(x, (x[..., 0] > 0.7) & (x[..., 1] > 0.5), chosen.varied).loses is False


@pytest.mark.parametrize("wins", [True, False])
def test_one_outcome_everywhere_needs_no_rule(wins):
    chosen = unit(4, 32)
    rule = find_rule(chosen.points, np.full(chosen.points.shape[:2], wins), chosen.varied)
    assert (rule.regions, rule.wins, rule.right) == ((), float(wins), 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_no_rule_is_made_from_chance(seed):
    chosen = unit(6, 64)
    luck = np.random.default_rng(seed).random(chosen.points.shape[:2])
    assert find_rule(chosen.points, luck > 0.2, chosen.varied).regions == ()


@pytest.mark.parametrize("seed", range(5))
def test_of_rules_that_tell_as_well_the_simplest_is_taken(seed):
    chosen = unit(6, 64)
    luck = np.random.default_rng(seed).random(chosen.points.shape[:2])
    rule = find_rule(chosen.points, (chosen.points[..., 2] > 0.4) != (luck < 0.15), chosen.varied)
    ((condition,),) = rule.regions
    assert condition.high == pytest.approx(0.4, abs=0.03)
    assert rule.right == pytest.approx(0.85, abs=0.04)


# --- what it is worth to know ---------------------------------------------------------------------------


def gain(mean: float, sd: float) -> float:
    """E max(0, X) - max(0, E X) of a normal X: Raiffa & Schlaifer's unit normal loss."""
    return float(sd * norm.pdf(mean / sd) - abs(mean) * norm.cdf(-abs(mean) / sd))


@pytest.mark.parametrize("mean", [10.0, -25.0])
def test_information_on_two_normals(mean):
    chosen = unit(4, 256)
    z = norm.ppf(np.clip(chosen.points, 1e-6, 1.0 - 1e-6))
    luck = np.random.default_rng(1).standard_normal((*z.shape[:2], 64))
    net = (mean + 30.0 * z[..., 0] + 15.0 * z[..., 1])[..., None] + 20.0 * luck
    found = worth_of_knowing(chosen.points, net)
    assert found is not None
    exact = [gain(mean, 30.0), gain(mean, 15.0), 0.0, 0.0]
    assert found.mean == pytest.approx(mean, abs=0.5)
    assert found.one_known == pytest.approx(exact, abs=0.25)
    assert found.all_known == pytest.approx(gain(mean, np.hypot(30.0, 15.0)), rel=0.03)
    assert found.wrong == pytest.approx(norm.cdf(-abs(mean) / np.hypot(30.0, 15.0)), abs=0.02)
    assert found.all_low < found.all_known < found.all_high
    assert (found.one_low <= exact).all() and (exact <= found.one_high + 0.01).all()


def test_noise_alone_is_no_knowledge():
    """All worlds alike and the plans level: each mean is noise, which EVPI takes for knowledge, the halves do not."""
    chosen = unit(3, 64)
    net = np.random.default_rng(2).standard_normal((*chosen.points.shape[:2], 16))
    found = worth_of_knowing(chosen.points, net)
    assert found is not None
    assert found.all_known == pytest.approx(gain(0.0, 0.25), rel=0.1)
    assert found.all_least < 0.2 * found.all_known
    assert (found.one_known < 0.2 * found.all_known).all()


def test_a_choice_that_is_never_wrong_makes_knowing_worthless():
    chosen = unit(3, 16)
    found = worth_of_knowing(chosen.points, 5.0 + chosen.points[..., :1] + np.zeros(4))
    assert found is not None
    assert (found.all_known, found.all_least, found.wrong) == (0.0, 0.0, 0.0)
    assert found.one_known == pytest.approx(0.0)
    assert worth_of_knowing(chosen.points[:4], np.ones((4, 5, 4))) is None


# --- worlds on the engine -------------------------------------------------------------------------------


def direct(setting: Setting, world: World) -> Change:
    """The paired difference by the engine alone."""
    stage = set_stage(setting.book, CURRENT, world, seed=setting.seed, trials=setting.trials, n_months=setting.months)
    return difference(simulate(stage, CANDIDATE), simulate(stage, CURRENT))


def test_ends_of_the_tornado_are_direct_runs_bit_for_bit():
    ranges = [one for one in plausible(STARTUP.world) if one.name in ("churn_cut", "shock_rho", "on_cost")]
    with ThreadPoolExecutor(2) as executor:
        found = study.one_by_one(executor, STARTUP, CANDIDATE, ranges, ignore)
    assert list(found) == ends(STARTUP.world, ranges)
    assert len(found) == 7
    for end, change in found.items():
        world = STARTUP.world if end == HERE else STARTUP.world.changed({end.name: end.value})
        for ours, theirs in zip(change, direct(STARTUP, world), strict=True):
            assert np.array_equal(ours, theirs)


def test_an_assumption_that_nothing_depends_on_moves_nothing():
    ranges = [Range("nps_noise", 10.0, 40.0), Range("pull_churn", 0.0, 0.6), Range("churn_cut", 0.0, 0.2)]
    with ThreadPoolExecutor(1) as executor:
        found = study.one_by_one(executor, STARTUP, CANDIDATE, ranges, ignore)
    drawn = bars(STARTUP.world, ranges, {end: KEPT.figure(change, WORTH) for end, change in found.items()})
    assert [bar.swing > 0.0 for bar in drawn] == [True, False, False]
    assert drawn[0].name == "churn_cut"


def test_the_sceptic_sees_the_same_outcomes_and_other_pay():
    with ThreadPoolExecutor(2) as executor:
        four = study.side_by_side(executor, STARTUP, CANDIDATE)
    assert list(four) == ["sceptic", "base", "optimistic", "mixed"]
    assert not four["sceptic"].retained_arr.any()
    assert not four["sceptic"].closing_arr.any()
    assert four["sceptic"].plan_cost.any()
    kept = summarise(KEPT.figure(four["sceptic"], WORTH))
    assert findings.standing(kept) == "the same"
    assert "Retained ARR the same in every trial" in findings.card(kept, four["sceptic"])
    assert "changes nothing in the sceptic world" in findings.row_finding(
        KEPT, {name: summarise(KEPT.figure(change, WORTH)) for name, change in four.items()}
    )
    for ours, theirs in zip(four["optimistic"], direct(STARTUP, world_preset("optimistic")), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("here", WORLD_PRESETS)
def test_the_row_is_the_shipped_worlds_wherever_one_stands(here):
    assert study.variants(world_preset(here)) == {name: world_preset(name) for name in study.ROW}
    assert set(study.ROW) == set(WORLD_PRESETS)


def test_the_row_keeps_what_was_set_besides_the_response():
    own = world_preset("base").changed({"attrition": 0.3, "shock_rho": 0.05})
    assert {(world.attrition, world.shock_rho) for world in study.variants(own).values()} == {(0.3, 0.05)}


def test_a_sample_does_not_depend_on_who_runs_it():
    chosen = design([Range("churn_cut", 0.0, 0.2), Range("on_cost", 0.1, 0.3)], 8)
    seen: list[int] = []

    def told(share: float, sample: study.Sample) -> None:
        seen.append(len(sample.found))

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(3) as three:
        alone = study.all_at_once(one, STARTUP, CANDIDATE, chosen, told)
        together = study.all_at_once(three, STARTUP, CANDIDATE, chosen, ignore)
    assert seen == list(range(1, 9))
    assert np.array_equal(alone.figure(NET, WORTH), together.figure(NET, WORTH))
    row = worlds_of(chosen, 3, STARTUP.world)
    assert len(row) == 4
    theirs = NET.figure(direct(STARTUP, row[2]), WORTH)
    assert np.array_equal(alone.figure(NET, WORTH)[3, 2], theirs)
    table = tables.worlds_table(alone)
    assert len(table) == 32
    assert table["Churn cut at reference effort"].tolist() == chosen.points[..., 0].ravel().tolist()


def test_a_case_can_be_sent_to_a_worker():
    case = Case(STARTUP, CANDIDATE, (STARTUP.world, world_preset("optimistic")))
    for sent, kept in zip(changes(pickle.loads(pickle.dumps(case))), changes(case), strict=True):  # noqa: S301
        assert np.array_equal(sent, kept)


def test_few_trials_suffice_for_a_sample():
    setting = replace(STARTUP, trials=1024)
    chosen = design([Range("churn_cut", 0.0, 0.2)], 1)
    with ThreadPoolExecutor(1) as executor:
        sample = study.all_at_once(executor, setting, CANDIDATE, chosen, ignore)
    assert sample.figure(KEPT, WORTH).shape == (1, 3, study.SAMPLE_TRIALS)


def test_stopping_ends_the_study():
    def stop(share: float, answer: object) -> None:
        raise KeyError("stopped")

    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyError):
        study.one_by_one(executor, STARTUP, CANDIDATE, plausible(STARTUP.world), stop)


@pytest.mark.parametrize("name", CRITERIA)
def test_a_conclusion_on_the_difference_is_the_difference_of_conclusions(name):
    stage = set_stage(STARTUP.book, CURRENT, STARTUP.world, trials=64)
    candidate, current = simulate(stage, CANDIDATE), simulate(stage, CURRENT)
    figure = CRITERIA[name].figure
    gap = figure(candidate, 0.6) - figure(current, 0.6)
    assert figure(difference(candidate, current), 0.6) == pytest.approx(gap, abs=1e-6)


# --- ranges and the design ------------------------------------------------------------------------------


def test_every_assumption_has_a_plausible_range_within_the_model():
    assert list(PLAUSIBLE) == list(ASSUMPTIONS)
    for name, (low, high, why) in PLAUSIBLE.items():
        row = ASSUMPTIONS[name]
        assert row.low <= low < high <= row.high
        assert why
        for preset in WORLD_PRESETS:
            assert low <= getattr(world_preset(preset), name) <= high


def test_a_range_holds_the_world_that_it_is_around():
    world = World(upsell_arrivals=3.0)
    assert Range("upsell_arrivals", 0.4, 3.0) in plausible(world)
    assert checked(plausible(world), world) == plausible(world)


def test_ranges_that_cannot_be_are_refused_all_at_once():
    wrong = [
        Range("churn_cut", 0.0, 0.5),
        Range("on_cost", 0.3, 0.1),
        Range("attrition", 0.2, 0.3),
        Range("win_rate", float("nan"), 0.4),
        Range("mbo_mean", 0.8, 1.0),
    ]
    with pytest.raises(InputError) as refused:
        checked(wrong, World())
    assert [problem.where.removeprefix("range of ") for problem in refused.value.problems] == [
        ASSUMPTIONS[name].label for name in ("churn_cut", "on_cost", "attrition", "win_rate")
    ]


def test_rows_are_independent_and_a_row_swaps_one_at_a_time():
    chosen = design([Range("churn_cut", 0.0, 0.2), Range("attrition", 0.1, 0.3)], 64)
    a, b = chosen.points[:, 0], chosen.points[:, 1]
    assert chosen.points.shape == (64, 4, 2)
    for j in range(2):
        swapped = chosen.points[:, 2 + j]
        assert np.array_equal(swapped[:, j], b[:, j])
        assert np.array_equal(swapped[:, 1 - j], a[:, 1 - j])
    assert a.min(axis=0) == pytest.approx([0.0, 0.1], abs=0.005)
    assert a.max(axis=0) == pytest.approx([0.2, 0.3], abs=0.005)
    assert a.mean(axis=0) == pytest.approx([0.1, 0.2], abs=0.001)
    assert np.array_equal(chosen.points, design(chosen.varied, 64).points)


def bar(name: str, at_low: float, at_high: float, at_here: float = 0.0, *, clear: bool = True) -> Bar:
    return Bar(name, 0.0, 0.5, 1.0, at_low, at_here, at_high, clear, clear)


def test_screening_keeps_what_matters_to_any_conclusion():
    ranges = [Range(name, 0.0, 1.0) for name in ("shock_rho", "churn_cut", "on_cost", "attrition")]
    kept = [bar("shock_rho", -9.0, 9.0), bar("churn_cut", -5.0, 5.0), bar("on_cost", 0.0, 0.0)]
    cost = [bar("on_cost", -1.0, 1.0), bar("attrition", 0.0, 1e-3), bar("churn_cut", 0.0, 0.0)]
    assert [one.name for one in screened([kept, cost], ranges)] == ["on_cost", "churn_cut"]
    assert not can_vary(Range("shock_rho", 0.0, 0.1))
    assert not can_vary(Range("on_cost", 0.2, 0.2))


# --- bars and words -------------------------------------------------------------------------------------


def test_a_bar_turns_where_its_line_crosses_zero():
    assert bar("churn_cut", -10.0, 50.0, 30.0).turns_at == pytest.approx(0.125)
    assert bar("churn_cut", -10.0, 50.0, 30.0).turns
    assert not bar("churn_cut", -10.0, 50.0, 30.0, clear=False).turns
    assert not bar("churn_cut", 10.0, 50.0, 30.0).turns
    assert np.isnan(bar("churn_cut", 10.0, 50.0, 30.0).turns_at)
    assert bar("churn_cut", 40.0, 35.0, 30.0).swing == 10.0


def test_bars_are_sorted_and_wait_for_both_ends():
    world = World()
    ranges = [Range("churn_cut", 0.0, 0.2), Range("on_cost", 0.1, 0.3), Range("present_bias", 0.7, 1.0)]
    at: Callable[[float], Floats] = lambda mean: np.array([mean - 1.0, mean + 1.0])  # noqa: E731
    found = {HERE: at(10.0), End("churn_cut", 0.0): at(8.0), End("churn_cut", 0.2): at(11.0)}
    found[End("present_bias", 0.7)] = at(-20.0)
    drawn = bars(world, ranges, found)
    assert [(one.name, one.at_low, one.at_high) for one in drawn] == [
        ("present_bias", -20.0, 10.0),
        ("churn_cut", 8.0, 11.0),
    ]
    assert bars(world, ranges, {}) == []
    picture = tables.tornado_picture(drawn)
    assert picture["text"].tolist() == ["70 %", "", "0 %", "20 %"]
    assert picture["name"][0] == "Weight of pay at the period's end: turns at 90 %"
    assert picture["zero"].tolist() == [0.0] * 4


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("churn_cut", 0.03, "3 %"),
        ("attrition", 0.18, "18 % a year"),
        ("vacancy_months", 3.0, "3 months"),
        ("shock_rho", 0.02, "0.02"),
        ("orphan_penalty", 0.3, "0.3 logit"),
        ("contraction_depth", 0.2512345, "25.1 %"),
    ],
)
def test_values_in_words(name, value, said):
    assert written(ASSUMPTIONS[name], value) == said


def test_rules_in_words():
    low_cut = Condition("churn_cut", None, 0.0312)
    leavers = Condition("attrition", 0.25, None)
    middle = Condition("task_overlap", 0.1, 0.4)
    say = findings.rule_finding
    assert say(Rule(0.9, True, ((low_cut,),), 0.97, 0.9)) == (
        "The candidate wins unless churn cut at reference effort is below 3.1 %"
    )
    assert say(Rule(0.2, False, ((low_cut, leavers), (middle,)), 0.97, 0.8)) == (
        "The candidate wins only where churn cut at reference effort is below 3.1 % and CSMs who leave are above "
        "25 % a year, or competition between tasks is between 10 % and 40 %"
    )
    assert say(Rule(1.0, True, (), 1.0, 1.0)) == "The candidate wins in all sampled worlds"
    assert say(Rule(0.0, True, (), 1.0, 1.0)) == "The candidate loses in all sampled worlds"
    assert "97 % of worlds" in findings.rule_certainty(Rule(0.9, True, ((low_cut,),), 0.97, 0.9))

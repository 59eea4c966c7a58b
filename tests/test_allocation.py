"""Dollars across teams: a toy worked by hand, every split of small cases, prices against differences, and the runs."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import book_of

from sim.decide.allocation import findings
from sim.decide.allocation.allocate import (
    BUDGET,
    CAP,
    FLOOR,
    LOSS,
    Limits,
    Team,
    allocate,
    arr_of,
    same_shares,
)
from sim.decide.allocation.entered import Row, Wishes, read_wishes, rows_of
from sim.decide.allocation.groups import EVERYBODY, MOST_TEAMS, OTHERS, grouped, groupings
from sim.decide.allocation.levels import LEVELS, OWN, Runs, at_level, run_levels
from sim.decide.allocation.outside import EXAMPLE, FURTHEST, Outside, assumed_curve
from sim.decide.allocation.returns import (
    EVEN,
    EXPANSION,
    PAY,
    RETAINED,
    Worth,
    envelope,
    envelopes,
    error_of,
    measure,
    read_at,
    slope_weights,
)
from sim.decide.allocation.study import Study, measured, study
from sim.decide.allocation.topdown import from_incentive, from_total
from sim.engine.run import set_stage, simulate
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.problems import InputError
from sim.world.parameters import world_preset

Floats = np.ndarray


def team(name: str, slopes: tuple[float, ...], *, today: float = 0.0, heads: int = 1, **bounds: float) -> Team:
    """Straight pieces of 100 dollars each."""
    dollars = 100.0 * np.arange(len(slopes) + 1)
    return Team(name, heads, today, dollars, np.concatenate([[0.0], 100.0 * np.cumsum(slopes)]), **bounds)


# --- worked by hand -----------------------------------------------------------------------------------------------
#
#          first $100  next $100   today
#     A    3.00        1.00        100
#     B    2.00        0.50        100
#     C    0.80        0.20        200
#
# Of $400, dearest pieces first: A 100 (3), B 100 (2), A 100 (1), C 100 (0.8): 300 + 200 + 100 + 80 = 680. The next
# dollar is B's (0.5). Today's split earns 300 + 200 + 80 + 20 = 600.

A, B, C = team("A", (3.0, 1.0), today=100.0), team("B", (2.0, 0.5), today=100.0), team("C", (0.8, 0.2), today=200.0)
TOY = [A, B, C]


def test_the_toy():
    best = allocate(TOY, Limits(400.0))
    assert best.dollars == pytest.approx([200.0, 100.0, 100.0])
    assert best.arr == pytest.approx(680.0)
    assert best.next_dollar == pytest.approx(0.5, abs=1e-5)
    assert best.goes_to == pytest.approx([0.0, 1.0, 0.0])
    assert arr_of(TOY, same_shares(TOY, 400.0)) == pytest.approx(600.0)


def test_the_toy_with_a_floor_a_cap_and_a_limit_on_losses():
    # A's cap leaves 100 to B's second piece (0.5) beside C's first (0.8).
    capped = allocate([replace(A, cap=100.0), B, C], Limits(400.0))
    assert capped.dollars == pytest.approx([100.0, 200.0, 100.0]) and capped.arr == pytest.approx(630.0)
    # C keeps 150 of its 200: 50 more to C (0.2) from A (1).
    kept = allocate(TOY, Limits(400.0, most_loss=0.25))
    assert kept.dollars == pytest.approx([150.0, 100.0, 150.0]) and kept.arr == pytest.approx(640.0)
    (price,) = kept.prices
    assert (price.kind, price.team) == (LOSS, 2) and price.worth == pytest.approx(0.8, abs=1e-5)  # A's 1 less C's 0.2
    floored = allocate([A, B, replace(C, floor=150.0)], Limits(400.0))
    assert floored.dollars == pytest.approx(kept.dollars)
    assert [(one.kind, one.team) for one in floored.prices] == [(FLOOR, 2)]
    # A 100, B 100, A's 50 more, C 80: a dollar more of A's cap takes one from C, 1 less 0.8.
    (cap,) = allocate([replace(A, cap=150.0), B, C], Limits(330.0)).prices
    assert (cap.kind, cap.team) == (CAP, 0) and cap.worth == pytest.approx(0.2, abs=1e-5)


def test_the_toy_with_the_same_a_head_for_all():
    # 400 on three teams of one: 133 each, so A earns 300 + 33, B 200 + 17, C 80 + 7. One dollar more is a third each.
    equal = allocate(TOY, Limits(400.0, most_ratio=1.0))
    assert equal.dollars == pytest.approx([400.0 / 3.0] * 3)
    assert equal.arr == pytest.approx(580.0 + (1.0 + 0.5 + 0.2) * 100.0 / 3.0)
    assert equal.goes_to == pytest.approx([1.0 / 3.0] * 3, abs=1e-5)
    assert equal.next_dollar == pytest.approx((1.0 + 0.5 + 0.2) / 3.0, abs=1e-5)
    # With two people in A the same a head is twice the dollars: 200, 100, 100.
    assert allocate([replace(A, heads=2), B, C], Limits(400.0, most_ratio=1.0)).dollars == pytest.approx(
        [200, 100, 100]
    )


def test_nothing_is_spent_on_what_earns_nothing():
    flat = [team("A", (0.0, 0.0), floor=30.0), team("B", (0.0,), today=50.0)]
    best = allocate(flat, Limits(200.0, most_loss=0.2))
    assert best.dollars == pytest.approx([30.0, 40.0])
    assert (best.next_dollar, best.prices) == (0.0, ())
    full = allocate(TOY, Limits(10_000.0))
    assert full.dollars == pytest.approx([200.0, 200.0, 200.0]) and full.next_dollar == 0.0


def test_a_team_that_loses_arr_by_pay_gets_its_floor():
    harmed = team("H", (0.5, -1.0), floor=150.0)
    assert allocate([harmed, A], Limits(1_000.0)).dollars == pytest.approx([150.0, 200.0])


@pytest.mark.parametrize(
    ("teams", "limits", "named", "not_named"),
    [
        (
            [replace(A, floor=150.0), replace(B, floor=100.0), C],
            Limits(200.0),
            ("the budget of $200", "floor of A ($150)", "floor of B ($100)"),
            ("C", "cap"),
        ),
        ([replace(A, floor=120.0, cap=60.0), B], Limits(500.0), ("floor of A", "the cap of A ($60)"), ("budget", "B")),
        ([replace(A, floor=900.0), B], Limits(5_000.0), ("the most that was tried for A ($200)",), ("budget",)),
        (
            TOY,
            Limits(300.0, most_loss=0.1),
            ("at least 90 % of today's $100 for A", "$200 for C", "budget"),
            ("floor",),
        ),
        (
            [replace(A, floor=200.0), replace(B, cap=50.0)],
            Limits(1_000.0, most_ratio=2.0),
            ("2 times as much a head", "floor of A", "cap of B"),
            ("budget",),
        ),
    ],
)
def test_limits_that_clash_are_named_and_no_others(teams, limits, named, not_named):
    with pytest.raises(InputError) as error:
        allocate(teams, limits)
    (problem,) = error.value.problems
    for words in named:
        assert words in str(problem)
    for words in not_named:
        assert words not in str(problem).replace("or enter another budget", "")


# --- every split of small cases -----------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Team], Limits]:
    """Two or three teams whose corners, floors and caps are multiples of 100, and so is the budget."""
    teams = []
    for number in range(draw(st.integers(2, 3))):
        pieces = draw(st.integers(1, 4))
        slopes = sorted(draw(st.lists(st.integers(-20, 60), min_size=pieces, max_size=pieces)), reverse=True)
        floor = draw(st.integers(0, pieces))
        cap = draw(st.integers(floor, pieces))
        one = team(
            f"T{number}",
            tuple(slope / 20.0 for slope in slopes),
            today=100.0 * draw(st.integers(0, 4)),
            heads=draw(st.integers(1, 5)),
            floor=100.0 * floor,
            cap=100.0 * cap if draw(st.booleans()) else np.inf,
        )
        teams.append(one)
    return teams, Limits(100.0 * draw(st.integers(0, 12)), most_loss=draw(st.sampled_from([1.0, 0.5])))


def every_split(teams: list[Team], limits: Limits, step: float) -> list[tuple[float, ...]]:
    """All that keep the limits, on a grid."""
    found = []
    for split in itertools.product(*(np.arange(0.0, one.dollars[-1] + step / 2, step) for one in teams)):
        a_head = [x / one.heads for x, one in zip(split, teams, strict=True)]
        if (
            sum(split) <= limits.budget + 1e-9
            and all(one.floor - 1e-9 <= x <= one.cap + 1e-9 for x, one in zip(split, teams, strict=True))
            and all(x >= (1.0 - limits.most_loss) * one.today - 1e-9 for x, one in zip(split, teams, strict=True))
            and (limits.most_ratio == np.inf or max(a_head) <= limits.most_ratio * min(a_head) + 1e-9)
        ):
            found.append(split)
    return found


@given(cases())
@settings(max_examples=40)
def test_no_split_of_a_grid_is_better_and_one_is_as_good(case):
    """With all limits on the grid an optimum is on it, too: then both are equal."""
    teams, limits = case
    splits = every_split(teams, limits, 50.0)
    if not splits:
        with pytest.raises(InputError):
            allocate(teams, limits)
        return
    best = allocate(teams, limits)
    assert best.arr == pytest.approx(max(arr_of(teams, np.array(split)) for split in splits), abs=1e-3)
    kept = zip(best.dollars, teams, strict=True)
    assert best.dollars.sum() <= limits.budget + 1e-6
    assert all(max(t.floor, (1.0 - limits.most_loss) * t.today) - 1e-6 <= x <= t.reach + 1e-6 for x, t in kept)


@given(cases(), st.sampled_from([1.0, 1.5, 3.0]))
@settings(max_examples=25)
def test_with_fairness_no_split_of_a_grid_is_better_and_one_is_nearly_as_good(case, ratio):
    teams, limits = case[0], replace(case[1], most_ratio=ratio, most_loss=1.0)
    teams = [replace(one, floor=0.0, cap=np.inf) for one in teams]
    best = allocate(teams, limits)  # nothing for anybody keeps every limit
    a_head = best.dollars / [one.heads for one in teams]
    assert a_head.max() <= ratio * a_head.min() + 1e-6
    found = max(arr_of(teams, np.array(split)) for split in every_split(teams, limits, 50.0))
    steepest = max(float(np.abs(np.diff(one.arr)).max() / 100.0) for one in teams)
    # A point of the grid with all limits kept lies within a few steps of the optimum, rounded down a head.
    few = 50.0 * sum(one.heads for one in teams) * ratio
    assert found - 1e-3 <= best.arr <= found + steepest * few * len(teams)


@given(cases(), st.floats(10.0, 1_150.0))
@settings(max_examples=25)
def test_the_price_of_the_budget_is_what_a_little_more_brings(case, budget):
    """Concave: the price of the next dollar lies between what this step brings for a dollar and what the next does."""
    teams, limits = [replace(one, floor=0.0) for one in case[0]], Limits(budget)
    step = 1e-4 * budget
    here, there, beyond = (allocate(teams, Limits(budget + times * step)) for times in (0, 1, 2))
    assert beyond.arr - there.arr <= here.next_dollar * step + 1e-6
    assert here.next_dollar * step <= there.arr - here.arr + 1e-6 + 2e-6 * step
    assert there.arr >= here.arr - 1e-6  # more never brings less
    if here.next_dollar > 0.0:
        assert limits.budget == pytest.approx(here.dollars.sum())
        assert here.goes_to.sum() == pytest.approx(1.0, abs=1e-4)


@given(cases())
@settings(max_examples=25)
def test_the_price_of_a_floor_is_what_a_dollar_less_of_it_brings(case):
    teams, limits = case
    if not every_split(teams, limits, 100.0):
        return
    best = allocate(teams, limits)
    for one in best.prices:
        if one.kind == FLOOR and teams[one.team].floor > 1.0:
            eased = [replace(t, floor=t.floor - 1.0) if place == one.team else t for place, t in enumerate(teams)]
            # At a corner the price is that of one side or the other; on the way down it is never less.
            assert allocate(eased, limits).arr - best.arr <= one.worth + 1e-4
    assert all(one.kind != BUDGET and one.worth > 0.0 for one in best.prices)


# --- the curve ----------------------------------------------------------------------------------------------------


def test_an_envelope_worked_by_hand():
    # The middle point lies below the line from 0 to 30: by 12 - 4 = 8 at 20.
    found = envelope(np.array([0.0, 20.0, 30.0, 40.0]), np.array([0.0, 4.0, 18.0, 20.0]))
    assert found.corner.tolist() == [0, 2, 3]
    assert found.sag == pytest.approx(8.0) and found.sagging == (0.0, 30.0)
    straight = envelope(np.array([0.0, 0.0, 10.0]), np.array([0.0, 9.0, 5.0]))  # of two at nothing the first counts
    assert straight.dollars.tolist() == [0.0, 10.0] and straight.sagging is None
    assert envelope(np.zeros(3), np.zeros(3)).dollars.tolist() == [0.0]


@given(st.lists(st.integers(-30, 30), min_size=2, max_size=9), st.integers(0, 10_000))
def test_an_envelope_is_concave_above_all_points_and_touches_its_corners(rises, seed):
    dollars = np.cumsum(np.random.default_rng(seed).integers(1, 50, len(rises))).astype(float)
    arr = np.cumsum(rises).astype(float)
    found = envelope(dollars, arr)
    above = np.interp(dollars, found.dollars, found.arr) - arr
    assert above.min() >= -1e-9 and above.max() == pytest.approx(found.sag)
    assert (np.diff(np.diff(found.arr) / np.diff(found.dollars)) <= 1e-12).all()
    assert set(found.dollars) <= set(dollars) and found.dollars[[0, -1]].tolist() == dollars[[0, -1]].tolist()


def test_what_is_assumed_of_a_team_outside():
    dollars, arr = assumed_curve(Outside("Support", 5, 500_000.0, 90_000.0, 0.4))
    assert dollars[-1] == FURTHEST * 90_000.0
    # The area under 0.4 * 2^(1 - x/d): by quadrature, and its slope at today's by a difference.
    fine = np.linspace(0.0, 90_000.0, 200_001)
    height = 0.4 * 2.0 ** (1.0 - fine / 90_000.0)
    assert np.interp(90_000.0, dollars, arr) == pytest.approx(np.trapezoid(height, fine), rel=1e-6)
    slope = np.diff(arr) / np.diff(dollars)
    assert slope[7] > 0.4 > slope[8] and (np.diff(slope) < 0.0).all()
    assert assumed_curve(Outside("Held", 1, 50.0, 20.0))[0].tolist() == [0.0, 20.0]
    assert assumed_curve(Outside("Nothing", 1, 50.0, 0.0))[0].tolist() == [0.0]


# --- the runs -----------------------------------------------------------------------------------------------------

BOOK = book_of(24, 6, 3, levels=("csm", "lead"))
CURRENT = plan_preset("current_80_20")
TRIALS = 128
STAGE = set_stage(BOOK, CURRENT, world_preset("base"), trials=TRIALS, n_months=12)
GROUP = groupings(BOOK)["Level"]


def silent(_: float) -> None:
    return None


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run_levels(STAGE, CURRENT, silent)


@pytest.fixture(scope="module")
def today() -> Floats:
    return simulate(STAGE, CURRENT).csm_pay.mean(axis=1, dtype=np.float64)


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_at_its_own_level_a_plan_is_itself_and_others_scale_target_pay(name):
    plan = plan_preset(name)
    own = simulate(STAGE, plan)
    again = simulate(*at_level(STAGE, plan, 1.0))
    for part in ("csm_pay", "csm_lost", "csm_expansion"):
        np.testing.assert_allclose(getattr(again, part), getattr(own, part), rtol=1e-5, atol=1e-3)
    half = simulate(*at_level(STAGE, plan, 0.5))
    np.testing.assert_allclose(half.csm_target, 0.5 * own.csm_target, rtol=1e-12)
    np.testing.assert_allclose(half.csm_base, own.csm_base, rtol=1e-12)
    assert not simulate(*at_level(STAGE, plan, 0.0)).csm_pay.any()


def test_without_a_response_pay_is_the_level_times_the_plans_and_nothing_else_moves():
    stage = set_stage(BOOK, CURRENT, world_preset("sceptic"), trials=64)
    found = run_levels(stage, CURRENT, silent)
    for place, level in enumerate(LEVELS):
        np.testing.assert_allclose(found.pay[place], level * found.pay[OWN], rtol=1e-5, atol=0.1)
        assert np.array_equal(found.lost[place], found.lost[OWN])
        assert np.array_equal(found.expansion[place], found.expansion[OWN])
    answer = study(measured(found, GROUP, found.pay[OWN].mean(axis=1, dtype=float)), Wishes(outside=()), 130_000.0)
    assert answer.gain == 0.0 and not answer.goes_anywhere
    assert answer.best.dollars == pytest.approx([0.7 * one.today for one in answer.teams])
    assert findings.headline(answer).startswith("In this world pay buys nothing: the cheapest allocation is the floors")


def test_what_one_csm_does_does_not_hang_on_what_another_is_paid(runs):
    """What makes one run a level enough: the same CSMs, their own accounts left alone with them."""
    richer = simulate(*at_level(STAGE, CURRENT, 2.0))
    assert np.array_equal(richer.csm_lost, runs.lost[-1])
    only = STAGE.portfolio
    base = np.where(np.arange(only.n_csms) == 2, 0.5 * only.base, only.base)
    other = replace(STAGE, portfolio=replace(only, base=base))
    plan = CURRENT.model_copy(update={"hold": "base"})
    changed, kept = simulate(other, plan), simulate(STAGE, plan)
    same = np.arange(only.n_csms) != 2
    assert np.array_equal(changed.csm_pay[same], kept.csm_pay[same])
    assert np.array_equal(changed.csm_lost[same], kept.csm_lost[same])
    assert not np.array_equal(changed.csm_pay[2], kept.csm_pay[2])


def test_the_points_of_the_teams_add_up_to_the_run(runs):
    nothing, whole = (simulate(*at_level(STAGE, CURRENT, level)) for level in (0.0, 1.5))
    points = measure(runs, GROUP)
    place = LEVELS.index(1.5)
    totals = points.mean[:, :, place].sum(axis=1)
    expected = [
        whole.variable_pay.mean(),
        (whole.retained_arr - nothing.retained_arr).mean(),
        (whole.expansion_arr - nothing.expansion_arr).mean(),
    ]
    np.testing.assert_allclose(totals, expected, rtol=1e-4, atol=1.0)


def test_errors_are_those_of_the_trials(runs):
    """The same figures trial by trial, at fixed weights."""
    points, worth = measure(runs, GROUP), Worth(1.0, 0.5)
    corner = envelopes(points, worth)[0].corner
    dollars = float(points.mean[PAY, 0, corner[1:3]].mean())
    _, weights = read_at(points, worth, 0, corner, dollars)
    members = GROUP.of == 0
    pay, lost, sold = (part[:, members].sum(axis=1, dtype=float) for part in (runs.pay, runs.lost, runs.expansion))
    single = np.stack([pay, lost[:1] - lost, sold - sold[:1]])
    values = np.einsum("kl,klt->t", weights[:, 0], single)
    assert error_of(points, weights) == pytest.approx(values.std(ddof=1) / np.sqrt(TRIALS), rel=1e-6)
    # A weight is the derivative of what is read by the mean it belongs to.
    for kind, level in itertools.product((PAY, RETAINED, EXPANSION), corner[1:3]):
        moved = points.mean.copy()
        moved[kind, 0, level] += 1.0
        changed = read_at(replace(points, mean=moved), worth, 0, corner, dollars)[0]
        there = read_at(points, worth, 0, corner, dollars)[0]
        assert changed - there == pytest.approx(weights[kind, 0, level], rel=1e-3, abs=1e-4)
    slopes = slope_weights(points, worth, 0, corner[1], corner[2])
    moved = points.mean.copy()
    moved[PAY, 0, corner[1]] += 1.0

    def slope(mean: Floats) -> float:
        value = mean[RETAINED, 0] + 0.5 * mean[EXPANSION, 0]
        return float(np.diff(value[corner[1:3]])[0] / np.diff(mean[PAY, 0, corner[1:3]])[0])

    assert slope(moved) - slope(points.mean) == pytest.approx(slopes[PAY, 0, corner[1]], rel=1e-2)


def test_the_study_keeps_its_promises(runs, today):
    found = measured(runs, GROUP, today)
    budget = float(found.today.sum()) + sum(one.today for one in EXAMPLE)
    answer = study(found, Wishes(), budget)
    held = answer.teams[-1]
    assert held.name == "Professional services" and answer.best.dollars[-1] == pytest.approx(held.today)
    assert answer.best.dollars.sum() <= budget + 1e-3
    assert all(x >= 0.7 * one.today - 1e-3 for x, one in zip(answer.best.dollars, answer.teams, strict=True))
    assert answer.usual == pytest.approx([one.today for one in answer.teams], rel=1e-6)
    assert answer.gain == pytest.approx(answer.best.arr - arr_of(list(answer.teams), answer.usual), abs=1e-3)
    assert answer.gain >= -1e-6 and answer.error > 0.0
    assert np.nanmax(answer.slope) >= answer.best.next_dollar - 1e-5
    # With one dollar of expansion worth nothing, the curve is that of retained ARR.
    kept_only = study(found, Wishes(worth=Worth(1.0, 0.0)), budget)
    assert kept_only.curves[0].arr == pytest.approx(found.points.mean[RETAINED, 0, kept_only.curves[0].corner])
    # Where nobody may lose, today's split is the only one: no gain, and no doubt about it.
    same = study(found, Wishes(most_loss=0.0), budget)
    assert same.best.dollars == pytest.approx(same.usual, abs=1.0)
    assert abs(same.gain) < 5.0 and same.error < 0.01 * answer.error and abs(same.checked) < 5.0
    # Fewer dollars, never more ARR.
    assert study(found, Wishes(), 0.9 * budget).best.arr <= answer.best.arr


def test_one_trial_says_nothing_of_errors(today):
    stage = set_stage(BOOK, CURRENT, world_preset("base"), trials=1)
    found = measured(run_levels(stage, CURRENT, silent), GROUP, today)
    answer = study(found, Wishes(outside=()), 1e9)
    assert np.isnan(answer.error)
    assert "±" not in findings.headline(answer) and "nan" not in " ".join(findings.doubts(answer))


# --- what is said of it -------------------------------------------------------------------------------------------


def toy_study(**changes: object) -> Study:
    best = allocate(TOY, Limits(400.0))
    curves = tuple(envelope(one.dollars, one.arr) for one in TOY[:2])
    made = Study(
        teams=tuple(TOY),
        curves=curves,
        limits=Limits(400.0),
        best=best,
        usual=same_shares(TOY, 400.0),
        gain=80.0,
        error=6.0,
        assumed=-20.0,
        checked=75.0,
        slope=np.array([0.0, 0.5, 0.2]),
        slope_error=np.zeros(3),
    )
    return replace(made, **changes)


def test_the_sentences_of_the_toy():
    said = toy_study()
    assert findings.headline(said) == (
        "The next dollar belongs to B: it earns $0.50 of ARR. +$80 of ARR a year ± $6 against today's shares of the "
        "same $400."
    )
    assert findings.doubts(said) == [
        "Checked on the half of the trials that the split was not chosen on: +$75.",
        "In it, -$20 is what was assumed of teams outside the simulation.",
    ]
    luck = findings.doubts(toy_study(error=60.0))
    assert "cannot be told from luck" in luck[0]
    assumed = allocate([A, B, replace(C, arr=np.array([0.0, 150.0, 160.0]))], Limits(250.0))
    assert "C (assumed, not simulated)" in findings.headline(toy_study(best=assumed))
    assert findings.headline(toy_study(best=allocate(TOY, Limits(900.0)))).startswith("Within these limits one more")
    # Shares .5 .25 .25 against .25 .25 .5: both are as concentrated as 1 / .375 teams.
    assert findings.concentration_sentence(said) == (
        "A gets 50 % of incentive dollars, the largest share; today it is 50 % (C). Concentration (Herfindahl) 0.38 "
        "against 0.38: as if 2.7 teams shared alike, not 2.7."
    )
    assert findings.loss_sentence(said) == "C loses most: $100 a year, $100 a head"


def test_the_tables_of_the_toy():
    table = findings.team_table(toy_study()).set_index("team")
    assert table["change"].tolist() == pytest.approx([100.0, 0.0, -100.0])
    assert table["change_share"].tolist() == pytest.approx([1.0, 0.0, -0.5])
    assert table["share_proposed"].sum() == pytest.approx(1.0)
    assert table["basis"].tolist() == ["simulated", "simulated", "assumed"]
    bars = findings.change_bars(toy_study())
    assert bars["text"].tolist() == ["+$100", "$100", "+$0", "$100", "-$100", "$200"]
    curves = findings.curve_table(toy_study())
    chosen = curves[curves["part"] == findings.PROPOSED].set_index("team")
    assert chosen["arr"].tolist() == pytest.approx([400.0, 200.0, 80.0])


def test_flat_curves_have_one_name_and_the_end_of_what_was_tried_is_said():
    flat = replace(A, arr=0.0 * A.arr), replace(B, arr=0.0 * B.arr, heads=4)
    curves = findings.curve_table(toy_study(teams=(*flat, C)))
    ends = curves[curves["part"] == "end"]
    assert dict(zip(ends["team"], ends["dollars"], strict=True)) == {"2 flat": 200.0, "C": 200.0}
    assert findings.curve_finding(toy_study()) == "One more dollar earns $0.50 in B, $0.00 in A"
    full = toy_study(best=allocate(TOY, Limits(900.0)), slope=np.full(3, np.nan))
    assert findings.curve_finding(full) == "Every team gets the most that was tried"
    assert (
        findings.price_sentences(full)[0] == "The most that was tried for A costs $1.00 of ARR for each of its dollars."
    )
    capped = toy_study(teams=(replace(A, cap=100.0), B, C), best=allocate([replace(A, cap=100.0), B, C], Limits(400.0)))
    assert findings.price_sentences(capped)[0].startswith("The cap of A costs $0.50")


def test_a_sag_is_told_where_it_matters():
    sagging = envelope(np.array([0.0, 20.0, 30.0]), np.array([0.0, 4.0, 18.0]))
    said = findings.sagging(toy_study(curves=(sagging, envelope(B.dollars, B.arr))))
    assert len(said) == 1 and said[0].startswith("A: between $0 and $30 the simulated return lies below")


# --- what is entered ----------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again():
    typed = [Row("csm", floor="10%", cap="$1,200,000"), Row("lead")]
    outside = [Row("Support", "9", "720,000", "90'000", "0.3", "", "20 %"), Row("Help", "2", "90000", "0"), Row("")]
    read = read_wishes(typed, outside, 0.2, 3.0, EVEN)
    assert read.outside == (Outside("Support", 9, 720_000.0, 90_000.0, 0.3), Outside("Help", 2, 90_000.0, 0.0))
    assert read.bounds_of("csm", 500_000.0) == (50_000.0, 1_200_000.0)
    assert read.bounds_of("lead", 500_000.0) == (0.0, np.inf)
    assert read.bounds_of("Support", 720_000.0) == (0.0, 144_000.0)
    within, without = rows_of(read, ["csm", "lead"])
    assert read_wishes(within, without, 0.2, 3.0, EVEN) == read
    assert read.limits(5.0) == Limits(5.0, 0.2, 3.0) and Wishes().limits(5.0).most_ratio == np.inf


def test_everything_that_is_wrong_is_told_at_once():
    typed = [Row("csm", floor="lots", cap="150%"), Row("lead", floor="20", cap="10")]
    outside = [
        Row("csm", "1", "10", "5"),
        Row("", "2.5", "10", "20", "0.1"),
        Row("New", "1", "10", "0", "0.5"),
        Row("Odd", "nan", "-5", "1e9", "999"),
    ]
    with pytest.raises(InputError) as error:
        read_wishes(typed, outside, 0.2, None, EVEN)
    told = str(error.value)
    for words in (
        "csm, floor: must be USD a year, like 120,000",
        "csm, cap: must be USD a year",
        "lead, cap: must not be below the floor",
        "must have a name that no other team has",
        "must have a name of up to 60 letters",
        "must be a whole number (got '2.5')",
        "OTE: must be of the whole team",
        "New, ARR of the next dollar: needs incentive dollars today",
        "Odd, people: must be a whole number from 1",
        "Odd, OTE: must be USD a year",
        "Odd, today: must be USD a year",
        "Odd, ARR of the next dollar: must be USD of ARR from 0 to 100",
    ):
        assert words in told
    with pytest.raises(InputError, match="at most 12"):
        read_wishes([], [Row(f"T{k}", "1", "10", "5") for k in range(13)], 0.2, None, EVEN)


def test_teams_of_the_book():
    assert GROUP.names == ("csm", "lead") and GROUP.heads.tolist() == [3, 3]
    assert "Role" not in groupings(BOOK)
    alone = replace(BOOK, segment=("all",) * len(BOOK), team=replace(BOOK.team, level=("csm",) * 6))
    assert {name: one.names for name, one in groupings(alone).items()} == {EVERYBODY: (EVERYBODY,)}
    many = grouped((*(f"L{k:02d}" for k in range(20)), "L03"))
    assert len(many.names) == MOST_TEAMS and many.names[-1] == OTHERS and "L03" in many.names
    assert many.heads.sum() == 21


def test_from_the_margin_down_and_back_up():
    # 600 + 720 + 1,000 k OTE less 120 + 90 + 150 k incentives: 1.96 M base, with on-cost of a fifth 2.352 M.
    split = from_total(6_000_000.0, 2_448_000.0, EXAMPLE, 0.2)
    assert split.outside == pytest.approx(2_352_000.0)
    assert split.incentive == pytest.approx(1_000_000.0) and split.on_cost == pytest.approx(200_000.0)
    assert split.total == pytest.approx(6_000_000.0)
    back = from_incentive(split.incentive, 2_448_000.0, EXAMPLE, 0.2)
    assert back.total == pytest.approx(split.total)
    with pytest.raises(InputError, match="more than the base pay of all teams"):
        from_total(4_000_000.0, 2_448_000.0, EXAMPLE, 0.2)
    with pytest.raises(InputError, match="above zero"):
        from_incentive(0.0, 0.0, (), 0.2)

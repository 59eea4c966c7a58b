"""The search for plans that no other beats: known optima, nothing dominated, the same plans wherever it runs."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.book.samples import load_sample
from sim.decide.compare import summarise
from sim.decide.frontier.explore import explore
from sim.decide.frontier.figures import Figures, Limit, Tried, assess, figures_of, usual_limit
from sim.decide.frontier.finalists import Frontier, fresh_seed, shortlist
from sim.decide.frontier.front import costs_of, layers, non_dominated, spread
from sim.decide.frontier.names import LONGEST, changes_in_words, names
from sim.decide.frontier.search import search
from sim.decide.frontier.space import POLICIES, Move, Space, make_space, reachable, usual, whole
from sim.decide.targets.average_team import equal_skill
from sim.engine.run import simulate
from sim.plan.levers import LEVERS, lever_value
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs.setting import Setting, run, stage_at
from sim.world.parameters import world_preset
from tests.strategies import books

CURRENT = plan_preset("current_80_20")
NO_LIMIT = Limit(np.inf, 1.0)


# --- the search finds known optima ----------------------------------------------------------------------


def surplus(s: float, theta: float, r: float, c: float, sigma: float) -> float:
    """What principal and agent share under a linear contract of slope s: output less effort's cost less risk.

    The agent has exponential utility and answers with e = s theta / c (Holmstrom & Milgrom 1987).
    """
    effort = s * theta / c
    return theta * effort - c * effort**2 / 2.0 - r * s**2 * sigma**2 / 2.0


def best_slope(theta: float, r: float, c: float, sigma: float) -> float:
    return theta**2 / (theta**2 + r * c * sigma**2)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("theta", "r", "c", "sigma"), [(1.0, 3.0, 1.0, 1.0), (2.0, 1.0, 2.0, 2.0), (1.0, 1.0, 4.0, 1.5)]
)
def test_the_slope_of_a_linear_contract_is_found(theta, r, c, sigma, seed):
    space = make_space(CURRENT, [Move("variable_share", 0.0, 0.5)])

    def judge(plans):
        return [Figures(-surplus(plan.variable_share, theta, r, c, sigma), 0.0, 0.0, 0.0) for plan in plans]

    found = search(space, judge, NO_LIMIT, 400, seed)
    best = min(found, key=lambda item: item.figures.cost_p90)
    nearest = round(best_slope(theta, r, c, sigma), 2)  # slopes are whole percents
    assert best.plan.variable_share == pytest.approx(nearest, rel=0.01)


def test_several_slopes_at_once_share_out_within_one_percent():
    """Separate tasks with noise of their own: each slope has its own closed form, and surplus adds up."""
    tasks = {
        "variable_share": (1.0, 3.0, 1.0, 0.9),
        "retention_threshold": (1.0, 1.0, 1.0, 0.8),
        "retention_weight": (1.0, 3.0, 1.0, 1.0),
    }
    space = make_space(
        CURRENT,
        [Move("variable_share", 0.0, 0.5), Move("retention_weight", 0.0, 1.0), Move("retention_threshold", 0.5, 0.99)],
    )

    def total(plan: Plan) -> float:
        return sum(surplus(float(lever_value(plan, lever) or 0.0), *task) for lever, task in tasks.items())

    most = sum(surplus(best_slope(*task), *task) for task in tasks.values())
    found = search(space, lambda plans: [Figures(-total(plan), 0.0, 0.0, 0.0) for plan in plans], NO_LIMIT, 1_000, 1)
    best = max(total(item.plan) for item in found)
    assert 0.99 * most <= best <= most
    assert total(CURRENT) < 0.99 * most


def test_within_a_limit_the_best_plan_that_keeps_it_is_found():
    space = make_space(CURRENT, [Move("variable_share", 0.0, 0.5), Move("accelerator", 1.0, 4.0)])

    def judge(plans):
        return [Figures(0.0, plan.variable_share, 0.0, plan.variable_share) for plan in plans]

    found = search(space, judge, Limit(1.0, 0.23), 400, 1)
    within = [item for item in found if item.figures.over <= 0.23]
    assert max(item.figures.retained_arr for item in within) == pytest.approx(0.23)
    assert len(within) > len(found) / 2, "the search turns back to where the limit is kept"


def test_plans_that_cannot_be_run_are_left_out_and_the_search_goes_on():
    space = make_space(CURRENT, [Move("variable_share", 0.0, 0.5)])

    def judge(plans):
        return [None if plan.variable_share > 0.3 else Figures(-plan.variable_share, 0.0, 0.0, 0.0) for plan in plans]

    found = search(space, judge, NO_LIMIT, 300, 1)
    assert max(item.plan.variable_share for item in found) == pytest.approx(0.3)


def test_no_plan_is_judged_twice_and_the_base_plan_is_the_first():
    space = make_space(CURRENT, [Move("variable_share", 0.1, 0.3)])
    judged: list[Plan] = []
    looks: list[int] = []

    def judge(plans):
        judged.extend(plans)
        return [Figures(plan.variable_share, 0.0, 0.0, 0.0) for plan in plans]

    search(space, judge, NO_LIMIT, 120, 1, lambda tries, tried: looks.append(tries))
    assert judged[0] == CURRENT
    assert len(judged) == len({plan.model_dump_json() for plan in judged}) <= 21
    assert looks == [50, 100, 120]


# --- the front ------------------------------------------------------------------------------------------

points = st.lists(st.tuples(*[st.integers(0, 6)] * 3), max_size=40).map(
    lambda rows: np.array(rows, float).reshape(-1, 3)
)


def beats(a, b) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))


@given(points)
def test_the_front_is_what_nobody_beats(costs):
    kept = non_dominated(costs)
    rows = [tuple(row) for row in costs]
    for i, row in enumerate(rows):
        assert kept[i] == (not any(beats(other, row) for other in rows) and row not in rows[:i])


@given(points)
def test_layers_hold_every_plan_once_and_the_first_is_the_front(costs):
    found = list(layers(costs))
    assert sorted(index for layer in found for index in layer.tolist()) == list(range(len(costs)))
    for layer in found:
        assert non_dominated(costs[layer]).all()


@given(points, st.integers(1, 8))
def test_what_is_picked_is_distinct_and_holds_the_best_of_each_aim(costs, most):
    taken = spread(costs, most)
    rows = [tuple(costs[index]) for index in taken]
    assert len(rows) == len(set(rows)) <= most
    if most >= 3 and len(costs):
        assert (costs[taken].min(axis=0) == costs.min(axis=0)).all()
    if len({tuple(row) for row in costs}) >= most:
        assert len(taken) == most


# --- the whole of it ------------------------------------------------------------------------------------


def small(trials: int = 256, seed: int = 1) -> Setting:
    return Setting(load_sample("startup"), CURRENT, world_preset("base"), seed=seed, trials=trials)


@cache
def small_space() -> Space:
    return make_space(CURRENT, usual(CURRENT))


@cache
def small_limit() -> Limit:
    return usual_limit(run(small(), CURRENT).plan_cost)


@cache
def small_frontier() -> Frontier:
    with ThreadPoolExecutor(1) as executor:
        return explore(executor, small(), small_space(), small_limit(), 100)


def told(frontier: Frontier) -> list[tuple[object, ...]]:
    return [
        (offer.plan.model_dump_json(), offer.promised, offer.fresh, offer.cost, offer.retained)
        for offer in frontier.offers
    ]


def test_several_plans_are_offered_and_none_is_beaten():
    frontier = small_frontier()
    assert len(frontier.offers) > 2
    for figures in ([offer.promised for offer in frontier.offers], [offer.fresh for offer in frontier.offers]):
        costs = costs_of(figures)
        assert non_dominated(costs).all()
    for offer in frontier.offers:
        assert frontier.limit.excess(offer.promised) == frontier.limit.excess(offer.fresh) == 0.0
    assert len({offer.plan.name for offer in frontier.offers}) == len(frontier.offers)


@settings(max_examples=4, deadline=None)
@given(books(), st.sampled_from(PLAN_PRESETS), st.integers(0, 1_000), st.floats(0.9, 1.1), st.floats(0.02, 0.5))
def test_no_dominated_plan_is_ever_offered(book, preset, seed, room, most_over):
    current = plan_preset(preset)
    setting = Setting(book, current, world_preset("base"), seed=seed, trials=64)
    try:
        limit = Limit(room * usual_limit(run(setting, current).plan_cost).budget, most_over)
    except InputError:
        return  # this plan cannot be run on a book without white space
    with ThreadPoolExecutor(1) as executor:
        frontier = explore(executor, setting, make_space(current, usual(current)), limit, 60)
    rivals = [current, *(offer.plan for offer in frontier.offers)]
    for luck in (setting, replace(setting, seed=fresh_seed(seed))):
        found = [assess(luck, limit.budget, plan) for plan in rivals]
        figures = [item.figures for item in found if item is not None]
        assert len(figures) == len(rivals)
        within = [item for item in figures if limit.excess(item) == 0.0]
        assert set(figures[1:]) <= set(within)
        for offered in costs_of(figures[1:]):
            assert not any(beats(other, offered) for other in costs_of(within))


def test_what_is_promised_is_checked_on_luck_that_had_no_say():
    frontier = small_frontier()
    seen, unseen = stage_at(small()), stage_at(small(seed=fresh_seed(1)))
    assert not np.array_equal(simulate(seen, CURRENT).plan_cost, simulate(unseen, CURRENT).plan_cost)
    for offer in frontier.offers:
        for stage, figures, cost in ((seen, offer.promised, offer.promised_cost), (unseen, offer.fresh, offer.cost)):
            then, now = simulate(stage, offer.plan), simulate(stage, CURRENT)
            equals = simulate(equal_skill(stage), offer.plan)
            assert figures == figures_of(then, equals, frontier.limit.budget)
            assert cost == summarise(then.plan_cost - now.plan_cost)


def test_the_figures_are_those_of_the_page_and_of_a_team_of_equals():
    stage = stage_at(small())
    outcome, equals = simulate(stage, CURRENT), simulate(equal_skill(stage), CURRENT)
    found = figures_of(outcome, equals, float(np.quantile(outcome.plan_cost, 0.75)))
    assert found.over == pytest.approx(0.25, abs=0.005)
    assert found.cost_p90 == np.quantile(outcome.plan_cost, 0.9)
    pay = (equals.csm_base + equals.csm_pay.mean(axis=1)) / (equals.csm_base + equals.csm_target)
    assert found.pay_gap == pytest.approx(np.abs(pay[:, None] - pay).mean() / pay.mean(), rel=1e-5)


def test_fixed_salaries_leave_no_gap():
    found = assess(small(64), np.inf, plan_preset("current_80_20").model_copy(update={"variable_share": 0.0}))
    assert found is not None
    assert found.figures.pay_gap == pytest.approx(0.0, abs=1e-12)


def test_threads_change_nothing():
    with ThreadPoolExecutor(3) as executor:
        again = explore(executor, small(), small_space(), small_limit(), 100)
    assert told(again) == told(small_frontier())
    assert again.screened.tried == small_frontier().screened.tried


def test_processes_change_nothing():
    space = make_space(CURRENT, [Move("variable_share", 0.1, 0.3)])
    found = []
    for pool in (ThreadPoolExecutor(2), ProcessPoolExecutor(2, mp_context=get_context("spawn"))):
        executor: Executor
        with pool as executor:
            found.append(explore(executor, small(64), space, NO_LIMIT, 15))
    here, there = found
    assert here.screened.tried == there.screened.tried
    assert told(here) == told(there)


def test_another_seed_is_another_search():
    with ThreadPoolExecutor(1) as executor:
        other = explore(executor, small(seed=2), small_space(), small_limit(), 50)
    tried, others = small_frontier().screened.tried[:40], other.screened.tried[:40]
    assert [item.plan for item in others] != [item.plan for item in tried]


def test_a_search_can_be_stopped_and_is_told_how_far_it_is():
    shares: list[float] = []

    class Enough(Exception):
        pass

    def look(share, glimpse):
        shares.append(share)
        if share > 0.5:
            raise Enough

    with ThreadPoolExecutor(1) as executor, pytest.raises(Enough):
        explore(executor, small(64), small_space(), NO_LIMIT, 200, look)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(0.6)


def test_when_no_plan_keeps_within_the_budget_none_is_offered():
    with ThreadPoolExecutor(1) as executor:
        frontier = explore(executor, small(64), small_space(), Limit(1.0, 0.1), 60)
    assert frontier.offers == ()
    assert frontier.within == 0
    assert frontier.least_over == 1.0


def test_the_shortlist_gives_the_screening_its_standard_errors():
    def tried(share: float, over: float) -> Tried:
        return Tried(CURRENT.model_copy(update={"variable_share": share}), Figures(share, -share, 0.0, over))

    found = shortlist([tried(0.1, 0.13), tried(0.2, 0.14)], Limit(1.0, 0.1), 256)
    assert [plan.variable_share for plan in found] == [0.1]  # two standard errors are 0.0375


# --- the space ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_every_point_of_the_usual_space_is_a_plan(preset):
    base = plan_preset(preset)
    for move in usual(base):
        for point in (0, move.points // 2, move.points - 1):
            value = move.value(point)
            plan = Space(base, (move,)).plan_at({move.lever: value})
            assert lever_value(plan, move.lever) in (value, None)
            assert move.holds(value)


def test_bounds_and_fixed_points_hold():
    moves = [
        Move("variable_share", 0.15, 0.25),
        Move("accelerator", 2.0, 2.0),
        Move("period", allowed=("month", "half")),
    ]
    found = search(
        make_space(CURRENT, moves), lambda plans: [Figures(0.0, 0.0, 0.0, 0.0)] * len(plans), NO_LIMIT, 200, 1
    )
    assert {item.plan.variable_share for item in found} == {round(0.15 + 0.01 * step, 9) for step in range(11)}
    assert {lever_value(item.plan, "accelerator") for item in found} == {2.0}
    assert {item.plan.period for item in found} == {"month", "half"}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("preset", ["current_80_20", "posthog", "bonus_commission_mix"])
def test_every_plan_of_a_search_keeps_the_policies(policy, preset):
    base = plan_preset(preset)
    found = search(
        make_space(base, usual(base), [policy.name]),
        lambda plans: [Figures(0.0, 0.0, 0.0, 0.0)] * len(plans),
        NO_LIMIT,
        60,
        1,
    )
    for lever, allowed in policy.allowed:
        assert {lever_value(item.plan, lever) for item in found} <= {*allowed, None}


@pytest.mark.parametrize(
    ("moves", "policies", "said"),
    [
        ([], [], "Levers that may move: at least one must have more than one value"),
        ([Move("variable_share", 0.3, 0.2)], [], "must not begin above its end"),
        ([Move("variable_share", -0.1, 0.9)], [], "must be from 0 to 0.5"),
        ([Move("variable_shore", 0.1, 0.2)], [], "the nearest is 'variable_share'"),
        ([Move("variable_share", 0.1, 0.2)], ["capped", "uncapped"], "leave no value"),
        ([Move("variable_share", 0.1, 0.2)], ["quartely"], "the nearest is 'quarterly_at_most'"),
        ([Move("period", allowed=("year",))], ["quarterly_at_most"], "Payout period: policies and what may move"),
    ],
)
def test_what_a_space_cannot_be(moves, policies, said):
    with pytest.raises(InputError, match=said):
        make_space(CURRENT, moves, policies)


def test_a_lever_that_the_plan_lacks_cannot_move():
    assert "retention_threshold" not in reachable(plan_preset("commission_uncapped"))
    with pytest.raises(InputError, match="Retention threshold: cannot move: this plan pays nothing on retention"):
        make_space(plan_preset("commission_uncapped"), [Move("retention_threshold", 0.7, 0.9)])


# --- names ----------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.floats(0.0, 1.0), min_size=len(LEVERS), max_size=len(LEVERS)), min_size=1, max_size=8))
def test_names_differ_and_fit(rows):
    everything = tuple(move for lever in LEVERS if (move := whole(CURRENT, lever)) is not None)
    space = Space(CURRENT, everything)
    plans = [
        space.plan_at(
            {
                move.lever: move.value(min(int(part * move.points), move.points - 1))
                for move, part in zip(everything, row, strict=False)
            }
        )
        for row in rows
    ]
    different = list({plan.model_dump_json(): plan for plan in plans}.values())
    found = names(different, CURRENT)
    assert len(set(found)) == len(different)
    for name, plan in zip(found, different, strict=True):
        assert 0 < len(name) <= LONGEST
        assert bool(changes_in_words(plan, CURRENT)) == (plan != CURRENT)


def test_a_name_says_the_largest_steps_first():
    moves = [Move("variable_share", 0.1, 0.4), Move("retention_cap", 1.0, 3.0), Move("accelerator", 1.0, 4.0)]
    space = make_space(CURRENT, moves)
    plan = space.plan_at({"variable_share": 0.4, "retention_cap": 1.5, "accelerator": 2.0})
    assert names([plan, CURRENT], CURRENT) == ["Higher mix 60/40, accelerator 2x", "As it is"]
    capped = space.plan_at({"retention_cap": 1.25})
    assert names([capped], CURRENT) == ["Retention cap at 125 %"]

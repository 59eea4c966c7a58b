"""From thousands of plans screened to the few that are offered: all trials, then fresh luck.

Whoever comes first among thousands owes part of it to luck: the more plans, the larger the part (the winner's curse;
Smith & Winkler 2006). The luck that chose a plan cannot tell how much. So finalists run again on draws that had no say
in the choice, and what is promised is what they do there; the difference is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import numpy as np

from sim.decide.compare import Summary, summarise
from sim.decide.frontier.figures import Assessed, Figures, Glimpse, Limit, Tried, assess
from sim.decide.frontier.front import Floats, costs_of, layers, non_dominated, spread
from sim.decide.frontier.names import names
from sim.decide.frontier.space import Space
from sim.plan.levers import lever_value, with_lever
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.runs.setting import Setting
from sim.runs.spread import spread as spread_over

FINALISTS = 40
"""Plans that are run on all trials."""
ON_FRESH = 24
"""Of them, those that are run on fresh luck too."""
OFFERED = 6
SLACK = 2.0
"""Standard errors of P(over budget) that the screening allows beyond the limit: all trials will tell."""
ROUNDS = 3
"""Finalists, finalists with one lever back, fresh luck."""
FRESH = 7919
"""Added to the seed for luck that had no say in the choice."""


@dataclass(frozen=True, eq=False)
class Offer:
    """A plan that no other beats, with its figures on the luck that chose it and on fresh luck.

    promised_cost, cost and so on: paired differences from the plan in force, USD (a year for retained ARR).
    """

    plan: Plan
    promised: Figures
    fresh: Figures
    promised_cost: Summary
    promised_retained: Summary
    cost: Summary
    retained: Summary


@dataclass(frozen=True, eq=False)
class Frontier:
    """What a search comes to. promised, fresh: the plan in force on either luck.

    offers: by cost in a bad year, the lowest first; empty when no plan keeps within the limit. within: different plans
    that kept within the limit when they were screened. least_over: the lowest P(over budget) that any plan had then.
    """

    offers: tuple[Offer, ...]
    promised: Figures
    fresh: Figures
    limit: Limit
    within: int
    least_over: float
    screened: Glimpse


def shortlist(tried: Sequence[Tried], limit: Limit, n_trials: int, most: int = FINALISTS) -> list[Plan]:
    """Plans of the first layers of the screening within the limit (and its standard errors), far apart if too many."""
    slack = SLACK * float(np.sqrt(limit.most_over * (1.0 - limit.most_over) / n_trials))
    within = [item for item in tried if item.figures.over <= limit.most_over + slack]
    chosen: list[int] = []
    costs = costs_of([item.figures for item in within])
    for layer in layers(costs):
        chosen += [int(layer[place]) for place in spread(costs[layer], most - len(chosen))]
        if len(chosen) >= most:
            break
    return [within[index].plan for index in chosen]


def settle(
    executor: Executor,
    setting: Setting,
    space: Space,
    limit: Limit,
    screened: Glimpse,
    screened_on: int,
    look: Callable[[float], None] = lambda share: None,
) -> Frontier:
    """The plans offered. screened: what the search found on ``screened_on`` trials. look: told the share that is done;
    what it raises ends the work."""

    def assessed(round: int, at: Setting, plans: Iterable[Plan]) -> list[tuple[Plan, Assessed]]:
        different = list({plan.model_dump_json(): plan for plan in plans}.values())
        ready = count(1)
        answers = spread_over(
            executor,
            partial(assess, at, limit.budget),
            different,
            lambda place, found: look((round + next(ready) / len(different)) / ROUNDS),
        )
        return [(plan, found) for plan, found in zip(different, answers, strict=True) if found is not None]

    current = setting.current
    pool = assessed(0, setting, [current, *shortlist(screened.tried, limit, screened_on)])
    best = _front(pool, limit)
    leaders = [best[place][0] for place in spread(_costs(best), OFFERED)]
    # A lever that earns nothing goes back to where the base plan has it.
    pool = _simplest_first([*pool, *assessed(1, setting, _one_lever_back(leaders, space))], space)
    best = _front(pool, limit)
    for_fresh = [best[place][0] for place in spread(_costs(best), ON_FRESH)]
    luck = replace(setting, seed=fresh_seed(setting.seed))
    again = assessed(2, luck, [current, *for_fresh])
    promised = {plan.model_dump_json(): found for plan, found in pool}
    fresh = {plan.model_dump_json(): found for plan, found in again}
    key = current.model_dump_json()
    last = [item for item in _front(_simplest_first(again, space), limit) if item[0] != current]
    chosen = [last[place] for place in spread(_costs(last), OFFERED)]
    chosen.sort(key=lambda item: item[1].figures.cost_p90)
    named = names([plan for plan, _ in chosen], space.base)
    return Frontier(
        offers=tuple(
            _offer(plan, name, promised[plan.model_dump_json()], found, promised[key], fresh[key])
            for (plan, found), name in zip(chosen, named, strict=True)
        ),
        promised=promised[key].figures,
        fresh=fresh[key].figures,
        limit=limit,
        within=sum(limit.excess(item.figures) == 0.0 for item in screened.tried),
        least_over=min((item.figures.over for item in screened.tried), default=1.0),
        screened=screened,
    )


def fresh_seed(seed: int) -> int:
    """A seed of luck that the search has not seen."""
    return (seed + FRESH) % 2**31


def _front(pool: Sequence[tuple[Plan, Assessed]], limit: Limit) -> list[tuple[Plan, Assessed]]:
    within = [item for item in pool if limit.excess(item[1].figures) == 0.0]
    on_front = non_dominated(_costs(within))
    return [item for item, kept in zip(within, on_front, strict=True) if kept]


def _costs(pool: Sequence[tuple[Plan, Assessed]]) -> Floats:
    return costs_of([found.figures for _, found in pool])


def _one_lever_back(plans: Iterable[Plan], space: Space) -> list[Plan]:
    back = []
    for plan in plans:
        for move in space.moves:
            value = lever_value(space.base, move.lever)
            if value is None or lever_value(plan, move.lever) in (None, value) or not move.holds(value):
                continue
            try:
                back.append(with_lever(plan, move.lever, value))
            except InputError:
                continue  # this lever has to stay where the others are
    return back


def _simplest_first(pool: Sequence[tuple[Plan, Assessed]], space: Space) -> list[tuple[Plan, Assessed]]:
    """By how many levers moved: of plans with the same figures the front keeps the first."""

    def moved(plan: Plan) -> int:
        return sum(lever_value(plan, move.lever) != lever_value(space.base, move.lever) for move in space.moves)

    return sorted(pool, key=lambda item: moved(item[0]))


def _offer(
    plan: Plan, name: str, promised: Assessed, fresh: Assessed, promised_now: Assessed, fresh_now: Assessed
) -> Offer:
    return Offer(
        plan=plan.model_copy(update={"name": name, "description": ""}),
        promised=promised.figures,
        fresh=fresh.figures,
        promised_cost=summarise(promised.cost - promised_now.cost),
        promised_retained=summarise(promised.retained - promised_now.retained),
        cost=summarise(fresh.cost - fresh_now.cost),
        retained=summarise(fresh.retained - fresh_now.retained),
    )

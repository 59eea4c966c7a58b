"""The whole of it: screen thousands of plans on few trials, settle the best on all, check them on fresh luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sim.decide.frontier.figures import Figures, Limit, judge
from sim.decide.frontier.finalists import Frontier, settle
from sim.decide.frontier.search import Tried, search
from sim.decide.frontier.space import Space
from sim.plan.schema import Plan
from sim.runs.setting import Setting, run
from sim.runs.spread import spread

SCREENED_ON = 256
"""Trials of the screening: enough to tell plans that are worlds apart."""
PLANS = 2_000
SCREENING = 0.8
"""The screening's share of the time, about."""
ROOM, ROUND_TO = 1.05, 10_000.0


@dataclass(frozen=True, eq=False)
class Glimpse:
    """A search under way. tries: plans looked at so far. tried: the different ones among them that can be run."""

    tries: int
    tried: Sequence[Tried]


Look = Callable[[float, Glimpse], None]


def usual_limit(setting: Setting) -> Limit:
    """Not over budget in nine trials of ten, with a budget of 5 % above what the plan in force costs in a bad year.

    Raises InputError when the plan in force cannot be run.
    """
    bad_year = float(np.quantile(run(setting, setting.current).plan_cost, 0.9))
    return Limit(float(np.ceil(ROOM * bad_year / ROUND_TO) * ROUND_TO), 0.10)


def explore(
    executor: Executor,
    setting: Setting,
    space: Space,
    limit: Limit,
    n_plans: int = PLANS,
    look: Look = lambda share, glimpse: None,
) -> Frontier:
    """Plans that no other beats on cost, retained ARR and fairness, within the limit.

    look: told the share that is done and what was found, a generation at a time; what it raises ends the search. The
    same input gives the same plans, whatever the executor. Raises InputError when the plan in force cannot be run.
    """
    screen = replace(setting, trials=min(SCREENED_ON, setting.trials))
    last = Glimpse(0, ())

    def judged(plans: Sequence[Plan]) -> list[Figures | None]:
        return spread(executor, partial(judge, screen, limit.budget), plans)

    def looked(tries: int, tried: list[Tried]) -> None:
        nonlocal last
        last = Glimpse(tries, tuple(tried))
        look(SCREENING * tries / n_plans, last)

    tried = search(space, judged, limit, n_plans, setting.seed, looked)
    return settle(
        executor,
        setting,
        space,
        limit,
        tried,
        n_plans,
        screen.trials,
        lambda share: look(SCREENING + (1.0 - SCREENING) * share, last),
    )

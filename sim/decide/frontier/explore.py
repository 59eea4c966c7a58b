"""The whole of it: screen thousands of plans on few trials, settle the best on all, check them on fresh luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from sim.decide.frontier.figures import Figures, Glimpse, Limit, Tried, judge, run_at
from sim.decide.frontier.finalists import Frontier, settle
from sim.decide.frontier.search import search
from sim.decide.frontier.space import Space
from sim.plan.schema import Plan
from sim.runs.setting import Setting, stage_at
from sim.runs.spread import spread

SCREENED_ON = 256
"""Trials of the screening: enough to tell plans that are worlds apart."""
PLANS = 2_000
SCREENING = 0.8
"""The screening's share of the time, about."""

Look = Callable[[float, Glimpse], None]


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
    now = run_at(stage_at(screen), limit.budget, setting.current).figures
    last = Glimpse(0, (), now)

    def judged(plans: Sequence[Plan]) -> list[Figures | None]:
        return spread(executor, partial(judge, screen, limit.budget), plans)

    def looked(tries: int, tried: list[Tried]) -> None:
        nonlocal last
        last = Glimpse(tries, tuple(tried), now)
        look(SCREENING * tries / n_plans, last)

    search(space, judged, limit, n_plans, setting.seed, looked)
    return settle(
        executor,
        setting,
        space,
        limit,
        last,
        screen.trials,
        lambda share: look(SCREENING + (1.0 - SCREENING) * share, last),
    )

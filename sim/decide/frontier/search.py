"""The walk through the plan space: ask Optuna for a generation of plans, judge them anywhere, tell it in order.

Optuna because it is well kept, knows ranges on a grid beside choices, and lets the caller run the loop: a whole
generation is asked for before any answer is told, so that whoever judges the plans (threads, processes, a cluster)
and whoever finishes first changes nothing. Of its samplers NSGA-II (Deb et al. 2002): it handles several aims at once,
and its own time grows little with the number of plans, where the tree-structured sampler took ten times as long
over a quarter of them.

The limit is kept by Deb's rule (2000): any plan within it beats any plan beyond it, and of two beyond it the one
nearer to it is better. It is written into the aims, which comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import NSGAIISampler

from sim.decide.frontier.figures import Figures, Limit, Tried
from sim.decide.frontier.space import Space, Values
from sim.plan.levers import lever_value
from sim.plan.schema import Plan
from sim.problems import InputError

GENERATION = 50
"""Plans judged between two looks of the sampler."""
BEYOND = 1e15
"""Added to every aim beyond the limit, for each unit of excess: more than any aim within it."""

Judge = Callable[[Sequence[Plan]], Sequence[Figures | None]]
"""Figures of plans, in their order; None for a plan that cannot be run on this book."""


def search(
    space: Space,
    judge: Judge,
    limit: Limit,
    n_plans: int,
    seed: int,
    look: Callable[[int, list[Tried]], None] = lambda count, tried: None,
) -> list[Tried]:
    """Different plans among ``n_plans`` tries, in the order in which they were met; those that cannot be run are out.

    The base plan is the first try. look: told after each generation how many tries there were and what was found; what
    it raises ends the search. Deterministic: the same space, figures, limit, number and seed give the same plans.
    """
    study = _study(seed)
    grid = _grid(space)
    start = _points(space)
    if start is not None:
        study.enqueue_trial(start)
    known: dict[str, Figures | None] = {}
    found: list[Tried] = []
    for first in range(0, n_plans, GENERATION):
        trials = [study.ask(grid) for _ in range(min(GENERATION, n_plans - first))]
        plans = [_plan(space, _values(space, trial)) for trial in trials]
        keys = ["" if plan is None else plan.model_dump_json() for plan in plans]
        new = {key: plan for key, plan in zip(keys, plans, strict=True) if plan is not None and key not in known}
        for (key, plan), figures in zip(new.items(), judge(list(new.values())), strict=True):
            known[key] = figures
            if figures is not None:
                found.append(Tried(plan, figures))
        for trial, key in zip(trials, keys, strict=True):
            study.tell(trial, _aims(known.get(key), limit))
        look(first + len(trials), found)
    return found


def _study(seed: int) -> optuna.Study:
    # Its log would otherwise write a line for each plan.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = NSGAIISampler(population_size=GENERATION, seed=seed % 2**32)
    return optuna.create_study(directions=["minimize"] * 3, sampler=sampler)


def _grid(space: Space) -> dict[str, BaseDistribution]:
    """Ranges as points of their grid, so that every value is one a person could set."""
    return {
        move.lever: IntDistribution(0, move.points - 1)
        if move.is_range
        else CategoricalDistribution(tuple(range(move.points)))
        for move in space.moves
        if move.points > 1
    }


def _values(space: Space, trial: optuna.Trial) -> Values:
    points = trial.params
    return {move.lever: move.value(points.get(move.lever, 0)) for move in space.moves}


def _points(space: Space) -> dict[str, int] | None:
    """Where the base plan lies on the grid; None when it lies outside."""
    points = {}
    for move in space.moves:
        value = lever_value(space.base, move.lever)
        near = [point for point in range(move.points) if value is None or move.value(point) == value]
        if not near:
            return None
        points[move.lever] = near[0]
    return {lever: point for lever, point in points.items() if lever in _grid(space)}


def _plan(space: Space, values: Values) -> Plan | None:
    try:
        return space.plan_at(values)
    except InputError:
        return None


def _aims(figures: Figures | None, limit: Limit) -> tuple[float, float, float]:
    if figures is None:
        return (3.0 * BEYOND,) * 3  # beyond the worst excess
    excess = limit.excess(figures)
    if excess > 0.0:
        return ((1.0 + excess) * BEYOND,) * 3
    return (figures.cost_p90, -figures.retained_arr, figures.pay_gap)

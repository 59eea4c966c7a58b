"""One plan against the plan in force, in one world after the other, on the same luck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.outcome import Outcome
from sim.engine.portfolio import prepare
from sim.engine.run import make_draws, set_stage, simulate
from sim.plan.schema import Plan
from sim.runs.setting import Setting, draws_at
from sim.world.parameters import World

Floats = NDArray[np.float64]


class Change(NamedTuple):
    """Candidate less plan in force, trial by trial: (..., n_trials) each, USD a year, USD a year, USD."""

    retained_arr: Floats
    closing_arr: Floats
    plan_cost: Floats


class Case(NamedTuple):
    """A plan at a setting, in worlds that take the place of the setting's own."""

    setting: Setting
    plan: Plan
    worlds: tuple[World, ...]


def changes(case: Case) -> Change:
    """The paired difference in each world of a case: (n_worlds, n_trials).

    A world with another common shock needs draws of its own, which are not kept.
    Raises InputError when a quota cannot be set for this book.
    """
    return stacked([_change(case.setting, case.plan, world) for world in case.worlds])


def _change(setting: Setting, plan: Plan, world: World) -> Change:
    if world.shock_rho == setting.world.shock_rho:
        draws = draws_at(setting)
    else:
        portfolio = prepare(setting.book, setting.current, setting.months)
        draws = make_draws(portfolio, setting.seed, world.shock_rho, setting.trials)
    stage = set_stage(
        setting.book,
        setting.current,
        world,
        seed=setting.seed,
        trials=setting.trials,
        n_months=setting.months,
        draws=draws,
    )
    return difference(simulate(stage, plan), simulate(stage, setting.current))


def difference(candidate: Outcome, current: Outcome) -> Change:
    """(n_trials,) each."""
    return Change(
        candidate.retained_arr - current.retained_arr,
        candidate.closing_arr - current.closing_arr,
        candidate.plan_cost - current.plan_cost,
    )


def stacked(parts: Sequence[Change]) -> Change:
    """(n_trials,) each, as (n_parts, n_trials)."""
    return Change(*(np.stack(part) for part in zip(*parts, strict=True)))


def joined(parts: Iterable[Change]) -> Change:
    """(n_worlds, n_trials) each, below one another."""
    return Change(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def only(change: Change) -> Change:
    """The one world of a case: (n_trials,) each."""
    return Change(*(part[0] for part in change))

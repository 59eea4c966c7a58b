"""A plan with more or less incentive pay and everything else as it is: one run a level, all on the same luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.engine.contract import contract
from sim.engine.run import Stage, simulate
from sim.plan.schema import Component, Plan

Floats32 = NDArray[np.float32]

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Incentive pay tried, as multiples of the plan's own."""
OWN = LEVELS.index(1.0)


@dataclass(frozen=True)
class Runs:
    """A plan at each level of pay. C = n_csms, T = n_trials.

    pay: (L, C, T), variable pay, USD a year. lost, expansion: (L, C, T), ARR lost and booked, USD a year, in a year.
    A horizon other than a year is put on one by its length. fixed: base pay and the cost of replacing leavers with
    employer's on-cost, mean under the plan itself, USD a year. ote: (C,), on-target earnings under it, USD a year.
    """

    pay: Floats32
    lost: Floats32
    expansion: Floats32
    fixed: float
    ote: NDArray[np.float64]


def at_level(stage: Stage, plan: Plan, level: float) -> tuple[Stage, Plan]:
    """The plan with ``level`` times its variable pay, base pay as it is, and the stage to run it on.

    Bonus and commission are scaled by target pay, rates and amounts an event by themselves. Quotas, curves and what
    effort is measured against stay.
    """
    deal = contract(plan, stage.portfolio, stage.forecast, stage.world)
    of_base = level * plan.variable_share / (1.0 - plan.variable_share)

    def scaled(part: Component) -> Component:
        paid = {"rate": part.rate, "amount": part.amount}
        return part.model_copy(update={name: level * value for name, value in paid.items() if value is not None})

    # Not validated: a level may pay beyond what anybody could enter as a plan.
    changes = {
        "hold": "base",
        "variable_share": of_base / (1.0 + of_base),
        "components": tuple(map(scaled, plan.components)),
    }
    return replace(stage, portfolio=replace(stage.portfolio, base=deal.base)), plan.model_copy(update=changes)


def run_levels(stage: Stage, plan: Plan, done: Callable[[float], None]) -> Runs:
    """The plan at every level; done: told the share that is finished.

    Given the stage, no CSM's results hang on what another is paid, so one run says what each would do at that level.
    Raises InputError when a quota cannot be set for this book.
    """
    pay, lost, expansion = [], [], []
    fixed = 0.0
    for place, level in enumerate(LEVELS):
        outcome = simulate(*at_level(stage, plan, level))
        a_year = np.float32(12.0 / outcome.n_months)
        pay.append(outcome.csm_pay * a_year)
        lost.append(outcome.csm_lost * a_year)
        expansion.append(outcome.csm_expansion * a_year)
        if place == OWN:
            spent = (1.0 + outcome.on_cost_rate) * outcome.base_pay + outcome.total("replacement_cost")
            fixed = float(spent.mean()) * 12.0 / outcome.n_months
        done((place + 1) / len(LEVELS))
    ote = contract(plan, stage.portfolio, stage.forecast, stage.world).ote
    return Runs(np.stack(pay), np.stack(lost), np.stack(expansion), fixed, ote)

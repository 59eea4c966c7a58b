"""A year of the candidate as the stages of a journey see it: what they bring, and what is lost without pay or work.

The first 12 months that were simulated; a shorter horizon is put on a year by its length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.decide.coverage.less import Less
from sim.decide.coverage.matrix import Arr
from sim.engine.outcome import Outcome
from sim.engine.portfolio import Portfolio
from sim.plan.edits import on_bookings, on_retention
from sim.plan.schema import Component, Plan

Floats = NDArray[np.float64]
YEAR = 12


@dataclass(frozen=True)
class Year:
    """A year of the candidate, USD a year, (n_trials,) each.

    arr: what a stage brings, by what the simulation knows it as: ARR that fell due in the year and is still there at
        its end, each account counted once; expansion booked. variable_pay: of all CSMs.
    unpaid: what is lost of either when the CSMs' pay for it is taken away, on the same luck; lacking where the
        candidate pays nothing for it.
    less: what is lost when some of the work does not count, on the same luck.
    """

    arr: dict[Arr, Floats]
    variable_pay: Floats
    unpaid: dict[Arr, Floats]
    less: Callable[[Less], Floats]


def year_of(portfolio: Portfolio, plan: Plan, run: Callable[[Plan, Less | None], Outcome]) -> Year:
    """The figures of a plan; ``run`` simulates one on the luck that all share, with less work where that is given.

    Raises what ``run`` raises.
    """
    outcome = run(plan, None)
    kinds: tuple[Arr, ...] = ("renewals", "expansion")
    without = {kind: run(stripped, None) for kind in kinds if (stripped := unpaid(plan, kind)) is not None}

    def less(work: Less) -> Floats:
        return _brought(portfolio, outcome, work.arr) - _brought(portfolio, run(plan, work), work.arr)

    return Year(
        arr={kind: _brought(portfolio, outcome, kind) for kind in kinds},
        variable_pay=_first_year(outcome.paid.sum(axis=0) + outcome.monthly("guarantee_pay")),
        unpaid={
            kind: _brought(portfolio, outcome, kind) - _brought(portfolio, other, kind)
            for kind, other in without.items()
        },
        less=less,
    )


def unpaid(plan: Plan, kind: Arr) -> Plan | None:
    """The plan without what it pays for renewals or for expansion; the target pay of everything else stays, in dollars.

    With on-target earnings held, pay taken away becomes salary. A gate on retention is pay for renewals, too. None
    where the plan pays nothing for it.
    """
    picked = _pays_renewals if kind == "renewals" else _pays_expansion
    kept = [component for component in plan.components if not picked(component)]
    gated = kind == "renewals" and any(component.gate for component in kept)
    if len(kept) == len(plan.components) and not gated:
        return None
    weight = sum(component.weight for component in kept if component.weight is not None)
    if weight <= 0.0:  # a weight of 0 pays nothing either
        kept = [component for component in kept if component.weight is None]
    changes = [
        component.model_dump()
        | ({"weight": component.weight / weight} if component.weight is not None else {})
        | ({"gate": None} if kind == "renewals" else {})
        for component in kept
    ]
    return Plan.model_validate(
        plan.model_dump() | {"components": changes, "variable_share": _share_left(plan, min(weight, 1.0))}
    )


def _share_left(plan: Plan, weight: float) -> float:
    """Variable share when that weight of target variable pay is left."""
    if plan.hold == "ote":
        return plan.variable_share * weight
    of_base = plan.variable_share / (1.0 - plan.variable_share) * weight
    return of_base / (1.0 + of_base)


def _pays_renewals(component: Component) -> bool:
    return on_retention(component) or component.measure == "renewals"


def _pays_expansion(component: Component) -> bool:
    return on_bookings(component) or component.measure == "referrals"


def _first_year(flow: Floats) -> Floats:
    """(n_months, n_trials) -> (n_trials,), a year's worth."""
    months = min(YEAR, len(flow))
    total: Floats = flow[:months].sum(axis=0) * (YEAR / months)
    return total


def _brought(portfolio: Portfolio, outcome: Outcome, kind: Arr) -> Floats:
    if kind == "expansion":
        return _first_year(outcome.monthly("upsell") + outcome.monthly("cross_sell"))
    months = min(YEAR, portfolio.n_months)
    due = portfolio.arr[(portfolio.due[:, :months] >= 0).any(axis=1)].sum() * (YEAR / months)
    lost = outcome.monthly("churn") + outcome.monthly("contraction") + outcome.monthly("erosion")
    brought: Floats = due - _first_year(lost)
    return brought

"""Solve for a lever: the value at which a plan keeps P(over budget) under a limit, on the same luck throughout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sim.decide.budget.fit import is_over
from sim.plan.levers import LEVERS, Lever, lever_value, with_lever
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.words import percent

Floats = NDArray[np.float64]
Cost = Callable[[Plan], Floats]
"""A plan's cost by trial, (n_trials,), USD, always on the same luck."""

SOLVABLE = (
    "retention_cap",
    "expansion_cap",
    "accelerator",
    "variable_share",
    "retention_threshold",
    "expansion_threshold",
    "quota_stretch",
    "retention_weight",
    "gate_minimum",
)
_SWITCH = {"retention_cap": "retention_capped", "expansion_cap": "expansion_capped", "gate_minimum": "expansion_gate"}
"""A lever that needs another one switched on."""
_LEVER = {lever.name: lever for lever in LEVERS}
POINTS = 9
"""Values tried over a lever's range before the search between two of them."""
_OFF = {"retention_cap": _LEVER["retention_cap"].high, "expansion_cap": _LEVER["expansion_cap"].high}
_OFF |= {"gate_minimum": _LEVER["gate_minimum"].low}
"""The end of the range that is most like switched off: the search starts there."""
_GRAIN = {"%": 0.001, "x": 0.01}
"""Values are given to this, by the lever's unit."""


@dataclass(frozen=True)
class Solution:
    """value: of the lever, nearest to where it stands; None when no value of the range keeps the limit.

    start: where it stands (None: switched off). plan: with the value, or None. over: P(over) there, or else the lowest
    that was found; before: that of the plan as it is. tried: plans that were simulated.
    """

    lever: Lever
    limit: float
    start: float | None
    value: float | None
    plan: Plan | None
    over: float
    before: float
    tried: int

    @property
    def keeps(self) -> bool:
        """Nothing has to change."""
        return self.value is not None and self.value == self.start


def solvable(plan: Plan) -> list[Lever]:
    """Levers that this plan has, or would have with their switch on."""
    return [_LEVER[name] for name in SOLVABLE if _switched(plan, name) is not None]


def _switched(plan: Plan, name: str) -> Plan | None:
    """The plan, with the lever's switch on where it needs it; None when the plan cannot have the lever."""
    if lever_value(plan, name) is not None:
        return plan
    switch = _SWITCH.get(name)
    if switch is None or lever_value(plan, switch) is None:
        return None
    return with_lever(plan, switch, True)


def solve(cost: Cost, plan: Plan, name: str, budget: float, limit: float) -> Solution:
    """The value of lever ``name``, nearest to today's, at which P(over ``budget``) is at most ``limit``.

    The root is that of the cost which the plan stays within in 1 - limit of the trials, less the budget: it moves
    smoothly where P(over) itself jumps from trial to trial. Values that a plan refuses are passed over.
    Raises InputError for a lever that the plan cannot have.
    """
    base = _switched(plan, name)
    if base is None or name not in SOLVABLE:
        known = ", ".join(lever.name for lever in solvable(plan)) or "none"
        raise InputError([Problem("lever", name, f"must be one that this plan can move: {known}")])
    lever, seen = _LEVER[name], dict[float, tuple[float, float]]()

    def at(value: float) -> tuple[float, float]:
        """Cost quantile less the budget, and P(over)."""
        if value not in seen:
            try:
                amounts = cost(with_lever(base, name, value))
            except InputError:
                seen[value] = (float("nan"), float("nan"))
            else:
                safe = float(np.quantile(amounts, 1.0 - limit, method="inverted_cdf"))
                seen[value] = (safe - budget, float(is_over(amounts, budget).mean()))
        return seen[value]

    start = lever_value(plan, name)
    here = None if start is None else float(start)
    before = float(is_over(cost(plan), budget).mean())
    if here is not None and before <= limit:
        return Solution(lever, limit, here, here, plan, before, before, 1)

    origin = here if here is not None else _OFF[name]
    points = sorted(
        {*np.linspace(lever.low, lever.high, POINTS).tolist(), float(np.clip(origin, lever.low, lever.high))}
    )
    kept = [point for point in points if at(point)[1] <= limit]
    if not kept:
        lowest = min((at(point)[1] for point in points if np.isfinite(at(point)[1])), default=before)
        return Solution(lever, limit, here, None, None, lowest, before, 1 + len(seen))
    value = min(kept, key=lambda point: abs(point - origin))
    # All points between it and the origin break the limit: the edge is in the step next to it.
    between = [point for point in points if (point - value) * (origin - value) > 0.0]
    if between:
        nearest = min(between, key=lambda point: abs(point - value))
        value = _edge(at, value, nearest, _GRAIN[lever.unit], limit)
    return Solution(lever, limit, here, value, with_lever(base, name, value), at(value)[1], before, 1 + len(seen))


def _edge(
    at: Callable[[float], tuple[float, float]], inside: float, outside: float, grain: float, limit: float
) -> float:
    """The last value, to the grain, on the way from ``inside``, which keeps the limit, to where it does not hold."""
    if not (at(inside)[0] < 0.0 < at(outside)[0]):
        return inside
    root = float(brentq(lambda value: at(value)[0], inside, outside, xtol=grain / 10.0))
    towards = np.floor if inside < outside else np.ceil
    rounded = round(float(towards(root / grain)) * grain, 9)
    return rounded if at(rounded)[1] <= limit else inside


def shown(lever: Lever, value: float) -> str:
    """A lever's value as people read it."""
    if lever.unit == "%":
        return percent(value)
    return f"{value:.2f}{lever.unit}"


def solution_sentence(found: Solution) -> str:
    """The answer in words."""
    limit, label = percent(found.limit, 0), found.lever.label
    if found.keeps:
        return f"Nothing has to change: the chance over budget is {percent(found.before)}, within {limit}."
    if found.value is None:
        low, high = shown(found.lever, found.lever.low), shown(found.lever, found.lever.high)
        return (
            f"No value of '{label}' from {low} to {high} keeps the chance over budget within {limit}: the lowest "
            f"found is {percent(found.over)}. Try another lever or a higher limit."
        )
    stands = "off" if found.start is None else shown(found.lever, found.start)
    return (
        f"'{label}' at {shown(found.lever, found.value)} (now {stands}) keeps the chance over budget at "
        f"{percent(found.over)}, down from {percent(found.before)}."
    )

"""A name for a plan that nobody has named: the plan it came from, and the levers that were moved."""

from __future__ import annotations

from sim.decide.choice.contenders import LONGEST
from sim.plan.levers import LEVERS, Lever, LeverValue, lever_value
from sim.plan.schema import Plan
from sim.words import percent

_NAMED = 2
"""Levers in a name before the rest is only counted."""


def name_of(candidate: Plan, start: Plan) -> str:
    """In words: "Customary 80/20, variable pay 30 % and 2 more"; its own name when nothing was moved."""
    moves = []
    for lever in LEVERS:
        value = lever_value(candidate, lever.name)
        if value is not None and value != lever_value(start, lever.name):
            moves.append(f"{lever.label[0].lower()}{lever.label[1:]} {_written(lever, value)}")
    more = len(moves) - _NAMED
    name = ", ".join([start.name, *moves[:_NAMED]]) + (f" and {more} more" if more > 0 else "")
    return name if len(name) <= LONGEST else name[: LONGEST - 3] + "..."


def _written(lever: Lever, value: LeverValue) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return dict(lever.options).get(value, value).lower()
    if lever.unit == "%":
        return percent(value, 0)
    return f"{value:g}{lever.unit}" if lever.unit == "x" else f"{value:g} {lever.unit}".strip()

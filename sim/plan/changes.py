"""What a plan changes against another, lever by lever, in words for people who do not read plan files."""

from __future__ import annotations

from typing import NamedTuple

from sim.plan.lever_table import LEVERS, Lever, LeverValue
from sim.plan.schema import Plan


class LeverChange(NamedTuple):
    """label: the lever's. was, now: its value under each plan, with unit; "none" where a plan has no such thing."""

    label: str
    was: str
    now: str


def lever_changes(candidate: Plan, current: Plan) -> list[LeverChange]:
    """The levers that stand elsewhere, in the order of the table."""
    values = [(lever, lever.get(current), lever.get(candidate)) for lever in LEVERS]
    return [
        LeverChange(lever.label, in_words(lever, was), in_words(lever, now)) for lever, was, now in values if was != now
    ]


def in_words(lever: Lever, value: LeverValue | None) -> str:
    """A lever's value as people say it: 30 %, 1.5 x, on, a quarter."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return dict(lever.options).get(value, value)
    if lever.unit == "%":
        return f"{100 * value:.4g} %"
    return f"{value:g} {lever.unit}".strip()

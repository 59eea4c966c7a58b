"""Reading and moving the what-if settings of a plan."""

from __future__ import annotations

from pydantic import ValidationError

from sim.plan.complaints import plan_problems
from sim.plan.lever_table import LEVERS, Lever, LeverValue
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.words import nearest

__all__ = ["LEVERS", "Lever", "LeverValue", "lever_reason", "lever_value", "with_lever"]

_BY_NAME = {lever.name: lever for lever in LEVERS}


def lever_value(plan: Plan, name: str) -> LeverValue | None:
    """What this plan sets; None = it has no such thing. Raises InputError for an unknown name."""
    return _lever(name).get(plan)


def lever_reason(plan: Plan, name: str) -> str:
    """One sentence why this plan has no such setting; empty when it has one. Raises InputError."""
    return _lever(name).reason if lever_value(plan, name) is None else ""


def with_lever(plan: Plan, name: str, value: LeverValue) -> Plan:
    """The plan with one setting changed, validated again; the plan itself when that is its value already.

    A move may take others along (tiers below a new threshold start at it), so apply moves to the plan that
    one started from, not to the result of the last move.
    Raises InputError: unknown name, no such setting in this plan, or a value out of bounds.
    """
    lever = _lever(name)
    current = lever.get(plan)
    if current is None:
        raise InputError([Problem(lever.label, "", f"cannot be set: {lever.reason.rstrip('.')}")])
    if value == current and isinstance(value, bool) == isinstance(current, bool):
        return plan
    if rule := _broken_rule(lever, value):
        raise InputError([Problem(lever.label, str(value), rule)])
    # Not validated yet, hence the silence: what is wrong with it is told in words below.
    data = lever.put(plan, value).model_dump(warnings=False)
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        raise InputError(plan_problems(error, data, lever.label)) from None


def _lever(name: str) -> Lever:
    if name not in _BY_NAME:
        rule = f"is not a lever; the nearest is '{nearest(name, _BY_NAME)}'"
        raise InputError([Problem(f"lever {name}", "", rule)])
    return _BY_NAME[name]


def _broken_rule(lever: Lever, value: LeverValue) -> str:
    match lever.widget:
        case "toggle":
            return "" if isinstance(value, bool) else "must be on or off"
        case "choice":
            known = [option for option, _ in lever.options]
            return "" if value in known else f"must be one of {', '.join(known)}"
        case "slider":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            inside = number and lever.low <= float(value) <= lever.high
            return "" if inside else f"must be from {lever.low:g} to {lever.high:g}"

"""The plans of a comparison, each with its name and what it came to; one that does not fit the book says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sim.engine.outcome import Outcome
from sim.plan.schema import Plan
from sim.problems import InputError, Problem

MOST_PLANS = 20
"""Plans in one list: more than anybody tells apart, few enough to keep the outcomes of all."""
LONGEST = 80
"""Characters of a plan's name, as in the plan's file."""


class Contender(NamedTuple):
    """A plan under the name it has in the list."""

    name: str
    plan: Plan
    outcome: Outcome


class Refused(NamedTuple):
    """A plan that this book cannot be run with."""

    name: str
    error: InputError


def enter(plans: Sequence[tuple[str, Plan]], run: Callable[[Plan], Outcome]) -> tuple[list[Contender], list[Refused]]:
    """Every named plan, run; those that raise InputError apart, so that one does not keep the others from showing."""
    fit, refused = [], []
    for name, plan in plans:
        try:
            fit.append(Contender(name, plan, run(plan)))
        except InputError as error:
            refused.append(Refused(name, error))
    return fit, refused


def named(plan: Plan, name: str, taken: Sequence[str]) -> Plan:
    """The plan under another name.

    Raises InputError when there is none, when it is too long or has line breaks, or when another plan has it (case
    apart).
    """
    name = name.strip()
    rule = ""
    if not name:
        rule = "must not be empty: type one"
    elif len(name) > LONGEST or not name.isprintable():
        rule = f"must be at most {LONGEST} characters on one line"
    elif name.casefold() in {other.casefold() for other in taken}:
        rule = "is taken: choose another one"
    if rule:
        raise InputError([Problem("name of the plan", name, rule)])
    return plan.model_copy(update={"name": name})


def free_name(name: str, taken: Sequence[str]) -> str:
    """The name itself, or with the first number that makes it one that no other plan has."""
    known = {other.casefold() for other in taken}
    number, free = 2, name
    while free.casefold() in known:
        ending = f" ({number})"
        number, free = number + 1, name[: LONGEST - len(ending)] + ending
    return free

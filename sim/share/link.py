"""A scenario as the query of a web address, and back: what a link says is validated as any other input.

``?v=1&model=1.1&book=startup&plan=at_risk_70_30&rc=1.5&seed=7``: what differs from the opening, in words where words
do. A plan is written as the shipped one that it is, or as the levers that were moved on it; one that neither can say
is packed (`packed.py`). Of a book that somebody brought, a hash travels and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

from sim.book.schema import Book
from sim.engine.run import MODEL_VERSION, MONTHS, TRIALS
from sim.plan.levers import LEVERS, LeverValue, with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError, Problem
from sim.share.packed import pack
from sim.world.parameters import World, world_preset

VERSION = 1
"""Of the keys and of the opening, which a link leaves out: with another one, links of this version keep theirs."""
LONGEST = 6_000
"""Characters of a query; web servers commonly stop at 8,000."""
MOST_TRIALS = 16_384
MOST_SEED = 2**31 - 1

Pairs = tuple[tuple[str, str], ...]
"""Keys and values of a query, in its order."""
Views = Mapping[str, tuple[str, ...]]
"""What can be looked at, by its key in a link: the words of each choice, the one shown at first in front."""


@dataclass(frozen=True)
class Link:
    """What a link holds.

    sample: the sample book, in use unless somebody has brought a book: then fingerprint is that book's, 32 digits.
    preset: the plan that the candidate started from. plans: the list that both are compared with.
    views: what is looked at where it is not the first choice, by key.
    """

    sample: str
    fingerprint: str
    current: Plan
    preset: Plan
    candidate: Plan
    world_name: str
    world: World
    seed: int = 1
    trials: int = TRIALS
    months: int = MONTHS
    plans: tuple[Plan, ...] = ()
    views: Mapping[str, str] = field(default_factory=dict)


def fingerprint_of(book: Book) -> str:
    """What a link says of a book: enough to know it again. Not the hash under which a server keeps it, nor the way to
    that one, so that a link opens no book."""
    return hashlib.sha256(f"book in a link {book.digest}".encode()).hexdigest()[:32]


@cache
def opening() -> Link:
    """What a link without any setting means: the mid-market sample, the customary plan, and a first question: 70/30?"""
    current = plan_preset("current_80_20")
    candidate = with_lever(current, "variable_share", 0.30)
    plans = (plan_preset("at_risk_80_20"), plan_preset("bonus_commission_mix"))
    return Link("midmarket", "", current, current, candidate, "base", world_preset("base"), plans=plans)


def encode(link: Link) -> tuple[Pairs, list[Problem]]:
    """Key and value pairs of the query, and what does not fit into one: plans from a file of unusual length.

    `read_link.decode` makes the same link of them again, to the last bit, unless there is a problem.
    """
    first = opening()
    pairs = [("v", str(VERSION)), ("model", MODEL_VERSION)]
    if link.sample != first.sample:
        pairs.append(("book", link.sample))
    if link.fingerprint:
        pairs.append(("hash", link.fingerprint))
    if link.world_name != first.world_name:
        pairs.append(("world", link.world_name))
    usual = world_preset(link.world_name).model_dump()
    pairs += [(name, _number(value)) for name, value in link.world.model_dump().items() if value != usual[name]]
    pairs += [
        (name, str(getattr(link, name)))
        for name in ("seed", "trials", "months")
        if getattr(link, name) != getattr(first, name)
    ]
    pairs += link.views.items()
    try:
        whole = (*pairs, *_plans_to(link, first))
    except InputError as error:
        return tuple(pairs), list(error.problems)
    if len(to_query(whole)) > LONGEST:
        return tuple(pairs), [Problem("plans", "", "are together too long for a link: pass them on as files")]
    return whole, []


def to_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs as they stand in an address behind the question mark."""
    return urlencode(list(pairs))


def _plans_to(link: Link, first: Link) -> Iterable[tuple[str, str]]:
    if link.plans != first.plans:
        yield from [("vs", _plan_to(plan)) for plan in link.plans] or [("vs", "")]
    if link.current != first.current:
        yield "current", _plan_to(link.current)
    if (link.current, link.preset, link.candidate) == (first.current, first.preset, first.candidate):
        return
    moved = moves(link.preset, link.candidate)
    # Without plan and levers the plan in force is meant, or the opening's question where it is the opening's plan.
    if link.preset != link.current or (moved == () and link.current == first.current):
        yield "plan", _plan_to(link.preset)
    if moved is None:
        yield "candidate", pack(link.candidate)
    else:
        yield from moved


def _plan_to(plan: Plan) -> str:
    return next((name for name in PLAN_PRESETS if plan_preset(name) == plan), "") or pack(plan)


def moves(start: Plan, plan: Plan) -> Pairs | None:
    """The levers that make `plan` of `start`, as a link says them; None when levers alone cannot."""
    pairs = []
    now = start
    for lever in LEVERS:
        value = lever.get(plan)
        if value is None or value == lever.get(now):
            continue
        try:
            now = with_lever(now, lever.name, value)
        except InputError:
            return None
        pairs.append((lever.link, _lever_to(value)))
    return tuple(pairs) if now == plan else None


def _lever_to(value: LeverValue) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    """The shortest text that is read as this very number again."""
    return repr(value).removesuffix(".0")

"""The team design that a session holds, and how it is changed."""

from __future__ import annotations

from dataclasses import replace

from pages.parts import undoable
from pages.parts.undoable import Held
from sim.decide.team.study import Added, Design
from sim.roles.archetypes import archetype, archetype_plan

_KEY = "crew"
USUAL_OTE = {"lead": 150_000.0, "manager": 180_000.0, "overlay": 160_000.0}
"""USD a year; others start at ``OTE``. Judgement, to be overwritten."""
OTE = 90_000.0


def added(key: str) -> Added:
    """One more role, as it is added: two people, the plan's own mix, credit for bookings if it closes."""
    closes = archetype(key).joins == "closes"
    share = archetype_plan(key).variable_share
    return Added(key, 2, USUAL_OTE.get(key, OTE), share, credit=1.0 if closes else 0.0)


EXAMPLE = Design("retention_only", 0.0, (added("overlay"),))


def crew() -> Held[Design]:
    """This session's; at first the example."""
    return undoable.held(_KEY, EXAMPLE)


def put(design: Design) -> None:
    """Another design in the place of this one; can be undone."""
    undoable.put(_KEY, crew(), design)


def undo() -> None:
    """The design before the last change."""
    undoable.undo(_KEY, crew())


def add(key: str) -> None:
    design = crew().value
    put(replace(design, added=(*design.added, added(key))))


def drop(number: int) -> None:
    design = crew().value
    put(replace(design, added=(*design.added[:number], *design.added[number + 1 :])))


def change(number: int, one: Added) -> None:
    design = crew().value
    put(replace(design, added=(*design.added[:number], one, *design.added[number + 1 :])))

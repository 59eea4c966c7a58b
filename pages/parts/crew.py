"""The team design that a session holds: replaced as a whole, with the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from pages.parts.state import STEPS_BACK
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


@dataclass(frozen=True)
class Crew:
    """before: earlier designs, the latest last. number: of the change, so that widgets start anew after it."""

    design: Design
    before: tuple[Design, ...] = ()
    number: int = 0


def crew() -> Crew:
    """This session's; at first the example."""
    held: Crew = st.session_state.get(_KEY, Crew(EXAMPLE))
    return held


def put(design: Design) -> None:
    """Another design in the place of this one; can be undone."""
    now = crew()
    before = (*now.before, now.design)[-STEPS_BACK:] if design != now.design else now.before
    st.session_state[_KEY] = Crew(design, before, now.number + 1)


def undo() -> None:
    """The design before the last change."""
    now = crew()
    if now.before:
        st.session_state[_KEY] = Crew(now.before[-1], now.before[:-1], now.number + 1)


def add(key: str) -> None:
    design = crew().design
    put(replace(design, added=(*design.added, added(key))))


def drop(number: int) -> None:
    design = crew().design
    put(replace(design, added=(*design.added[:number], *design.added[number + 1 :])))


def change(number: int, one: Added) -> None:
    design = crew().design
    put(replace(design, added=(*design.added[:number], one, *design.added[number + 1 :])))

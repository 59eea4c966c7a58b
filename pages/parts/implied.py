"""Assumptions that the guide's answers imply, taken over into the session, and the way back to those of before."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.parts import state
from sim.world.parameters import ASSUMPTIONS, World

_KEY = "implied"


class Taken(NamedTuple):
    before: World
    after: World


def _taken() -> Taken | None:
    """What was taken over, if the session's assumptions are still those."""
    held: Taken | None = st.session_state.get(_KEY)
    return held if held is not None and held.after == state.scenario().world else None


def in_use() -> bool:
    return _taken() is not None


def before() -> World:
    """The session's assumptions without any that were taken over."""
    held = _taken()
    return held.before if held is not None else state.scenario().world


def take(world: World) -> None:
    """In place of the session's assumptions, or of others taken over before."""
    start = before()
    state.change(world=world)
    st.session_state[_KEY] = Taken(start, world)


def back() -> None:
    """Put back the assumptions that there were before."""
    held = _taken()
    if held is not None:
        state.change(world=held.before)
        del st.session_state[_KEY]


def edits(world: World, than: World) -> list[str]:
    """The assumptions that differ, with both values."""
    rows = [ASSUMPTIONS[name] for name in World.model_fields if getattr(world, name) != getattr(than, name)]
    return [f"{row.label}: {getattr(than, row.name):g} → {getattr(world, row.name):g}" for row in rows]

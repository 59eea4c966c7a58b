"""What a session holds and replaces as a whole, with the way back; the next session goes on from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from pages.parts import drafts
from pages.parts.state import STEPS_BACK

Value = TypeVar("Value")


@dataclass(frozen=True)
class Held(Generic[Value]):
    """before: earlier values, the latest last. number: of the change, so that widgets start anew after it."""

    value: Value
    before: tuple[Value, ...] = ()
    number: int = 0


def held(key: str, first: Value) -> Held[Value]:
    """This session's under the key; to begin with what the last one left, or ``first``."""
    if key not in st.session_state and (left := drafts.left(key, type(first))) is not None:
        st.session_state[key] = Held(left)
    found: Held[Value] = st.session_state.get(key, Held(first))
    return found


def put(key: str, now: Held[Value], value: Value) -> None:
    """Another value in the place of what is held now; can be undone."""
    before = (*now.before, now.value)[-STEPS_BACK:] if value != now.value else now.before
    _replace(key, Held(value, before, now.number + 1))


def undo(key: str, now: Held[Value]) -> None:
    """The value before the last change."""
    if now.before:
        _replace(key, Held(now.before[-1], now.before[:-1], now.number + 1))


def _replace(key: str, new: Held[Value]) -> None:
    st.session_state[key] = new
    drafts.keep(key, new.value)

"""The matrix of the journey that a session holds: replaced as a whole, with the way back."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.parts.state import STEPS_BACK
from sim.decide.coverage.example import EXAMPLE
from sim.decide.coverage.matrix import Coverage

_KEY = "journey"


@dataclass(frozen=True)
class Journey:
    """before: earlier matrices, the latest last. number: of the change, so that an editor starts anew after it."""

    matrix: Coverage
    before: tuple[Coverage, ...] = ()
    number: int = 0


def journey() -> Journey:
    """This session's; at first the example."""
    held: Journey = st.session_state.get(_KEY, Journey(EXAMPLE))
    return held


def put(matrix: Coverage) -> None:
    """Another matrix in the place of this one; can be undone."""
    now = journey()
    before = (*now.before, now.matrix)[-STEPS_BACK:] if matrix != now.matrix else now.before
    st.session_state[_KEY] = Journey(matrix, before, now.number + 1)


def undo() -> None:
    """The matrix before the last change."""
    now = journey()
    if now.before:
        st.session_state[_KEY] = Journey(now.before[-1], now.before[:-1], now.number + 1)


def reset() -> None:
    """Back to the example; can be undone."""
    put(EXAMPLE)

"""How many sessions a process lets in: whoever comes when it is full gets a sentence, and costs nothing else.

A seat is a resource of the session, which Streamlit releases when the browser goes away. Who has had one keeps the
right to it: a connection that was lost for a moment comes back even when somebody else has come meanwhile.
"""

from __future__ import annotations

import threading

import streamlit as st

from pages.parts import host, logs

_ADMITTED = "admitted"
_lock = threading.Lock()
_taken: set[object] = set()


class _Full(Exception):
    """No seat is free."""


def open_or_stop() -> None:
    """Let this session in, or end the run with a sentence. ``[limits] sessions`` in the secrets says how many."""
    most = host.most_sessions()
    if most is None:
        return
    try:
        _seat(st.session_state.get(_ADMITTED, False), most)
    except _Full:
        logs.refused(most)
        st.warning(
            f"All {most:,} places on this server are taken. Please try again in a few minutes: the address of this "
            "page keeps what you were going to see."
        )
        st.stop()
    st.session_state[_ADMITTED] = True


def taken() -> int:
    """Sessions that are in."""
    return len(_taken)


def _leave(seat: object) -> None:
    with _lock:
        _taken.discard(seat)


@st.cache_resource(scope="session", show_spinner=False, on_release=_leave)
def _seat(_known: bool, most: int) -> object:
    """Kept as long as the session is connected. Raises _Full."""
    with _lock:
        if len(_taken) >= most and not _known:
            raise _Full
        seat = object()
        _taken.add(seat)
    return seat

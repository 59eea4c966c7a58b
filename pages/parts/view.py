"""One of several views in the same place; the choice outlasts a look at another page and travels in links."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.literal import literal

BOOK_VIEW, BRING = "book_view", "Bring your own"
"""Key of the choice on the page Your book, and the option with which other pages open it."""


def view(label: str, options: Sequence[str], key: str, *, titled: bool = False) -> str:
    """Draws the choice and returns which of the options is to be drawn. titled: the label is shown above it."""
    if st.session_state.get(key) not in options:  # the widget's own memory ends when another page is opened
        st.session_state[key] = recalled(options, key)
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=literal,
        key=key,
        label_visibility="visible" if titled else "collapsed",
    )
    keep(str(chosen), options, key)
    return str(chosen)


def kept() -> dict[str, int]:
    """Places of the choices made so far among their options, by the key of the widget."""
    places: dict[str, int] = st.session_state.setdefault("views", {})
    return places


def keep(option: str, options: Sequence[str], key: str) -> None:
    kept()[key] = list(options).index(option)


def recalled(options: Sequence[str], key: str) -> str:
    """What was chosen last; the first option where nothing was, or where there are not as many any more."""
    place = kept().get(key, 0)
    return options[place if place < len(options) else 0]

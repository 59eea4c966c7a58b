"""One of several views in the same place."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.literal import literal


def view(label: str, options: Sequence[str], key: str) -> str:
    """Which of several views to draw; the choice outlasts a look at another page."""
    chosen = st.segmented_control(
        label,
        options,
        default=options[0],
        required=True,
        format_func=literal,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(chosen) if chosen in options else options[0]

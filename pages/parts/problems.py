"""Errors as sentences on the page, never a traceback."""

from __future__ import annotations

import streamlit as st

from sim.problems import InputError, grouped


def show_problems(heading: str, error: InputError, most: int = 12) -> None:
    """Every problem of an input as a list, one sentence for those alike. Text from files is shown literally."""
    lines = [f"• {sentence}" for sentence in grouped(error.problems)]
    st.error(heading, icon="⚠️")
    st.text("\n".join(lines[:most]))
    if len(lines) > most:
        with st.expander(f"{len(lines) - most:,} more"):
            st.text("\n".join(lines[most:500]))

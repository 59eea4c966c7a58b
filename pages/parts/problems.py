"""Errors as sentences on the page, never a traceback."""

from __future__ import annotations

import streamlit as st

from sim.problems import InputError


def show_problems(heading: str, error: InputError, most: int = 12) -> None:
    """Every problem of an input as a list. Text comes from files: it is shown literally, not as Markdown."""
    lines = [f"• {problem}" for problem in error.problems]
    st.error(heading, icon="⚠️")
    st.text("\n".join(lines[:most]))
    if len(lines) > most:
        with st.expander(f"{len(lines) - most:,} more"):
            st.text("\n".join(lines[most:500]))

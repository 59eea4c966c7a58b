"""A row of headline figures, each with its difference from the plan in force.

One Streamlit component (`figures.js`, `figures.css`) instead of six metrics: figures that follow a finger are drawn
many times a second, and six metrics cost the browser a third of a run. Texts are shown as they are, never as markup.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import streamlit as st

from pages.parts.assets import read


class Figure(NamedTuple):
    """value: as written. change: against the plan in force, and ``spread`` where it lies in most trials; ``tone`` and
    ``arrow`` are empty for a change that may be none."""

    label: str
    value: str
    change: str
    spread: str
    tone: Literal["good", "bad", ""]
    arrow: Literal["up", "down", ""]
    help: str


_component = st.components.v2.component(
    "figures", html='<dl class="figures"></dl>', css=read("help.css", "figures.css"), js=read("help.js", "figures.js")
)


def show(figures: list[Figure], key: str) -> None:
    """Draw the row; it wraps on a narrow screen."""
    _component(key=key, data=[figure._asdict() for figure in figures])

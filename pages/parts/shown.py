"""The charts that a page has drawn, so that they can be taken away: noted as they are drawn, made a file only then."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from sim.share.take.picture import Picture

_KEY = "charts.shown"


def note(key: str, spec: dict[str, Any], data: pd.DataFrame, title: str, height: int) -> None:
    """key: the chart's own; drawn again, it takes the place of what it was."""
    charts()[key] = Picture(spec, data, title, height)


def forget() -> None:
    """Another page, or the same drawn anew."""
    charts().clear()


def charts() -> dict[str, Picture]:
    """Those on the page now, in their order."""
    noted: dict[str, Picture] = st.session_state.setdefault(_KEY, {})
    return noted

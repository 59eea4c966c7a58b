"""Method: how the figures are made, and every assumption with its source."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

st.markdown((Path(__file__).parents[1] / "docs" / "method.md").read_text(encoding="utf-8"))

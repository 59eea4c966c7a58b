"""Method: the assumptions with their sources, and how the figures are made."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from sim.share.tables import assumption_table

st.markdown("### What is assumed, and where it comes from")
st.dataframe(assumption_table(), hide_index=True, width="stretch", height=420)
st.markdown((Path(__file__).parents[1] / "docs" / "method.md").read_text(encoding="utf-8"))

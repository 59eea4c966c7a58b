"""Guided tour: the steps in order, which are done, and what the others lack."""

from __future__ import annotations

import streamlit as st

from pages.parts import tour

st.markdown("### Guided tour")
st.caption(
    "From the numbers to the plan, its budget, the link and the year that follows. Steps may be taken in any order, or "
    "left out. Opening one puts a bar above each page with the way on; it goes when the tour is ended."
)
tour.listed()

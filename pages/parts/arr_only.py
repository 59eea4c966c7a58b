"""What there is to see of a shared team of too few people: ARR, which says nothing of anybody's pay."""

from __future__ import annotations

import streamlit as st

from pages.parts import answer, compute, state
from pages.parts.problems import show_problems
from sim.problems import InputError


def draw() -> None:
    """In the place of every page about pay."""
    st.markdown("### What the plan does to ARR")
    st.info(compute.TOO_FEW)
    try:
        candidate, current = compute.arr_of(state.scenario())
    except InputError as error:
        show_problems("There are no figures:", error)
    else:
        answer.figures(candidate, current, of_pay=False)

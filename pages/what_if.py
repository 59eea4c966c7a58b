"""What if: levers on one side, the answer on the other. Draws; decides nothing."""

from __future__ import annotations

import streamlit as st

from pages.parts import answer, compute, levers, state
from pages.parts.problems import show_problems
from sim.problems import InputError

side, main = st.columns([3, 9], gap="medium")
with side:
    refused = levers.panel()
with main:
    now = state.scenario()
    book = compute.book_of(now)
    if refused is not None:
        show_problems("That setting is not possible with this plan:", refused)
    try:
        current = compute.run_plan(now, book, now.current)
        candidate = compute.run_plan(now, book, now.candidate)
    except InputError as error:
        show_problems("This plan cannot be run on this book:", error)
    else:
        answer.draw(now, book, candidate, current)

"""What if: levers on one side, the answer on the other. Draws; decides nothing."""

from __future__ import annotations

import streamlit as st

from pages.parts import answer, compute, levers, state
from pages.parts.pair import run_both
from pages.parts.problems import show_problems

side, main = st.columns([4, 11], gap="medium")  # the four tabs of the levers still fit at 1280 pixels
with side:
    refused = levers.panel()
with main:
    now = state.scenario()
    book = compute.book_of(now)
    if refused is not None:
        show_problems("That setting is not possible with this plan:", refused)
    outcomes = run_both(now, book)
    if outcomes is not None:
        answer.draw(now, book, *outcomes)

"""Fairness and behaviour: the four purposes of pay, who can earn what and why, and what the plan tempts people to."""

from __future__ import annotations

import streamlit as st

from pages.parts import behaviour_view, compute, fairness_view, luck_view, scorecard_view, state
from pages.parts.pair import both_or_stop
from pages.parts.view import view

SCORECARD, FAIRNESS, RATES, TIMING, LEAVING, LUCK = (
    "Scorecard",
    "Fairness",
    "Where effort pays",
    "Timing games",
    "Who leaves",
    "Luck in KPIs",
)

st.markdown("### Fairness and behaviour")
now = state.scenario()
book = compute.book_of(now)
candidate, current = both_or_stop(now)
key, stage = compute.stage_of(now)
shown = view("View", (SCORECARD, FAIRNESS, RATES, TIMING, LEAVING, LUCK), "conduct_view")
if shown == SCORECARD:
    scorecard_view.draw(now, book, stage, key, candidate, current)
elif shown == FAIRNESS:
    fairness_view.draw(now, book, stage, key, candidate, current)
elif shown == RATES:
    behaviour_view.rates(now, stage, candidate, current)
elif shown == TIMING:
    behaviour_view.timing(now, stage, candidate, current)
elif shown == LUCK:
    luck_view.draw(now, stage, key)
else:
    behaviour_view.leaving(now, book, candidate, current)

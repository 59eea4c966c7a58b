"""Asking for what a measure stands at, in the unit that people use."""

from __future__ import annotations

import streamlit as st

from sim.decide.person.measures import NAMES
from sim.plan.schema import BOOKING_MEASURES, EVENT_MEASURES, Measure


def ask_result(measure: Measure, value: float, key: str) -> float:
    """The result of a whole window: a rate, USD or events in the window, a mean score. value: at first."""
    helps = {
        "net_retention": "At a yearly rate: ARR at the end against the opening, as if the window lasted a year.",
        "gross_retention": "Share of the ARR that fell due in the window and was kept.",
        "logo_retention": "Share of the accounts that fell due in the window and stayed.",
    }
    return _ask(measure, NAMES[measure], value, key, helps.get(measure, "In the whole window."))


def ask_standing(measure: Measure, value: float, key: str) -> float:
    """What a measure stands at in the middle of a window, as ``standing.running_total`` wants it. value: at first."""
    if measure == "net_retention":
        change = st.number_input(
            "Net retention: change of ARR so far, %",
            -100.0,
            100.0,
            round(100.0 * value, 2),
            0.5,
            key=key,
            help="Uplift and expansion less losses in the window so far, of the ARR at its opening.",
        )
        return float(change) / 100.0
    helps = {
        "gross_retention": "Of the ARR that has fallen due in the window so far, the share kept.",
        "logo_retention": "Of the accounts that have fallen due in the window so far, the share that stayed.",
    }
    return _ask(measure, f"{NAMES[measure]} so far", value, key, helps.get(measure, "In the window so far."))


def _ask(measure: Measure, label: str, value: float, key: str, help: str) -> float:
    name = label[0].upper() + label[1:]
    if measure in BOOKING_MEASURES:
        return float(
            st.number_input(f"{name}, \\$", 0.0, 1e9, round(value, 2), 1000.0, format="%.2f", key=key, help=help)
        )
    if measure in EVENT_MEASURES:
        return float(st.number_input(name, 0.0, 1e6, round(value, 1), 1.0, format="%.1f", key=key, help=help))
    if measure == "nps":
        return float(st.number_input(f"{name}, points", -100.0, 100.0, round(value, 1), 1.0, key=key, help=help))
    most = 200.0 if measure in ("net_retention", "mbo") else 100.0
    shown = min(max(round(100.0 * value, 2), 0.0), most)
    return float(st.number_input(f"{name}, %", 0.0, most, shown, 0.5, key=key, help=help)) / 100.0

"""The two outcomes that every answer compares."""

from __future__ import annotations

import streamlit as st

from pages.parts import compute
from pages.parts.problems import show_problems
from pages.parts.state import Scenario
from sim.engine.outcome import Outcome
from sim.problems import InputError


def both_or_stop(scenario: Scenario) -> tuple[Outcome, Outcome]:
    """As ``run_both``, for pages that have nothing to show without an answer: they end with the reason."""
    outcomes = run_both(scenario)
    if outcomes is None:
        st.stop()
    return outcomes


def run_both(scenario: Scenario) -> tuple[Outcome, Outcome] | None:
    """Candidate and plan in force; None, with the reason on the page, when one of them does not fit the book."""
    sides = (
        (scenario.current, "The plan in force cannot be run on this book. Choose another one in the sidebar:"),
        (scenario.candidate, "The candidate cannot be run on this book. Undo, or choose another plan to start from:"),
    )
    outcomes = []
    for plan, complaint in sides:
        try:
            outcomes.append(compute.run_plan(scenario, plan))
        except InputError as error:
            show_problems(complaint, error)
            return None
    current, candidate = outcomes
    return candidate, current

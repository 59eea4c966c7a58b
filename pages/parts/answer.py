"""The answer of the what-if page: a sentence, the headline figures, four pictures."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import charts, compute
from pages.parts.figures import Figure, show
from pages.parts.literal import literal
from pages.parts.state import Scenario
from pages.parts.view import view
from sim.decide import effort, picture
from sim.decide.bridge import arr_bridge, cost_bridge, lever_bridge
from sim.decide.headline import headlines
from sim.decide.verdict import verdict
from sim.engine.outcome import Outcome
from sim.plan.schema import Plan

HEIGHT, WITH_CHOICE = 430, 385
WHY = PAY, EFFORT, ARR, COST = "Payout", "Effort", "ARR", "Cost"
BY_PART, BY_LEVER = "By part", "By lever"


def sentence(candidate: Outcome, current: Outcome) -> None:
    """The answer in plain words."""
    st.markdown(f"#### {literal(verdict(candidate, current).sentence)}")


def caution(scenario: Scenario) -> None:
    """What is mostly luck in the candidate's pay, where anything is."""
    if said := compute.luck_told(scenario):
        st.caption(literal(said))


def figures(candidate: Outcome, current: Outcome, *, of_pay: bool = True) -> None:
    """The headline figures with their difference from the plan in force; without ``of_pay`` those of ARR only."""
    shown = [
        Figure(
            row.label,
            value=row.candidate,
            change=row.change,
            spread=row.spread,
            tone=row.tone,
            arrow=("up" if row.rises else "down") if row.tone else "",
            help=f"{row.meaning} Mean of {candidate.n_trials:,} trials. Below it the mean difference from the plan in "
            "force on the same luck, and the range that holds 90 % of the trials' differences. Standard error of the "
            f"mean difference: {row.error}.",
        )
        for row in headlines(candidate, current, of_pay=of_pay)
    ]
    show(shown, key="figures")


class Views(NamedTuple):
    """Which pictures are drawn, and where."""

    paired: bool
    why: str
    curve_of: str
    by_part: bool
    left: DeltaGenerator
    right: DeltaGenerator


def views(candidate: Plan) -> Views:
    """The choice between pictures: cost against retained ARR, and beside it what explains it, one at a time."""
    left, right = st.columns(2, gap="medium")
    with left:
        paired = view("View", ("Totals", "Difference"), "cloud_view") == "Difference"
    with right:
        why, curve_of, by_part = view("Why", WHY, "why_view"), "", True
        if why == PAY and (names := picture.curve_names(candidate)):
            curve_of = view("Component", names, "curve_of")
        elif why in (ARR, COST):
            by_part = view("Steps", (BY_PART, BY_LEVER), "bridge_view") == BY_PART
    return Views(paired, why, curve_of, by_part, left.container(), right.container())


def pictures(chosen: Views, scenario: Scenario, candidate: Outcome, current: Outcome) -> None:
    """The pictures that were chosen."""
    with chosen.left:
        _main_picture(candidate, current, paired=chosen.paired)
    with chosen.right:
        if chosen.why == PAY:
            _pay(chosen.curve_of, scenario, candidate, current)
        elif chosen.why == EFFORT:
            _effort(scenario, candidate, current)
        else:
            _bridge(scenario, candidate, current, of_cost=chosen.why == COST, by_part=chosen.by_part)


def _main_picture(candidate: Outcome, current: Outcome, *, paired: bool) -> None:
    data = picture.difference_cloud(candidate, current) if paired else picture.two_clouds(candidate, current)
    charts.cloud(data, picture.cloud_finding(candidate, current), signed=paired, height=HEIGHT)


def _pay(component: str, scenario: Scenario, candidate: Outcome, current: Outcome) -> None:
    if not component:
        st.info("No component of this plan is paid on a curve.")
        return
    title = picture.curve_finding(scenario.candidate, candidate, component)
    data = picture.both_curves(component, scenario.candidate, candidate, scenario.current, current)
    charts.curves(data, title, height=WITH_CHOICE)


def _effort(scenario: Scenario, candidate: Outcome, current: Outcome) -> None:
    title = effort.effort_finding(candidate, current, scenario.world)
    data = effort.effort_changes(candidate, current)
    if effort.effort_matters(scenario.world) and len(data):
        charts.effort(data, title, height=HEIGHT)
        return
    charts.finding(title)
    if effort.effort_matters(scenario.world):
        st.info("The plan in force buys hardly any effort, so there is nothing to compare the candidate's with.")
    else:
        st.info("Choose another response to pay in the sidebar to see what effort would do.")


def _bridge(scenario: Scenario, candidate: Outcome, current: Outcome, *, of_cost: bool, by_part: bool) -> None:
    if by_part:
        steps = cost_bridge(candidate, current) if of_cost else arr_bridge(candidate, current)
        total = "Plan cost" if of_cost else "Closing ARR"
    else:
        total = "Plan cost" if of_cost else "Retained ARR"
        with st.spinner("Moving one lever at a time..."):
            steps = lever_bridge(
                scenario.candidate,
                scenario.current,
                lambda plan: compute.run_plan(scenario, plan),
                (lambda outcome: outcome.plan_cost) if of_cost else (lambda outcome: outcome.retained_arr),
            )
    data = picture.bridge_table(steps, total, less_is_better=of_cost)
    charts.bridge(data, picture.bridge_finding(steps, total), height=WITH_CHOICE)

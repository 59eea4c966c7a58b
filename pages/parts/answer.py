"""The answer of the what-if page: a sentence, the headline figures, four pictures."""

from __future__ import annotations

import streamlit as st

from pages.parts import charts, compute
from pages.parts.state import Scenario
from sim.book.schema import Book
from sim.decide import picture
from sim.decide.bridge import arr_bridge, cost_bridge, lever_bridge
from sim.decide.compare import Summary, differences, summaries
from sim.decide.verdict import verdict
from sim.engine.outcome import Outcome
from sim.words import money, percent, points

TALL, SHORT = 320, 245
BRIDGES = ("ARR", "Cost", "ARR by lever", "Cost by lever")


def draw(scenario: Scenario, book: Book, candidate: Outcome, current: Outcome) -> None:
    """Everything that follows from the two outcomes."""
    st.markdown(f"#### {verdict(candidate, current).sentence}".replace("$", "\\$"))
    _headlines(candidate, current)
    left, right = st.columns(2, gap="medium")
    with left:
        _main_picture(candidate, current)
    with right:
        _pay(scenario, candidate, current)
    left, right = st.columns(2, gap="medium")
    with left:
        _effort(candidate, current)
    with right:
        _bridge(scenario, book, candidate, current)


def _headlines(candidate: Outcome, current: Outcome) -> None:
    figures, changes = summaries(candidate), differences(candidate, current)
    shown = (
        ("Plan cost", "plan_cost", money, "inverse", "Base, variable, on-cost and the cost of replacing leavers."),
        ("Variable pay", "variable_pay", money, "inverse", "Bonus, commission, guarantees and SPIFs."),
        ("Retained ARR", "retained_arr", money, "normal", "Opening ARR less churn, contraction and price erosion."),
        ("GRR", "gross_retention", percent, "normal", "Retained ARR as a share of opening ARR; never above 100 %."),
        ("NRR", "net_retention", percent, "normal", "Closing ARR of the same accounts, expansion included."),
        ("Expansion", "expansion_arr", money, "normal", "Upsell and cross-sell ARR closed over the horizon."),
    )
    row = st.container(horizontal=True, gap="small")  # wraps on a narrow screen
    for label, name, written, good, help in shown:
        row.metric(
            label,
            written(figures[name].mean),
            _change(changes[name], written is percent),
            delta_color=good if changes[name].clear else "off",  # type: ignore[arg-type]  # one of three literals
            delta_arrow="auto" if changes[name].clear else "off",
            help=f"{help} Mean of {candidate.n_trials:,} trials; below it the difference from the current plan on the "
            "same luck, and its standard error.",
            width=110,
        )


def _change(change: Summary, rate: bool) -> str:
    if rate:
        return f"{points(change.mean, 2)} ± {100 * change.standard_error:.2f}"
    return f"{money(change.mean, signed=True)} ± {money(change.standard_error)}"


def _main_picture(candidate: Outcome, current: Outcome) -> None:
    view = st.segmented_control(
        "View", ("Totals", "Difference"), default="Totals", key="cloud_view", label_visibility="collapsed"
    )
    changes = differences(candidate, current)
    title = picture.cloud_finding(changes["retained_arr"], changes["plan_cost"])
    if view == "Difference":
        data = picture.difference_cloud(candidate, current)
        charts.cloud(data, title, signed=True, height=TALL)
    else:
        data = picture.two_clouds(candidate, current)
        charts.cloud(data, title, signed=False, height=TALL)


def _pay(scenario: Scenario, candidate: Outcome, current: Outcome) -> None:
    names = picture.curve_names(scenario.candidate)
    if not names:
        st.info("No component of this plan is paid on a curve.")
        return
    chosen = st.segmented_control("Component", names, default=names[0], key="curve_of", label_visibility="collapsed")
    component = str(chosen if chosen in names else names[0])
    title = picture.curve_finding(scenario.candidate, candidate, component)
    data = picture.both_curves(component, scenario.candidate, candidate, scenario.current, current)
    charts.curves(data, title, height=TALL)


def _effort(candidate: Outcome, current: Outcome) -> None:
    data = picture.both_efforts(candidate, current)
    charts.effort(data, picture.effort_finding(candidate, current), height=SHORT + 40)


def _bridge(scenario: Scenario, book: Book, candidate: Outcome, current: Outcome) -> None:
    view = st.segmented_control(
        "Where it comes from", BRIDGES, default=BRIDGES[0], key="bridge_view", label_visibility="collapsed"
    )
    if view in (None, BRIDGES[0]):
        steps, total = arr_bridge(candidate, current), "Closing ARR"
    elif view == BRIDGES[1]:
        steps, total = cost_bridge(candidate, current), "Plan cost"
    else:
        by_cost = view == BRIDGES[3]
        total = "Plan cost" if by_cost else "Retained ARR"
        with st.spinner("Moving one lever at a time..."):
            steps = lever_bridge(
                scenario.candidate,
                scenario.current,
                lambda plan: compute.run_plan(scenario, book, plan),
                (lambda outcome: outcome.plan_cost) if by_cost else (lambda outcome: outcome.retained_arr),
            )
    data = picture.bridge_table(steps, total)
    charts.bridge(data, picture.bridge_finding(steps, total), height=SHORT)

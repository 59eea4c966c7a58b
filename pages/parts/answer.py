"""The answer of the what-if page: a sentence, the headline figures, four pictures."""

from __future__ import annotations

import streamlit as st

from pages.parts import charts, compute
from pages.parts.literal import literal
from pages.parts.state import Scenario
from pages.parts.view import view
from sim.book.schema import Book
from sim.decide import effort, picture
from sim.decide.bridge import arr_bridge, cost_bridge, lever_bridge
from sim.decide.compare import Summary, differences, summaries
from sim.decide.verdict import verdict
from sim.engine.outcome import Outcome
from sim.words import money, percent, points

HEIGHT, WITH_CHOICE = 430, 385
WHY = PAY, EFFORT, ARR, COST = "Payout", "Effort", "ARR", "Cost"
BY_PART, BY_LEVER = "By part", "By lever"
FIGURES = (
    ("Plan cost", "plan_cost", money, "inverse", "Base, variable, on-cost and the cost of replacing leavers."),
    ("Variable pay", "variable_pay", money, "inverse", "Bonus, commission, guarantees and SPIFs."),
    ("Retained ARR", "retained_arr", money, "normal", "Opening ARR less churn, contraction and price erosion."),
    ("GRR", "gross_retention", percent, "normal", "Retained ARR as a share of opening ARR; never above 100 %."),
    ("NRR", "net_retention", percent, "normal", "Closing ARR of the same accounts, expansion included."),
    ("Expansion", "expansion_arr", money, "normal", "Upsell and cross-sell ARR closed over the horizon."),
)


def sentence(candidate: Outcome, current: Outcome) -> None:
    """The answer in plain words."""
    st.markdown(f"#### {literal(verdict(candidate, current).sentence)}")


def figures(candidate: Outcome, current: Outcome) -> None:
    """The headline figures with their difference from the plan in force."""
    means, changes = summaries(candidate), differences(candidate, current)
    row = st.container(horizontal=True, gap="small", key="figures")  # wraps on a narrow screen
    for label, name, written, good, meaning in FIGURES:
        change = changes[name]
        rate = written is percent
        row.metric(
            label,
            written(means[name].mean),
            points(change.mean, 2) if rate else money(change.mean, signed=True),
            delta_color=good if change.clear else "off",  # type: ignore[arg-type]  # one of three literals
            delta_arrow="auto" if change.clear else "off",
            delta_description=_range(change, rate),
            help=f"{meaning} Mean of {candidate.n_trials:,} trials. Below it the mean difference from the plan in "
            "force on the same luck, and the range that holds 90 % of the trials' differences. Standard error of the "
            f"mean difference: {literal(_error(change, rate))}.",
        )


def _range(change: Summary, rate: bool) -> str:
    if rate:
        return f"{100 * change.p5:+z.1f} to {100 * change.p95:+z.1f}"
    # Without dollar signs: two of them would be read as maths, and the tooltip would show their escapes.
    return f"{money(change.p5, signed=True)} to {money(change.p95, signed=True)}".replace("$", "")


def _error(change: Summary, rate: bool) -> str:
    return f"{100 * change.standard_error:.3f} pp" if rate else money(change.standard_error)


def pictures(scenario: Scenario, book: Book, candidate: Outcome, current: Outcome) -> None:
    """Cost against retained ARR, and beside it what explains it: one at a time, so that both follow the finger."""
    left, right = st.columns(2, gap="medium")
    with left:
        _main_picture(candidate, current)
    with right:
        why = view("Why", WHY, "why_view")
        if why == PAY:
            _pay(scenario, candidate, current)
        elif why == EFFORT:
            _effort(scenario, candidate, current)
        else:
            _bridge(scenario, book, candidate, current, of_cost=why == COST)


def _main_picture(candidate: Outcome, current: Outcome) -> None:
    paired = view("View", ("Totals", "Difference"), "cloud_view") == "Difference"
    data = picture.difference_cloud(candidate, current) if paired else picture.two_clouds(candidate, current)
    charts.cloud(data, picture.cloud_finding(candidate, current), signed=paired, height=HEIGHT)


def _pay(scenario: Scenario, candidate: Outcome, current: Outcome) -> None:
    names = picture.curve_names(scenario.candidate)
    if not names:
        st.info("No component of this plan is paid on a curve.")
        return
    component = view("Component", names, "curve_of")
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


def _bridge(scenario: Scenario, book: Book, candidate: Outcome, current: Outcome, *, of_cost: bool) -> None:
    if view("Steps", (BY_PART, BY_LEVER), "bridge_view") == BY_PART:
        steps = cost_bridge(candidate, current) if of_cost else arr_bridge(candidate, current)
        total = "Plan cost" if of_cost else "Closing ARR"
    else:
        total = "Plan cost" if of_cost else "Retained ARR"
        with st.spinner("Moving one lever at a time..."):
            steps = lever_bridge(
                scenario.candidate,
                scenario.current,
                lambda plan: compute.run_plan(scenario, book, plan),
                (lambda outcome: outcome.plan_cost) if of_cost else (lambda outcome: outcome.retained_arr),
            )
    data = picture.bridge_table(steps, total, less_is_better=of_cost)
    charts.bridge(data, picture.bridge_finding(steps, total), height=WITH_CHOICE)

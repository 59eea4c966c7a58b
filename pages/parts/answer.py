"""The answer of the what-if page: a sentence, the headline figures, four pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import charts, compute
from pages.parts.figures import Figure, show
from pages.parts.literal import literal
from pages.parts.state import Scenario
from pages.parts.view import view
from sim.decide import effort, picture
from sim.decide.bridge import Step, arr_bridge, cost_bridge, lever_bridge
from sim.decide.headline import headlines
from sim.decide.verdict import verdict
from sim.engine.outcome import Outcome
from sim.plan.schema import Plan

HEIGHT, WITH_CHOICE = 430, 385
WHY = PAY, EFFORT, ARR, COST = "Payout", "Effort", "ARR", "Cost"
BY_PART, BY_LEVER = "By part", "By lever"


class Answer(NamedTuple):
    """All that follows a lever, worked out and not yet drawn. luck: "" where nothing in the pay is mostly luck.
    main, why: draw the pictures."""

    sentence: str
    luck: str
    figures: list[Figure]
    main: Callable[[], object]
    why: Callable[[], object]


def sentence(candidate: Outcome, current: Outcome) -> None:
    """The answer in plain words."""
    _say(verdict(candidate, current).sentence)


def _say(text: str) -> None:
    st.markdown(f"#### {literal(text)}")


def figures(candidate: Outcome, current: Outcome, *, of_pay: bool = True) -> None:
    """The headline figures with their difference from the plan in force; without ``of_pay`` those of ARR only."""
    show(_figures(candidate, current, of_pay), key="figures")


def _figures(candidate: Outcome, current: Outcome, of_pay: bool) -> list[Figure]:
    return [
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


def worked_out(chosen: Views, scenario: Scenario, candidate: Outcome, current: Outcome) -> Answer:
    """The answer, with the pictures that were chosen."""
    return Answer(
        verdict(candidate, current).sentence,
        compute.luck_told(scenario),
        _figures(candidate, current, of_pay=True),
        _main_picture(candidate, current, paired=chosen.paired),
        _why(chosen, scenario, candidate, current),
    )


def draw(found: Answer, said: DeltaGenerator, chosen: Views) -> None:
    """Put it on the page, the figures here: nothing is computed between its parts, because what reaches the browser in
    two portions is drawn twice."""
    show(found.figures, key="figures")
    if found.luck:
        st.caption(literal(found.luck))
    with said:
        _say(found.sentence)
    with chosen.left:
        found.main()
    with chosen.right:
        found.why()


def _main_picture(candidate: Outcome, current: Outcome, *, paired: bool) -> Callable[[], object]:
    data = picture.difference_cloud(candidate, current) if paired else picture.two_clouds(candidate, current)
    return partial(charts.cloud, data, picture.cloud_finding(candidate, current), signed=paired, height=HEIGHT)


def _why(chosen: Views, scenario: Scenario, candidate: Outcome, current: Outcome) -> Callable[[], object]:
    if chosen.why == PAY:
        return _pay(chosen.curve_of, scenario, candidate, current)
    if chosen.why == EFFORT:
        return _effort(scenario, candidate, current)
    of_cost = chosen.why == COST
    if chosen.by_part:
        steps = cost_bridge(candidate, current) if of_cost else arr_bridge(candidate, current)
        return _bridge(steps, "Plan cost" if of_cost else "Closing ARR", of_cost)
    return partial(_by_lever, scenario, of_cost)


def _pay(component: str, scenario: Scenario, candidate: Outcome, current: Outcome) -> Callable[[], object]:
    if not component:
        return partial(st.info, "No component of this plan is paid on a curve.")
    title = picture.curve_finding(scenario.candidate, candidate, component)
    data = picture.both_curves(component, scenario.candidate, candidate, scenario.current, current)
    return partial(charts.curves, data, title, height=WITH_CHOICE)


def _effort(scenario: Scenario, candidate: Outcome, current: Outcome) -> Callable[[], object]:
    title = effort.effort_finding(candidate, current, scenario.world)
    data = effort.effort_changes(candidate, current)
    matters = effort.effort_matters(scenario.world)
    if matters and len(data):
        return partial(charts.effort, data, title, height=HEIGHT)
    none = "The plan in force buys hardly any effort, so there is nothing to compare the candidate's with."
    other = "Choose another response to pay in the sidebar to see what effort would do."
    return partial(_nothing, title, none if matters else other)


def _nothing(title: str, reason: str) -> None:
    charts.finding(title)
    st.info(reason)


def _by_lever(scenario: Scenario, of_cost: bool) -> None:
    """A plan more for each lever: worked out where its waterfall will be, which tells how long it takes."""
    with st.spinner("Moving one lever at a time..."):
        steps = lever_bridge(
            scenario.candidate,
            scenario.current,
            lambda plan: compute.run_plan(scenario, plan),
            (lambda outcome: outcome.plan_cost) if of_cost else (lambda outcome: outcome.retained_arr),
        )
    _bridge(steps, "Plan cost" if of_cost else "Retained ARR", of_cost)()


def _bridge(steps: list[Step], total: str, of_cost: bool) -> Callable[[], object]:
    data = picture.bridge_table(steps, total, less_is_better=of_cost)
    return partial(charts.bridge, data, picture.bridge_finding(steps, total), height=WITH_CHOICE)

"""Which plan? A few questions that end in a plan, or in a salary, with reasons and figures; and plans by role."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.parts import address, answer, charts, compute, implied, shown, state
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.role_cards import roles
from sim.decide import picture
from sim.decide.verdict import verdict
from sim.plan.changes import lever_changes
from sim.plan.guide import QUESTIONS, Advice, Question, advise, proposed
from sim.plan.read import plan_preset, plan_to_toml
from sim.problems import InputError
from sim.share.take.plan_words import rules
from sim.world.parameters import World

HOW = """
* **The plan** is put together from parts of shipped plans, a step for each answer. Its levers stand on the page
  *What if* once it is the candidate.
* **Assumptions.** Some answers say how people respond: pay on goals that nobody can measure buys less effort. Such
  answers multiply assumptions of the world in the sidebar; the plan in force meets the same. Which direction is from
  the sources at each question, how far is judgement of low confidence: see *What it hangs on* before deciding.
* **A salary** rises to today's on-target earnings, which the simulation takes for the market, and SPIFs come on top.
* **Roles**: ranges of variable pay are published where a source is named, and judgement otherwise. A lead's or
  manager's plan is simulated as if everybody on the team had it, on their own books.
"""

TRY = "Makes it the candidate of all pages, with the assumptions of the sidebar unless those here are taken over."
NOT_IN_FIGURES = (
    "These figures hold what a salary costs and the effort that it gives up. What pay on the wrong goals does to "
    "trust, fairness and honest figures is not simulated."
)


def _asked(question: Question, first: str) -> str:
    """The answer; the control of a question that the book answers starts again with a book of another size."""
    texts = {option.key: option.text for option in question.options}
    chosen = st.segmented_control(
        question.text,
        list(texts),
        default=first,
        required=True,
        wrap=True,
        format_func=lambda key: literal(texts[key]),
        key=f"guide_{question.key}_{first}",
        persist_state="session",
        help=literal(f"{question.help} Source: {question.source}"),
    )
    return str(chosen)


def _questions(now: state.Scenario) -> Advice:
    """The questions, each with what its answer does and why."""
    book = compute.book_of(now)
    first = proposed(float(book.arr.sum()), len(book.team))
    places = [st.container(gap="xxsmall") for _ in QUESTIONS]
    answers = {}
    for question, place in zip(QUESTIONS, places, strict=True):
        with place:
            answers[question.key] = _asked(question, first[question.key])
    advice = advise(answers)
    for place, reason in zip(places, advice.reasons, strict=True):
        place.caption(literal(reason))
    return advice


def _said(advice: Advice, now: state.Scenario) -> None:
    """The plan in words."""
    st.markdown(f"#### {literal(advice.plan.name)}")
    if advice.warnings:
        st.warning("  \n".join(map(literal, advice.warnings)))
    st.markdown(literal(advice.plan.description))
    st.caption(literal(f"Made from the shipped plan {plan_preset(advice.start).name}."))
    changes = lever_changes(advice.plan, now.current)
    with st.expander(f"Its rules, and what differs from the plan in force ({len(changes)})"):
        if advice.plan.variable_share:
            st.markdown(literal(" ".join(rules(advice.plan, None))))
        table = pd.DataFrame(changes, columns=["Setting", "Plan in force", "This plan"])
        st.table(table.map(literal).set_index("Setting"))


def _buttons(advice: Advice, world: World, now: state.Scenario) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    if row.button("Try it on What if", type="primary", key="guide_try", help=TRY):
        state.load(advice.plan)
        address.go(Path(__file__).parent / "what_if.py")
    row.button(
        "Undo", key="guide_undo", on_click=state.undo, disabled=not now.moves, help="The candidate as it was before."
    )
    row.download_button(
        "Download the plan",
        data=lambda: plan_to_toml(advice.plan),
        file_name="guided.toml",
        mime="application/toml",
        on_click="ignore",
        key="guide_download",
        help="As a TOML file, which the command line and the page What if read.",
    )
    st.session_state["guide_world"] = implied.in_use()  # the state decides, not the widget: the sidebar changes it too
    row.toggle(
        "Its assumptions on all pages",
        key="guide_world",
        on_change=lambda: implied.take(world) if st.session_state["guide_world"] else implied.back(),
        disabled=world == implied.before() and not implied.in_use(),
        help="Takes over what the answers imply for how people respond; switched off, the assumptions are those of "
        "before. They follow the answers while it is on.",
    )


def _figures(advice: Advice, world: World, now: state.Scenario) -> None:
    """Cost and ARR against the plan in force, both in the world that the answers imply."""
    changed = implied.edits(world, implied.before())
    st.caption(
        literal(f"Simulated with what the answers imply: {'; '.join(changed)}.")
        if changed
        else "Simulated with the assumptions of the sidebar: these answers imply no others."
    )
    if reason := state.only_looks():
        st.info(reason)
        return
    tried = replace(now, world=world, candidate=advice.plan)
    try:
        candidate, current = (compute.run_plan(tried, plan) for plan in (advice.plan, now.current))
    except InputError as error:
        show_problems("There are no figures, because a plan cannot be run on this book:", error)
        return
    charts.finding(verdict(candidate, current).sentence)
    answer.figures(candidate, current)
    if not advice.plan.variable_share:
        st.caption(NOT_IN_FIGURES)
    data = picture.difference_cloud(candidate, current)
    charts.cloud(data, picture.cloud_finding(candidate, current), signed=True, height=330)
    shown.charts().pop("cloud", None)  # its file would bear a link to the candidate, which this plan is not yet


st.markdown("### Which plan?")
st.caption("Variable pay or a salary only: a few questions, and a plan with reasons. Every answer is simulated.")
left, right = st.columns([1, 2], gap="medium")  # six figures fit in a row
with left:
    advice = _questions(state.scenario())
world = implied.before().scaled(advice.world)
if implied.in_use() and world != state.scenario().world:
    implied.take(world)
with right:
    _said(advice, state.scenario())
    _buttons(advice, world, state.scenario())
    _figures(advice, world, state.scenario())
st.markdown("#### Plans by role", help="The roles after the sale, each with a plan to start from.")
roles()
with st.expander("How this is found"):
    st.markdown(HOW)

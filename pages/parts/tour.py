"""The guided tour: ten steps in order, where one is, what is still missing. Off until somebody starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

from pages.parts import address, assess_form, journey, save_form, state
from sim.decide.coverage.example import EXAMPLE

_KEY, _PAGES = "tour", "tour.pages"
SEEN = "Look at it once."


class Step(NamedTuple):
    """A step, on one page of the app.

    does: what one does there. missing: what there is still to do beside looking at it; empty for nothing.
    """

    file: str
    title: str
    does: str
    missing: Callable[[], str] = lambda: ""


@dataclass(frozen=True)
class Tour:
    """on: the bar is shown. seen: files of the pages that this session has opened."""

    on: bool = False
    seen: frozenset[str] = field(default=frozenset())


def _book() -> str:
    now = state.scenario()
    if now.uploaded is None:
        return "These are the figures of a sample: bring your own book, in the sidebar."
    return "" if now.history is not None else "The book came without a past: bring a history of renewals and expansion."


def _matrix() -> str:
    return "The matrix is still the example: put in who does what." if journey.journey().value == EXAMPLE else ""


def _candidate() -> str:
    now = state.scenario()
    return "The candidate is still the plan in force." if now.candidate == now.current else ""


def _saved() -> str:
    return "" if save_form.saved() else "Nothing is saved: Save and share, in the sidebar, makes the link."


def _actuals() -> str:
    return "" if assess_form.brought() else "No actuals are loaded: a year that the model made stands in for them."


STEPS = (
    Step("numbers", "Numbers", "Where retention, expansion and cost stand today.", _book),
    Step("valuation", "Valuation", "What a point of retention is worth, so that pay has something to be held against."),
    Step("segments", "Segments", "Which customers get which service, and where the risk lies."),
    Step("capacity", "As it is", "Whether the hours that the team has are enough for the work that there is."),
    Step("coverage", "Coverage", "Who owns which stage of the journey, who is paid for it, what is wrong.", _matrix),
    Step("white_space", "Opportunity", "How much there is left to sell, and to whom."),
    Step("guide", "Plan", "Which plan fits, with the reasons; then move its levers on What if.", _candidate),
    Step("budget", "Budget", "How often the plan breaks the budget, and what to hold in reserve."),
    Step("scenarios", "Share", "Save what was decided, and send a link that shows everybody the same.", _saved),
    Step(
        "assess", "Assess", "During the year: what happened against what was promised, and what to do next.", _actuals
    ),
)


def tour() -> Tour:
    """This session's."""
    held: Tour = st.session_state.get(_KEY, Tour())
    return held


def enter(file: str, pages: Mapping[str, Page]) -> None:
    """A page is opened. pages: all that this session may open, by file."""
    st.session_state[_PAGES] = pages
    now = tour()
    if file not in now.seen:
        st.session_state[_KEY] = Tour(now.on, now.seen | {file})
    if now.on:
        _bar(file)


def _steps() -> list[Step]:
    return [step for step in STEPS if step.file in st.session_state.get(_PAGES, {})]


def _go(step: Step) -> None:
    address.go(st.session_state[_PAGES][step.file])


def lacking(step: Step) -> str:
    """What a step still lacks, in a sentence; empty when it is done."""
    return step.missing() or ("" if step.file in tour().seen else SEEN)


def switch(on: bool) -> None:
    st.session_state[_KEY] = Tour(on, tour().seen)


def _bar(file: str) -> None:
    """Above a page: which step this is, what it lacks, and the way on."""
    all_steps = _steps()
    here = next((number for number, step in enumerate(all_steps) if step.file == file), None)
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap="xsmall", width="stretch"):
            if here is None:
                st.markdown("**Guided tour.** This page is not one of its steps.")
            else:
                step = all_steps[here]
                st.markdown(f"**Step {here + 1} of {len(all_steps)}: {step.title}.** {step.does}")
                if missing := step.missing():
                    st.caption(f"Still missing: {missing}")
        with st.container(horizontal=True, width="content"):
            _way(all_steps, here)


def _way(all_steps: list[Step], here: int | None) -> None:
    """Off the tour's pages, the way on is to the first step that lacks something."""
    back = all_steps[here - 1] if here else None
    ahead = all_steps[here + 1 :] if here is not None else [step for step in all_steps if lacking(step)]
    if st.button("Back", key="tour_back", disabled=back is None) and back is not None:
        _go(back)
    label = f"Next: {ahead[0].title}" if ahead else "Next"
    if st.button(label, key="tour_next", type="primary", disabled=not ahead) and ahead:
        _go(ahead[0])
    st.button("End the tour", key="tour_end", on_click=switch, args=(False,), type="tertiary")


def listed() -> None:
    """All steps, each done or with what it lacks, and the way to it."""
    all_steps = _steps()
    done = sum(not lacking(step) for step in all_steps)
    st.progress(done / max(len(all_steps), 1), f"{done} of {len(all_steps)} steps done")
    for number, step in enumerate(all_steps, start=1):
        missing = lacking(step)
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap="xsmall", width="stretch"):
                mark = ":material/radio_button_unchecked:" if missing else ":material/check_circle:"
                st.markdown(f"{mark} **{number}. {step.title}.** {step.does}")
                if missing:
                    st.caption(missing)
            if st.button("Open", key=f"tour_open_{step.file}"):
                switch(True)
                _go(step)

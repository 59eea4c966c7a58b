"""What if: the answer in words and figures, the levers below it, and the pictures beside them. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, answer, compute, levers, shown, state
from pages.parts.pair import run_both
from pages.parts.problems import show_problems
from sim.decide import picture
from sim.problems import InputError

# On a phone the sentence stays in sight while a lever below it moves.
GROUND = f"light-dark({st.get_option('theme.light.backgroundColor')}, {st.get_option('theme.dark.backgroundColor')})"
STYLE = f"""<style>
.st-key-address_watch {{ display: none }}
.st-key-lever_group [role=radiogroup] {{
  flex-wrap: nowrap; gap: 1rem; width: 100%; border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent);
}}
.st-key-lever_group button {{
  min-height: 2rem; padding: 0 0 0.2rem; border: 0 solid transparent; border-bottom-width: 2px; border-radius: 0;
  background: none !important; margin-bottom: -1px;
}}
.st-key-lever_group button[aria-checked=true] {{ border-color: currentColor }}
@media (max-width: 640px) {{
  [data-testid=stLayoutWrapper]:has(> .st-key-sentence) {{
    position: sticky; top: 3.75rem; z-index: 9; padding-block: 0.4rem; background: {GROUND};
  }}
}}
</style>"""


# While another book or other assumptions are worked out, what stands on the page is not their answer.
FADE = """<style>
.st-key-sentence, .st-key-figures, .st-key-pictures { opacity: 0.25; transition: opacity 0.2s 0.2s }
</style><span></span>"""  # the element makes it part of the page: a style alone would outlast its place


REFUSED, AHEAD = "what_if.refused", "what_if.ahead"


class Places(NamedTuple):
    """Where the parts that follow a lever go, except the figures."""

    waiting: DeltaGenerator
    said: DeltaGenerator
    panel: levers.Panel
    views: answer.Views


class Ahead(NamedTuple):
    """An answer that is worked out before its run, and what it is the answer to."""

    scenario: state.Scenario
    views: answer.Views
    answer: answer.Answer


@st.fragment
def what_if() -> None:
    """All that a move leaves as it is: drawing it again costs the browser more than the answer does."""
    waiting, said, top = st.empty(), st.container(key="sentence"), st.container()
    side, main = st.columns([4, 11], gap="medium")  # the four groups of levers still fit at 1280 pixels
    with side:
        panel = levers.panel()
    with main, st.container(key="pictures"):
        views = answer.views(state.scenario().candidate)
    with top:
        follow(Places(waiting, said, panel, views), state.scenario())


@st.fragment  # a move of a lever draws this again, and nothing else
def follow(places: Places, drawn: state.Scenario) -> None:
    """The levers and all that follows them; ``drawn`` is what the rest of the page shows."""
    panel = places.panel
    refused = st.session_state.pop(REFUSED, None) or levers.take(panel.group)
    now = state.scenario()
    if now is not drawn and (panel.refused or _frame(now) != _frame(drawn)):
        st.rerun()
    wrong = st.container()  # outlasts the progress
    with _progress(places.waiting, now), wrong:
        for problem in filter(None, (panel.refused, refused)):
            show_problems("That setting is not possible with this plan:", problem)
        found = _found(places.views, now)
    panel.download.candidate = now.candidate
    if found is not None:
        shown.forget()
        answer.draw(found, places.said, places.views)
    address.follow()
    with panel.levers:
        levers.draw(panel.group, partial(_look_ahead, places))


def _look_ahead(places: Places) -> None:
    """Takes a move and works its answer out before the run begins: a run sends all that it draws as it goes, and what
    comes before the answer is drawn for nothing."""
    st.session_state[REFUSED] = levers.take(places.panel.group)
    now = state.scenario()
    if compute.ready(now):
        with suppress(InputError):  # the run meets it again, and says it
            candidate, current = (compute.run_plan(now, plan) for plan in (now.candidate, now.current))
            found = answer.worked_out(places.views, now, candidate, current)
            st.session_state[AHEAD] = Ahead(now, places.views, found)


def _found(views: answer.Views, now: state.Scenario) -> answer.Answer | None:
    """The answer, unless a plan does not fit the book: then the page says why."""
    ahead: Ahead | None = st.session_state.pop(AHEAD, None)
    if ahead is not None and ahead.scenario is now and ahead.views is views:
        return ahead.answer
    outcomes = run_both(now)
    return None if outcomes is None else answer.worked_out(views, now, *outcomes)


def _frame(scenario: state.Scenario) -> tuple[bool, list[str]]:
    """What the part of the page around the levers takes from a candidate that a lever has moved."""
    return bool(scenario.moves), picture.curve_names(scenario.candidate)


@contextmanager
def _progress(place: DeltaGenerator, now: state.Scenario) -> Iterator[None]:
    """Fades the last answer while one is worked out that no lever leads to."""
    shared = (
        now.sample,
        now.uploaded and now.uploaded.digest,
        now.current,
        now.world,
        now.seed,
        now.trials,
        now.months,
    )
    if st.session_state.get("answered") == shared:
        yield
        return
    with place.container():
        st.html(FADE)
        with st.spinner("Another book or other assumptions: working out the answer..."):
            yield
    place.empty()
    st.session_state["answered"] = shared


st.html(STYLE)
address.whether_saved_figures_hold()
what_if()

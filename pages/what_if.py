"""What if: the answer in words and figures, the levers below it, and the pictures beside them. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, answer, compute, levers, state
from pages.parts.pair import run_both
from pages.parts.problems import show_problems

# Six figures in a row, three on a phone; there the sentence stays in sight while a lever below it moves.
STYLE = """<style>
.st-key-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(105px, 1fr)); gap: 0.75rem }
.st-key-figures > * { width: auto; min-width: 0 }
.st-key-figures div:has(> [data-testid=stMetricDelta]) { flex-wrap: wrap; row-gap: 0 }
.st-key-figures [data-testid=stMetricDeltaDescription] { max-width: 100% }
@media (max-width: 640px) {
  [data-testid=stLayoutWrapper]:has(> .st-key-sentence) {
    position: sticky; top: 3.75rem; z-index: 9; padding-block: 0.4rem; background: var(--st-background-color, Canvas);
  }
}
</style>"""


# While another book or other assumptions are worked out, what stands on the page is not their answer.
FADE = """<style>
.st-key-sentence, .st-key-figures, .st-key-pictures { opacity: 0.25; transition: opacity 0.2s 0.2s }
</style><span></span>"""  # the element makes it part of the page: a style alone would outlast its place


@st.fragment  # a move of a lever draws this page again, not the sidebar
def what_if() -> None:
    _answer_and_levers()
    address.follow()


def _answer_and_levers() -> None:
    waiting, said, top = st.empty(), st.container(key="sentence"), st.container()
    side, main = st.columns([4, 11], gap="medium")  # the four tabs of the levers still fit at 1280 pixels
    with side:
        refused = levers.panel()
    now = state.scenario()
    with _progress(waiting, now), top:
        if refused is not None:
            show_problems("That setting is not possible with this plan:", refused)
        book = compute.book_of(now)
        outcomes = run_both(now, book)
    if outcomes is None:
        return
    with top:
        answer.figures(*outcomes)
    with said:
        answer.sentence(*outcomes)
    with main, st.container(key="pictures"):
        answer.pictures(now, book, *outcomes)


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
what_if()

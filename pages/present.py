"""Present: one question a page in large type, for a meeting that looks at one screen."""

from __future__ import annotations

import streamlit as st

from pages.parts import compute, state
from pages.parts.pair import both_or_stop
from pages.parts.slides import QUESTIONS, Scene
from pages.parts.view import keep, kept

KEY = "slide"
# A presenter has no use for the sidebar, and a room for small type.
STYLE = """<style>
[data-testid=stSidebar], [data-testid=stSidebarCollapsedControl], [data-testid=stExpandSidebarButton] { display: none }
@media (min-width: 900px) {
  .st-key-slide :is([data-testid=stMarkdown], [data-testid=stTable], [data-testid=stMetric]) { zoom: 1.35 }
  .st-key-slide .st-key-figures { zoom: 1.35 }
}
.st-key-question h2 { font-size: clamp(1.6rem, 3.4vw, 3rem); padding-block: 0.2rem 0.6rem }
</style>"""


def _go(place: int) -> None:
    keep(list(QUESTIONS)[place], list(QUESTIONS), KEY)


now = state.scenario()
book = compute.book_of(now)
st.html(STYLE)
place = min(kept().get(KEY, 0), len(QUESTIONS) - 1)
question, draw = list(QUESTIONS.values())[place]
row = st.container(horizontal=True, vertical_alignment="center", key="turn")
row.button("Back", on_click=_go, args=(place - 1,), disabled=place == 0, shortcut="Left", key="slide_back")
row.button(
    "Next", on_click=_go, args=(place + 1,), disabled=place + 1 == len(QUESTIONS), shortcut="Right", key="slide_next"
)
row.caption(f"{place + 1} of {len(QUESTIONS)}")
with st.container(key="question"):
    st.markdown(f"## {question}")
with st.container(key="slide"):
    candidate, current = both_or_stop(now)
    draw(Scene(now, book, candidate, current))

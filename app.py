"""The shell: page set-up, the sidebar that every page shares, navigation. Run with ``streamlit run app.py``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

from pages.parts import access, address, arr_only, compute, door, logs, shared_link, shown, sidebar, state, tour
from pages.parts.problems import show_problems
from sim.share.audience import Audience, least
from sim.share.person import Action

PAGES = Path(__file__).parent / "pages"


class Entry(NamedTuple):
    """A page of the navigation. needs: the least audience that may see it, and ``action`` what its role must allow.
    paid: whether it shows what pay makes up."""

    section: str
    file: str
    title: str
    needs: Audience
    paid: bool = True
    action: Action = "look"


ENTRIES = (
    Entry("", "what_if", "What if", "summary"),
    Entry("Meet", "present", "Present", "summary"),
    Entry("Meet", "scenarios", "Scenarios", "full", action="save"),
    Entry("Decide", "guide", "Which plan?", "summary"),
    Entry("Decide", "compare", "Compare", "summary"),
    Entry("Decide", "budget", "Budget fit", "summary"),
    Entry("Decide", "frontier", "Frontier", "summary"),
    Entry("Decide", "hangs_on", "What it hangs on", "summary"),
    Entry("Book", "book", "Your book", "team", paid=False),
    Entry("Book", "numbers", "Numbers today", "full"),
    Entry("Book", "valuation", "Valuation", "full"),
    Entry("Book", "risk", "Renewal risk", "full"),
    Entry("Book", "segments", "Segments", "team"),
    Entry("Book", "white_space", "White space", "full"),
    Entry("Targets", "quotas", "Quotas", "full"),
    Entry("Targets", "assignment", "Who owns what", "full"),
    Entry("Targets", "capacity", "Capacity", "full"),
    Entry("Targets", "coverage", "Journey coverage", "team"),
    Entry("Targets", "roles", "Roles", "full"),
    Entry("Targets", "allocation", "Across teams", "full"),
    Entry("People", "people", "By CSM", "team"),
    Entry("People", "one_csm", "One CSM", "full"),
    Entry("People", "fairness", "Fairness and behaviour", "full"),
    Entry("Track", "assess", "Assess", "full"),
    Entry("Help", "tour", "Guided tour", "summary", paid=False),
    Entry("Help", "method", "Method", "summary", paid=False),
)


def may_see(entry: Entry) -> bool:
    return least(entry.needs, access.audience()) == entry.needs and access.who().may(entry.action)


def page_of(entry: Entry) -> Page:
    """The page; where this session may not see it, what is said at its address instead, outside the navigation."""
    seen = may_see(entry)
    run = PAGES / f"{entry.file}.py" if seen else access.withheld
    if seen and entry.paid and compute.too_few(state.scenario()):
        run = arr_only.draw
    return st.Page(
        run,
        title=entry.title,
        url_path=entry.file,
        default=entry.file == "what_if",
        visibility="visible" if seen else "hidden",
    )


st.set_page_config(page_title="CS compensation what-if", page_icon="📈", layout="wide")
# Streamlit's own margins take 150 pixels from a laptop's answer; it has no setting for them.
st.html("<style>[data-testid=stMainBlockContainer] { padding-inline: clamp(1rem, 2.5vw, 5rem) }</style>")
access.enter()
address.leave_page()
door.open_or_stop()
address.read()
shared_link.end_if_withdrawn()
logs.session()  # not before: a shared view starts a session of its own
address.write()  # before the navigation is drawn, see there
pages = {entry.file: page_of(entry) for entry in ENTRIES}
sections: dict[str, list[Page]] = {}
for entry in ENTRIES:
    sections.setdefault(entry.section, []).append(pages[entry.file])
page = st.navigation(sections, position="top")
book_page = pages["book"]
refused = sidebar.draw(book_page)
if refused is not None:
    show_problems("Nothing was loaded:", refused)
shown.forget()
address.notes()
if not address.lacks_book(book_page, page):
    here = next(file for file, one in pages.items() if one.url_path == page.url_path)
    tour.enter(here, {entry.file: pages[entry.file] for entry in ENTRIES if may_see(entry)})
    try:
        with logs.opening(page.url_path):
            page.run()
    finally:
        address.write()  # a page's own views too, and also when it stops early

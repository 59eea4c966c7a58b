"""A saved scenario opened by its link: which book comes with it, and whether its figures still hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
import streamlit as st

from pages.parts import access, compute, stored
from pages.parts.figure_table import figure_table
from pages.parts.literal import literal
from sim.book.history import History
from sim.book.schema import Book
from sim.engine.run import MODEL_VERSION
from sim.problems import InputError
from sim.share.audience import SMALLEST_GROUP, Audience
from sim.share.ledger import since
from sim.share.store.audit import exported
from sim.share.store.books import kept_book
from sim.share.store.saved import Scenario
from sim.share.store.shares import open_share, opens

T = TypeVar("T")
TOKEN = "s"
"""The key of a saved scenario in an address."""
_OPENED = "shared_link.opened"


@dataclass(frozen=True)
class Opened:
    """book: None when the scenario is about a sample, or when its book was not kept."""

    token: str
    scenario: Scenario
    audience: Audience
    book: Book | None
    history: History | None


def opened() -> Opened | None:
    """The saved scenario that this session is in, if any."""
    found: Opened | None = st.session_state.get(_OPENED)
    return found


def enter(token: str) -> Opened:
    """Opens the link, once for a session. Raises InputError when it opens nothing here."""
    held = opened()
    if held is not None and held.token == token:
        return held
    shared = open_share(stored.store(), stored.member(), token)
    book, history = book_of(shared.scenario)
    found = Opened(token, shared.scenario, shared.audience, book, history)
    access.restrict(shared.audience)
    st.session_state[_OPENED] = found
    return found


def end_if_withdrawn() -> None:
    """Ends the run, and the session's view, when the link that it is in has been withdrawn or its scenario deleted."""
    held = opened()
    try:
        if held is None or opens(stored.store(), stored.member(), held.token):
            return
    except InputError:
        return  # a store that is away takes nothing from anybody
    access.leave()
    st.info("This link was withdrawn, or what it opened was deleted; ask who sent it.")
    st.button("To the sample books", type="primary", key="after_withdrawal")
    st.stop()


def book_of(scenario: Scenario) -> tuple[Book | None, History | None]:
    """The book that was kept with a scenario. None where it is about a sample, and where it was saved without its book:
    then the page asks for the files, or shows the figures that were saved."""
    if scenario.book_digest is None:
        return None, None
    try:
        kept = kept_book(stored.store(), stored.member(), scenario.book_digest)
    except InputError:
        return None, None
    return kept.book, kept.history


def leave() -> None:
    """Out of the saved scenario; the session goes on with a copy of it."""
    st.session_state.pop(_OPENED, None)


def noted(made: Callable[[], T]) -> Callable[[], T]:
    """What makes a file, so that the audit trail says who took a saved scenario's figures away, before they are."""
    held = opened()
    if held is None:
        return made
    member = stored.member()

    def note_and_make() -> T:
        exported(stored.store(), member, held.scenario.id, held.audience)
        return made()

    return note_and_make


def said() -> None:
    """Whose scenario is open, and from when."""
    held = opened()
    if held is None:
        return
    scenario = held.scenario
    saved = f"{scenario.created_at:%d %B %Y}".lstrip("0")
    st.caption(f"**{literal(scenario.title)}**, saved by {literal(scenario.author)} on {saved}.")
    if scenario.note:
        st.caption(literal(scenario.note))


def what_changed(version: str) -> str:
    """Since a link was made with another version of the model, in sentences; Markdown."""
    head = f"This link was made with model {version}. These are the figures of model {MODEL_VERSION}."
    changes = since(version)
    if changes is None:
        return f"{head} What has changed since is not on record here."
    return "  \n".join([head, *(f"**{change.version}**: {change.what}. {change.moves}." for change in changes)])


def beside(today: dict[str, dict[str, dict[str, float | None]]]) -> None:
    """The figures that were saved, against today's, while the scenario is as it was saved. today: as `of_the_team`."""
    held = opened()
    if held is None:
        return
    results = held.scenario.results
    if all(today[side] == results[side] for side in ("candidate", "current", "difference")):
        st.caption("The figures are those that were saved, to the last digit.")
        return
    with st.expander("The figures that were saved, beside today's", expanded=True):
        then, now = figure_table(results), figure_table(today)
        st.table(
            pd.concat({"Saved": then, "Today": now}, axis=1).swaplevel(axis=1).sort_index(axis=1, sort_remaining=False)
        )


def saved_figures() -> None:
    """The figures that were saved, for readers who do not have the book."""
    held = opened()
    if held is None:
        return
    st.markdown("#### The figures that were saved")
    few = access.audience() != "full" and held.scenario.results.get("people", 0) < SMALLEST_GROUP
    st.table(figure_table(held.scenario.results, of_pay=not few))
    if few:
        st.caption(compute.TOO_FEW)

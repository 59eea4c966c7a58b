"""Save the scenario on the screen, and make links to it: each for an audience, none granting more."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from pages.parts import compute, shared_link, state, stored
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from sim.decide.choice.naming import name_of
from sim.problems import InputError
from sim.share.audience import AUDIENCES, Audience
from sim.share.link import Pairs
from sim.share.report import comparison
from sim.share.store.books import keep_book
from sim.share.store.scenarios import LONGEST_NOTE, LONGEST_TITLE, save_scenario
from sim.share.store.shares import share

WHO_SEES: dict[Audience, tuple[str, str]] = {
    "summary": ("Totals only", "Figures of the whole team. No customer is named, nobody's pay is shown."),
    "team": ("CSMs by role", "Groups of five or more by role, without pay or customers' names."),
    "full": ("Everything", "Customers by name and the pay of each CSM."),
}
READ = "Everybody who opens a link reads title, note and comments: name no customers there, and no pay."
_SAVED, _PARENT = "save_form.saved", "save_form.parent"
"""Id and title of the scenario that was saved last; id of the one that the levers started from."""


def form(pairs: Pairs) -> None:
    """pairs: of the link to what is on the screen, without views that matter to nobody else."""
    now = state.scenario()
    parent = st.session_state.get(_PARENT) or (held.scenario.id if (held := shared_link.opened()) else None)
    named = name_of(now.candidate, now.preset)
    title = st.text_input("Title", named, max_chars=LONGEST_TITLE, key="save_title", help=READ)
    note = st.text_area("Note", max_chars=LONGEST_NOTE, key="save_note", placeholder="What is proposed, and why")
    keep = now.uploaded is not None and st.toggle(
        "Keep the book with it",
        value=True,
        key="save_book",
        help="Whoever opens the link then needs no files. Without the book only the figures are saved: readers load "
        "the same files themselves.",
    )
    if st.button("Save", type="primary", key="save_go", width="stretch"):
        try:
            saved = _save(title, note, pairs, keep=keep, parent=parent)
        except InputError as error:
            show_problems("Not saved:", error)
        else:
            st.toast("Saved")
            start_from(saved)
            st.session_state[_SAVED] = (saved, title)
    if _SAVED in st.session_state:
        saved, title = st.session_state[_SAVED]
        st.caption(f"**{literal(title)}**, as it was saved:")  # not as the levers may have been moved since
        share_form(saved, "save")


def saved() -> bool:
    """Whether this session has saved or opened a scenario."""
    return bool({_SAVED, _PARENT} & set(st.session_state)) or shared_link.opened() is not None


def start_from(scenario_id: str) -> None:
    """What is saved next comes from this scenario."""
    st.session_state.pop(_SAVED, None)
    st.session_state[_PARENT] = scenario_id


def _save(title: str, note: str, pairs: Pairs, *, keep: bool, parent: str | None) -> str:
    """Id of the new scenario. Raises InputError."""
    now = state.scenario()
    candidate, current = (compute.run_plan(now, plan) for plan in (now.candidate, now.current))
    if keep and now.uploaded is not None:
        keep_book(stored.store(), stored.member(), now.uploaded, now.history)
    return save_scenario(
        stored.store(),
        stored.member(),
        title=title.strip(),
        note=note.strip(),
        pairs=pairs,
        report=comparison(candidate, current, now.seed),
        book_digest=now.uploaded.digest if now.uploaded is not None else None,
        parent_id=parent,
    )


def share_form(scenario_id: str, key: str) -> None:
    """A link to a saved scenario: it is shown now, and never again."""
    audience: Audience = st.radio(
        "Who opens the link sees",
        AUDIENCES,
        format_func=lambda name: WHO_SEES[name][0],
        captions=[WHO_SEES[name][1] for name in AUDIENCES],
        key=f"{key}_audience",
    )
    if st.button("Make a link", key=f"{key}_link", width="stretch"):
        try:
            token = share(stored.store(), stored.member(), scenario_id, audience)
        except InputError as error:
            show_problems("No link was made:", error)
            return
        st.code(address_of(token), language=None, wrap_lines=True)
        st.caption("Copy it now: it is not kept, and cannot be shown again. It can be withdrawn on the page Scenarios.")


def address_of(token: str) -> str:
    """The full address that opens a saved scenario on the page What if."""
    here = urlsplit(st.context.url or "")
    return urlunsplit(here._replace(path="/", query=urlencode({shared_link.TOKEN: token}), fragment=""))

"""Scenarios: what was saved, who may open it, what was said of it; for owners also kept books and who did what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

from pages.parts import access, address, discussion, save_form, stored
from pages.parts.figure_table import figure_table
from pages.parts.literal import literal
from pages.parts.problems import show_problems
from pages.parts.stamped import stamp_of_saved
from pages.parts.tables import download
from sim.problems import InputError
from sim.share.store import audit, books
from sim.share.store.comments import comments
from sim.share.store.saved import Damaged, Scenario
from sim.share.store.scenarios import LONGEST_TITLE, delete_damaged, delete_scenario, lineage, look_through
from sim.share.store.shares import list_shares, revoke
from sim.share.store.store import Member, Store

T = TypeVar("T")
_REFUSED = "scenarios.refused"
DAMAGED_HERE = (
    "was damaged in the store and cannot be opened: ask whoever runs the app for a backup from before, or delete it."
)
SHORT = 8
"""Characters of an id that tell scenarios of one organisation apart for a reader."""


def _choose(found: Sequence[Scenario]) -> Scenario | None:
    """The list; the row that was chosen, the latest at first."""
    table = pd.DataFrame(
        [(one.title, one.author, one.created_at, _difference(one, "retained_arr"), _difference(one, "plan_cost"),
          one.model_version) for one in found],
        columns=["Title", "By", "Saved", "ARR kept", "Cost", "Model"],
    )  # fmt: skip
    picked = st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=min(38 * (len(table) + 1), 340),
        on_select="rerun",
        selection_mode="single-row",
        key="scenario_row",
        column_config={
            "Saved": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "ARR kept": st.column_config.NumberColumn(format="%+,d", help="Mean difference, USD a year."),
            "Cost": st.column_config.NumberColumn(format="%+,d", help="Mean difference of plan cost, USD."),
        },
    )
    rows = picked.selection.rows
    return found[rows[0] if rows and rows[0] < len(found) else 0]


def _difference(one: Scenario, figure: str) -> float | None:
    """None where another version has saved none."""
    mean: float | None = one.results["difference"].get(figure, {}).get("mean")
    return mean


def _damaged(one: Damaged) -> None:
    """Which one, what can be done, and the one thing that can be done here."""
    row = st.container(horizontal=True, vertical_alignment="center", key=f"damaged_{one.number}")
    title, author = (literal(" ".join(text[:LONGEST_TITLE].split())) for text in (one.title, one.author))
    row.warning(f"*{title}* by {author} ({literal(one.id[:SHORT])}) {DAMAGED_HERE}")
    if access.may("delete") or one.author == stored.member().name:
        with row.popover("Delete"):
            st.markdown("Deletes what is left of it, with its links and comments, for good.")
            st.button("Delete it", key=f"delete_damaged_{one.number}", on_click=_do, args=(delete_damaged, one.number))


def _details(chosen: Scenario) -> None:
    st.markdown(f"#### {literal(chosen.title)}")
    if chosen.note:
        st.markdown(literal(chosen.note))
    line = lineage(stored.store(), stored.member(), chosen.id)
    if len(line) > 1:
        st.caption(f"Comes from: {literal(' < '.join(one.title for one in line[1:]))}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.table(figure_table(chosen.results))
        row = st.container(horizontal=True)
        if row.button("Open", type="primary", key="scenario_open", help="Puts it into the levers of the page What if."):
            address.open_saved(chosen.id)
            address.go(Path(__file__).parent / "what_if.py")
        if access.may("share"):
            with row.popover("Share"):
                save_form.share_form(chosen.id, f"share_{chosen.id[:SHORT]}")
        if access.may("delete") or chosen.author == stored.member().name:
            with row.popover("Delete"):
                st.markdown("Deletes it with its links and comments, for good.")
                st.button("Delete it", key="scenario_delete", on_click=_do, args=(delete_scenario, chosen.id))
        _links(chosen)
    with right:
        discussion.form(chosen.id)
        discussion.live(chosen.id)
        download("Download the minutes", _minutes(chosen), "minutes.csv", marked=stamp_of_saved(chosen))


def _minutes(chosen: Scenario) -> Callable[[], pd.DataFrame]:
    """What was said of it, on its trail."""
    store, member = stored.store(), stored.member()

    def made() -> pd.DataFrame:
        audit.exported(store, member, chosen.id, "full")
        return discussion.minutes(comments(store, member, chosen.id))

    return made


def _do(change: Callable[[Store, Member, T], None], what: T) -> None:
    """Does it; what is wrong is shown on the next run."""
    try:
        change(stored.store(), stored.member(), what)
    except InputError as error:
        st.session_state[_REFUSED] = error


def _links(chosen: Scenario) -> None:
    links = [link for link in list_shares(stored.store(), stored.member(), chosen.id) if link.revoked_at is None]
    for link in links:
        row = st.container(horizontal=True, vertical_alignment="center")
        seen = save_form.WHO_SEES[link.audience][0].lower()
        row.markdown(literal(f"A link by {link.created_by} of {link.created_at:%Y-%m-%d %H:%M}: {seen}"))
        row.button("Withdraw", key=f"revoke_{link.key[:SHORT]}", on_click=_do, args=(revoke, link.key))


def _owner() -> None:
    """Books that are kept, and the audit trail."""
    with st.expander("Kept books"):
        kept = books.list_books(stored.store(), stored.member())
        if not kept:
            st.caption("No book is kept here.")
        for book in kept:
            row = st.container(horizontal=True, vertical_alignment="center")
            row.markdown(literal(f"{book.name}, {book.digest[:SHORT]}, kept {book.created_at:%Y-%m-%d}"))
            with row.popover("Delete"):
                st.markdown("Deletes the book and every scenario, link, comment and decision made from it, for good.")
                key = f"forget_{book.digest[:SHORT]}"
                st.button("Delete it all", key=key, on_click=_do, args=(books.delete_book, book.digest))
    with st.expander("Who did what"):
        entries = audit.trail(stored.store(), stored.member())
        table = pd.DataFrame(
            [(one.at, one.who, one.action, one.what[:SHORT], one.audience or "") for one in entries],
            columns=["time_utc", "who", "action", "what", "audience"],
        )
        st.dataframe(table, hide_index=True, width="stretch", height=260)
        download("Download the trail", table, "audit_trail.csv", figures=False)


st.markdown("### Scenarios")
refused = st.session_state.pop(_REFUSED, None)
if refused is not None:
    show_problems("That was not done:", refused)
try:
    found = look_through(stored.store(), stored.member())
    for one in found:
        if isinstance(one, Damaged):
            _damaged(one)
    whole = [one for one in found if isinstance(one, Scenario)]
    chosen = _choose(whole) if whole else None
    if not found:
        st.info("Nothing is saved yet. *Save and share* in the sidebar keeps what is on the screen.")
    if chosen is not None:
        _details(chosen)
    if access.may("audit"):
        _owner()
except InputError as error:
    show_problems("The scenarios cannot be read now:", error)

"""Pass it on: the address of what is on the screen, and what is kept of it for others."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from pages.parts import access, address, save_form, shared_link, state
from pages.parts.problems import show_problems
from sim.engine.run import MODEL_VERSION
from sim.problems import InputError
from sim.share.audience import Audience, least
from sim.share.link import Pairs, encode, to_query

NOTE = (
    "It holds the plans with their names, the assumptions, the seed and the view; no accounts, nobody's pay. Whoever "
    f"opens it with model {MODEL_VERSION} sees the same figures to the last digit; with another one the page says so."
)
OWN_BOOK = " Of your own book it holds a fingerprint only: readers load the same files themselves."


@st.fragment
def copy_link() -> None:
    """The full address of what is on the screen, and what it holds. Worked out when it is asked for."""
    asked = st.popover("Copy link", width="stretch", key="copy_link", on_change="rerun")
    if not asked.open:
        return
    pairs, problems = encode(address.link())
    with asked:
        st.code(full(pairs), language=None, wrap_lines=True)
        if (shared := shared_link.opened()) is not None:
            st.caption(f"Who opens it sees: {save_form.WHO_SEES[shared.audience][0].lower()}.")
        else:
            st.caption(NOTE + (OWN_BOOK if state.scenario().uploaded is not None else ""))
    if problems:
        with asked:
            show_problems("Not in the link:", InputError(problems))


def full(pairs: Pairs, reader: Audience = "full") -> str:
    """The address of what is on the screen, as far as a link can hold it. pairs: that `encode` makes of it.

    A saved scenario's token is not in it where it would open more than the reader may see.
    """
    page = urlsplit(st.context.url or "")
    shared = shared_link.opened()
    hidden = shared is not None and least(shared.audience, reader) != shared.audience
    query = to_query(pairs if hidden else address.behind_token(pairs))
    return urlunsplit(page._replace(path=page.path or "/", query=query))


@st.fragment
def save_and_share() -> None:
    """Keeps the scenario in the store, and makes links to it."""
    if not access.may("save"):
        return
    asked = st.popover("Save and share", width="stretch", key="save_and_share", on_change="rerun")
    if not asked.open:
        return
    pairs, problems = encode(address.link())
    with asked:
        if address.lacking():
            st.caption(address.NOT_HERE)
        elif problems:  # what a link cannot hold would be missing from what is saved
            show_problems("This cannot be saved:", InputError(problems))
        else:
            save_form.form(pairs)

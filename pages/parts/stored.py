"""The store that this app keeps things in, opened once for all sessions, and who uses it."""

from __future__ import annotations

import streamlit as st

from pages.parts import access, host
from sim.share.store.store import Member, Store, default_url, open_store


def store() -> Store:
    """At the address in the secrets, in the environment, or a file beside the app.

    Raises InputError while it cannot be opened; the next call tries again.
    """
    return _opened(str(host.settings("store").get("url") or default_url()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _opened(url: str) -> Store:
    return open_store(url)


def member() -> Member:
    """Who is at this session, and of which organisation. Raises InputError when the names cannot be stored."""
    person = access.who()
    # Nobody has signed in: people at this machine, and guests from others, are an organisation each.
    return Member(person.organisation or person.email, person.email)

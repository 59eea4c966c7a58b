"""What somebody is at work on, kept in the store from change to change: a refresh or another day goes on from there.

Only for those who may save, and not beside a shared link.
"""

from __future__ import annotations

from typing import TypeVar

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from pages.parts import access, stored
from pages.parts.literal import literal
from sim.problems import InputError
from sim.share.store.drafts import draft, keep_draft

Value = TypeVar("Value")


_LOOKED = "drafts.looked"


def left(kind: str, of: type[Value]) -> Value | None:
    """As it was left before this session, which asks once; None where nothing was, or it is of an older version."""
    looked: set[str] = st.session_state.setdefault(_LOOKED, set())
    if kind in looked or not access.may("save"):
        return None
    looked.add(kind)
    try:
        text = draft(stored.store(), stored.member(), kind)
        return None if text is None else TypeAdapter(of).validate_json(text)
    except ValidationError:
        return None
    except InputError as error:
        st.toast(literal(f"What you left here cannot be read now: {error.problems[0]}"))
        return None


def keep(kind: str, value: object, book_digest: str | None = None) -> None:
    """From now on this is what was left. book_digest: of the book that it is about."""
    if not access.may("save"):
        return
    try:
        text = TypeAdapter(type(value)).dump_json(value).decode()
        keep_draft(stored.store(), stored.member(), kind, text, book_digest)
    except InputError as error:
        st.toast(literal(f"Kept until you close this page only: {error.problems[0]}"))

"""Columns of the book that a page has computed and put in use, and the way back to those it had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import compute, state
from sim.book.samples import load_sample_history
from sim.book.schema import Book, Floats


@dataclass(frozen=True)
class Applied:
    """label: where the columns come from, in words. before, after: the columns by name, shape (n_accounts,) each.

    exceptions: accounts that a person has set, with the reasons; empty when there are none.
    """

    label: str
    account_id: tuple[str, ...]
    before: Mapping[str, Floats]
    after: Mapping[str, Floats]
    exceptions: pd.DataFrame


def in_use(key: str) -> Applied | None:
    """What this page has put in use, if the session's book still holds it."""
    held: Applied | None = st.session_state.get(f"applied_{key}")
    book = compute.book_of(state.scenario())
    if held is None or held.account_id != book.account_id:
        return None
    same = all(np.array_equal(getattr(book, name), values) for name, values in held.after.items())
    return held if same else None


def use(key: str, label: str, after: Mapping[str, Floats], exceptions: pd.DataFrame | None = None) -> None:
    """Put these columns in the session's book."""
    book = compute.book_of(state.scenario())
    earlier = in_use(key)
    before = {name: getattr(book, name) for name in after} | dict(earlier.before if earlier else {})
    st.session_state[f"applied_{key}"] = Applied(
        label, book.account_id, before, dict(after), pd.DataFrame() if exceptions is None else exceptions
    )
    _put(book, after)


def back(key: str) -> None:
    """Put back the columns that the book had before."""
    held = in_use(key)
    if held is not None:
        _put(compute.book_of(state.scenario()), held.before)
        del st.session_state[f"applied_{key}"]


def _put(book: Book, columns: Mapping[str, Floats]) -> None:
    now = state.scenario()
    floats: Mapping[str, Any] = columns
    changed = replace(book, **floats)
    if now.uploaded is None:
        # A sample keeps its past when it becomes a book of its own.
        state.change(uploaded=changed, history=load_sample_history(now.sample))
    elif changed.digest == compute.sample_book(now.sample).digest:
        state.change(uploaded=None, history=None)
    else:
        state.change(uploaded=changed)

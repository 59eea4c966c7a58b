"""A table that somebody brings in a file, read as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from pages.parts.problems import show_problems
from sim.problems import InputError

Read = TypeVar("Read")
TABLES = ("csv", "xlsx", "parquet")


def read_file(
    label: str, key: str, most: int, reader: Callable[[bytes, str], Read], kinds: Sequence[str] = TABLES
) -> Read | None:
    """What a file holds; None without one, and where it cannot be read, with the reasons on the page.

    most: bytes. reader: of the content under the file's name; raises InputError.
    """
    upload = st.file_uploader(label, type=list(kinds), max_upload_size=most // 1_000_000, key=key)
    if upload is None:
        return None
    try:
        return reader(upload.getvalue(), upload.name[-80:])
    except InputError as error:
        show_problems("Nothing was loaded:", error)
        return None

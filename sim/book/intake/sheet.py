"""A file or a sheet of one as text cells under its own header, each with the row number that a spreadsheet shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import pandas as pd

from sim.book.faults import BadRows
from sim.problems import InputError, Problem

MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
HEADER_WITHIN = 30
"""Rows at the top among which the header is looked for: reports begin with a title and their filters."""

Progress = Callable[[float, str], object]
"""Told how far the work is, 0 to 1, and what is being done."""


def in_silence(share: float, doing: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table of a file.

    file: how errors call it.
    header: as written, shape (n_columns,). header_row: its row number.
    cells: stripped text, shape (n_rows, n_columns); columns are positions, the index holds the row numbers.
    faults: rows that could not be split into cells or decoded.
    notes: what was made of the file, in sentences for the user.
    """

    file: str
    header: tuple[str, ...]
    header_row: int
    cells: pd.DataFrame
    faults: tuple[BadRows, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The header with a name for each column: nameless and repeated ones get their number."""
        seen: set[str] = set()
        names = []
        for place, text in enumerate(self.header, start=1):
            name = text or f"column {place}"
            names.append(f"{name} (column {place})" if name in seen else name)
            seen.add(name)
        return tuple(names)

    @cached_property
    def header_digest(self) -> str:
        """SHA-256 of the header: files with the same one are matched alike."""
        return sha256("\0".join(self.header).encode()).hexdigest()


def key(header: str) -> str:
    """Headers are compared without regard to case, spaces, punctuation, and the __c of a Salesforce field."""
    return re.sub(r"[\W_]+", "", header.strip().removesuffix("__c").casefold())


def header_place(rows: Sequence[Sequence[str]], known: frozenset[str]) -> int:
    """Which of the first rows is the header: the first that is not empty, unless a later one names far more."""
    filled = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return 0
    hits = {place: len({key(cell) for cell in rows[place]} & known) for place in filled[:HEADER_WITHIN]}
    best = max(hits, key=lambda place: (hits[place], -place))
    return best if hits[filled[0]] < 2 <= hits[best] else filled[0]


def make_sheet(
    file: str,
    header: Sequence[str],
    header_row: int,
    cells: pd.DataFrame,
    faults: tuple[BadRows, ...] = (),
    notes: tuple[str, ...] = (),
) -> Sheet:
    """A sheet without its empty rows. Raises InputError when that leaves none, or when there are too many."""
    if len(header) > MAX_COLUMNS:
        raise InputError([Problem(file, "", f"must have at most {MAX_COLUMNS} columns; leave out unused ones")])
    cells = cells.set_axis(range(cells.shape[1]), axis=1).astype("str")
    cells = cells.apply(lambda column: column.str.strip())
    cells = cells[(cells != "").any(axis=1)]
    if cells.empty:
        raise InputError([Problem(file, "", "has a header but no rows; add one row for each record")])
    if len(cells) > MAX_ROWS:
        raise InputError([too_many_rows(file)])
    return Sheet(file, tuple(text.strip() for text in header), header_row, cells, faults, notes)


def too_many_rows(file: str) -> Problem:
    return Problem(file, "", f"must have at most {MAX_ROWS:,} rows; split the book or leave out small accounts")


def above_header(rows: int) -> tuple[str, ...]:
    """The note on rows before the header."""
    if not rows:
        return ()
    return (f"{rows} row{'s' if rows > 1 else ''} above the header left out, as reports have them.",)

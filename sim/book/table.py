"""A CSV file as text cells under known column names, each with the row number that a spreadsheet shows."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.columns import Column
from sim.problems import Problem
from sim.words import nearest

MAX_ROWS = 1_000_000
MAX_BYTES = 200_000_000
DELIMITERS = ",;\t|"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Source = str | Path | bytes | bytearray | memoryview | IO[bytes] | IO[str]
"""What is read: a path, the content itself, or an open file such as an upload."""


@dataclass(frozen=True)
class Table:
    """The known columns of one file.

    cells: stripped text, shape (n_rows, n_known_columns); the index holds the rows, the header being 1.
    """

    file: str
    cells: pd.DataFrame

    def __len__(self) -> int:
        return len(self.cells)

    def has(self, column: str) -> bool:
        return column in self.cells.columns

    def refuse(self, column: str, bad: NDArray[np.bool_], rule: str) -> list[Problem]:
        """A problem for each row where `bad`, shape (n_rows,), with the cell's value."""
        if not bad.any():
            return []
        rows = self.cells.index.to_numpy()[bad]
        values = self.cells[column].to_numpy()[bad] if self.has(column) else [""] * len(rows)
        return [
            Problem(f"{self.file}, row {row}, {column}", value, rule)
            for row, value in zip(rows.tolist(), values, strict=True)
        ]


def read_table(source: Source, file: str, columns: Sequence[Column], problems: list[Problem]) -> Table | None:
    """Reads one file and adds what is wrong with its form to `problems`; None when there is no table."""
    raw, rule = _load(source)
    if not rule:
        raw, intact = _as_utf8(raw)
        rule = _unreadable(raw)
    if rule:
        problems.append(Problem(file, "", rule))
        return None
    lead = len(raw) - len(raw.lstrip(b"\r\n"))
    blank_rows = len(raw[:lead].splitlines())
    raw = raw[lead:]
    delimiter = _delimiter(raw, columns)
    try:
        frame = pd.read_csv(
            io.BytesIO(raw),
            sep=delimiter,
            header=None,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            nrows=MAX_ROWS + 2,
        )
    except pd.errors.ParserError:
        problems.extend(_ragged(raw, file, delimiter, blank_rows + 1))
        return None
    if len(frame) > MAX_ROWS + 1:
        problems.append(
            Problem(file, "", f"must have at most {MAX_ROWS:,} rows; split the book or leave out small accounts")
        )
        return None
    frame = frame.apply(lambda cells: cells.str.strip())
    frame.index = frame.index + blank_rows + 1
    if not intact:
        problems.extend(_broken(frame, file))
    header = [str(text) for text in frame.iloc[0]]
    frame = frame.iloc[1:]
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        problems.append(Problem(file, "", "has a header but no rows; add one row for each record"))
        return None
    places = _places(header, file, blank_rows + 1, columns, problems)
    cells = frame[list(places.values())].set_axis(list(places), axis=1)
    return Table(file, cells)


def _load(source: Source) -> tuple[bytes, str]:
    """The content, or a rule that it breaks."""
    too_big = f"must be smaller than {MAX_BYTES / 1e6:.0f} MB; split the book or leave out unused columns"
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            if path.stat().st_size > MAX_BYTES:
                return b"", too_big
            return path.read_bytes(), ""
        except OSError as error:
            return b"", f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    if isinstance(source, bytes | bytearray | memoryview):
        content: bytes | str = bytes(source)
    else:
        content = source.read(MAX_BYTES + 1)
    raw = content.encode() if isinstance(content, str) else content
    return (b"", too_big) if len(raw) > MAX_BYTES else (raw, "")


def _as_utf8(raw: bytes) -> tuple[bytes, bool]:
    """The same text as UTF-8 without byte order mark, and whether every byte of it could be read."""
    encoding = "utf-16" if raw.startswith(UTF16) else "utf-8-sig"
    try:
        return raw.decode(encoding).encode(), True
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace").encode(), False


def _unreadable(raw: bytes) -> str:
    """The rule that a content breaks that is no table at all, or nothing."""
    if not raw.strip():
        return "is empty; it needs a header and rows"
    if raw.startswith(b"PK\x03\x04"):
        return "is a workbook, not a CSV file; save it as 'CSV UTF-8' and load that"
    if b"\0" in raw:
        row = raw[: raw.index(b"\0")].count(b"\n") + 1
        return f"holds NUL bytes (the first in line {row}); save it again as 'CSV UTF-8'"
    return ""


def _key(header: str) -> str:
    """Headers are compared without regard to case, spaces, underscores and hyphens."""
    return "".join(header.split()).replace("_", "").replace("-", "").casefold()


def _delimiter(raw: bytes, columns: Sequence[Column]) -> str:
    """The separator that finds most known names in the header line."""
    line = raw.split(b"\n", 1)[0].split(b"\r", 1)[0].decode()
    known = {_key(column.name) for column in columns}
    found = {mark: sum(_key(name.strip('" ')) in known for name in line.split(mark)) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (found[mark], line.count(mark)))


def _places(
    header: list[str], file: str, header_row: int, columns: Sequence[Column], problems: list[Problem]
) -> dict[str, int]:
    """Position of each known column. Repeated, missing and probably misspelt ones are problems."""
    keys = [_key(name) for name in header]
    places: dict[str, int] = {}
    for column in columns:
        key = _key(column.name)
        if keys.count(key) > 1:
            problems.append(
                Problem(f"{file}, row {header_row}, {column.name}", "", "must stand in the header only once")
            )
        if key in keys:
            places[column.name] = keys.index(key)
    known = {_key(column.name) for column in columns}
    strange = [name for name, key in zip(header, keys, strict=True) if name and key not in known]
    for column in columns:
        if column.name in places:
            continue
        if column.required:
            hint = f"; the nearest header is '{nearest(column.name, strange)}'" if strange else ""
            problems.append(Problem(f"{file}, row {header_row}, {column.name}", "", f"is a required column{hint}"))
        else:
            # Other columns of an export are welcome; a misspelt one would silently become its default.
            slips = get_close_matches(_key(column.name), [_key(name) for name in strange], n=1, cutoff=0.85)
            if slips:
                slip = next(name for name in strange if _key(name) == slips[0])
                rule = f"is not a known column; write '{column.name}', or rename it if it is something else"
                problems.append(Problem(f"{file}, row {header_row}, {slip}", "", rule))
    return places


def _broken(frame: pd.DataFrame, file: str) -> list[Problem]:
    """Cells whose bytes are not text in the encoding of the file."""
    rule = "is not UTF-8 text; save the file as 'CSV UTF-8'"
    return [
        Problem(f"{file}, row {row}, {frame[column].iloc[0]}", str(value), rule)
        for column in frame.columns
        for row, value in frame[column][frame[column].str.contains("\ufffd", regex=False)].items()
    ]


def _ragged(raw: bytes, file: str, delimiter: str, header_row: int) -> list[Problem]:
    """Why a file could not be split into cells: rows too long, or a quotation mark that never closes."""
    problems = []
    width = last = 0
    rows = csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=delimiter)
    try:
        for last, cells in enumerate(rows, start=header_row):
            width = width or len(cells)
            if len(cells) > width:
                rule = f"has {len(cells)} cells, the header {width}; put cells with '{delimiter}' in quotes"
                problems.append(Problem(f"{file}, row {last}", "", rule))
    except csv.Error:
        last += 1
    if not problems:
        problems.append(Problem(f"{file}, row {last}", "", "opens a quotation mark that never closes"))
    return problems

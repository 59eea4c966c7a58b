"""Delimited text: CSV and its cousins, in the encodings and separators in which systems write them."""

from __future__ import annotations

import codecs
import csv
import io

import numpy as np
import pandas as pd

from sim.book.faults import BadRows
from sim.book.intake.sheet import (
    MAX_COLUMNS,
    MAX_ROWS,
    Progress,
    Sheet,
    above_header,
    header_place,
    key,
    make_sheet,
    too_many_rows,
)
from sim.problems import InputError, Problem

DELIMITERS = ",;\t|"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CHUNK = 100_000
TOP = 1 << 16
"""Bytes at the top in which header and separator are looked for."""

_OPEN_MARK = "opens a quotation mark that never closes"
_STRAY_MARK = "has text after a closing quotation mark; double the marks inside a cell"
NOT_UTF8 = "is not UTF-8 text; save the file as 'CSV UTF-8'"


def read_delimited(raw: bytes, file: str, known: frozenset[str], progress: Progress) -> Sheet:
    """The table in a text file.

    known: keys of the headers that anybody could mean, by which separator and header row are found.
    Raises InputError when it is no table.
    """
    raw, intact = _as_utf8(raw)
    _refuse_other_than_text(raw, file)
    lead = len(raw) - len(raw.lstrip(b"\r\n"))
    first_row = len(raw[:lead].splitlines()) + 1
    raw = raw[lead:]
    delimiter = _delimiter(raw, known)
    above, start = _above_header(raw, delimiter, known)
    raw = raw[start:]
    header_row = first_row + above
    faults: list[BadRows] = []
    try:
        frame = _fast(raw, delimiter, file, progress)
    except pd.errors.ParserError:
        frame, uneven = _slow(raw, delimiter, file, header_row)
        faults.extend(uneven)
    frame.index = frame.index + header_row
    if not intact:
        faults.extend(_broken(frame, file))
    header = [str(text) for text in frame.iloc[0]]
    return make_sheet(file, header, header_row, frame.iloc[1:], tuple(faults), above_header(above))


def _as_utf8(raw: bytes) -> tuple[bytes, bool]:
    """The same text as UTF-8 without byte order mark, and whether every byte of it could be read."""
    if not raw.startswith(UTF16):
        raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            raw.decode()
            return raw, True
        except UnicodeDecodeError:
            return raw.decode(errors="replace").encode(), False
    try:
        return raw.decode("utf-16").encode(), True
    except UnicodeDecodeError:
        return raw.decode("utf-16", errors="replace").encode(), False


def _refuse_other_than_text(raw: bytes, file: str) -> None:
    if not raw.strip():
        raise InputError([Problem(file, "", "is empty; it needs a header and rows")])
    if b"\0" in raw:
        row = raw[: raw.index(b"\0")].count(b"\n") + 1
        rule = f"holds NUL bytes (the first in line {row}); save it again as 'CSV UTF-8'"
        raise InputError([Problem(file, "", rule)])


def _top(raw: bytes, delimiter: str) -> list[list[str]]:
    """The first rows, as far as they can be told apart."""
    rows: list[list[str]] = []
    lines = io.StringIO(raw[:TOP].decode(errors="ignore"), newline="")
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            rows.append(row)
            if len(rows) == 2 * MAX_COLUMNS:
                break
    except csv.Error:
        pass  # a field longer than csv's own limit: what came before is enough
    return rows


def _delimiter(raw: bytes, known: frozenset[str]) -> str:
    """The separator that finds most known names in one row, or else stands most often in the first."""

    def found(mark: str) -> tuple[int, int]:
        rows = _top(raw, mark)
        hits = max((len({key(cell) for cell in row} & known) for row in rows[:30]), default=0)
        return hits, len(rows[0]) if rows else 0

    return max(DELIMITERS, key=found)


def _above_header(raw: bytes, delimiter: str, known: frozenset[str]) -> tuple[int, int]:
    """Rows above the header, and the byte at which it starts."""
    rows = _top(raw, delimiter)
    above = header_place(rows, known)
    if not above:
        return 0, 0
    text = raw[:TOP].decode(errors="ignore")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for _ in range(above):
        next(lines)
    return above, len("".join(text.splitlines(keepends=True)[: lines.line_num]).encode())


def _fast(raw: bytes, delimiter: str, file: str, progress: Progress) -> pd.DataFrame:
    """Cells by pandas. Raises ParserError where rows are uneven."""
    if raw.partition(b"\n")[0].count(delimiter.encode()) >= MAX_COLUMNS:
        raise InputError([Problem(file, "", f"must have at most {MAX_COLUMNS} columns; leave out unused ones")])
    content = io.BytesIO(raw)
    parts = []
    with pd.read_csv(
        content,
        sep=delimiter,
        header=None,
        dtype=str,
        na_filter=False,
        skip_blank_lines=False,
        chunksize=CHUNK,
    ) as chunks:
        for chunk in chunks:
            parts.append(chunk)
            progress(content.tell() / len(raw), f"Reading {file}")
            if sum(map(len, parts)) > MAX_ROWS + 1 + CHUNK:
                raise InputError([too_many_rows(file)])
    return pd.concat(parts) if len(parts) > 1 else parts[0]


def _slow(raw: bytes, delimiter: str, file: str, header_row: int) -> tuple[pd.DataFrame, list[BadRows]]:
    """Cells by the standard library, where rows have more cells than the header: those rows are bad ones.

    Raises InputError for a quotation mark that never closes: nothing after it can be trusted.
    """
    rows: list[list[str]] = []
    faults: dict[int, list[int]] = {}
    try:
        for cells in csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=delimiter, strict=True):
            width = len(rows[0]) if rows else len(cells)
            if len(cells) > width:
                faults.setdefault(len(cells), []).append(len(rows))
            rows.append([*cells[:width], *[""] * (width - len(cells))])
    except csv.Error as error:
        rule = _STRAY_MARK if "expected after" in str(error) else _OPEN_MARK
        raise InputError([Problem(f"{file}, row {header_row + len(rows)}", "", rule)]) from None
    if not faults:
        raise InputError([Problem(f"{file}, row {header_row + len(rows) - 1}", "", _OPEN_MARK)])
    if len(rows) > MAX_ROWS + 1:
        raise InputError([too_many_rows(file)])
    uneven = [
        BadRows(
            file,
            "",
            f"has {width} cells, the header {len(rows[0])}; put cells with '{delimiter}' in quotes",
            np.array(places, dtype=np.int64) + header_row,
            np.full(len(places), "", dtype=object),
        )
        for width, places in faults.items()
    ]
    return pd.DataFrame(rows, dtype="str"), uneven


def _broken(frame: pd.DataFrame, file: str) -> list[BadRows]:
    """Rows with bytes that are not text in the encoding of the file."""
    faults = []
    for column in frame.columns:
        bad = frame[column].str.contains("\ufffd", regex=False).to_numpy(bool)
        if bad.any():
            cells = frame[column].to_numpy(dtype=object)[bad]
            faults.append(BadRows(file, str(frame[column].iloc[0]), NOT_UTF8, frame.index.to_numpy()[bad], cells))
    return faults

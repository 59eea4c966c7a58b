"""A column of dates, in the ways in which people write them, as days or as calendar months."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.columns import Column
from sim.book.faults import Fault
from sim.book.schema import Ints
from sim.book.table import Table
from sim.problems import Problem

Days = NDArray[np.datetime64]
NO_DAY = np.datetime64("NaT", "D")
ADVICE = "write dates like 2026-03-31"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = "(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CLEAR = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{2})(?P=mark)(?P<day>\d{2})([T ]\d{2}:\d{2}.*)?",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})[- ]{_NAME}\.?[-, ]+(?P<year>\d{{4}})",
        rf"{_NAME}\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})",
    )
)
_UNCLEAR = re.compile(r"(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>\d{4})")


def months(table: Table, column: Column, faults: list[Fault]) -> Ints:
    """The month of each date, counted as 12 x year + month - 1, shape (n_rows,); 0 where there is no date."""
    return month_numbers(days(table, column, faults))


def month_numbers(known: Days) -> Ints:
    """12 x year + month - 1 of each day, 0 for NaT."""
    counted: Ints = known.astype("datetime64[M]").astype(np.int64) + 12 * 1970
    return np.where(np.isnat(known), 0, counted)


def days(table: Table, column: Column, faults: list[Fault]) -> Days:
    """The dates, datetime64[D], shape (n_rows,); NaT where there is none.

    ISO dates, 31 Mar 2026, Mar 31, 2026 and 31.03.2026 are read as they stand. 31/03/2026 and 03/31/2026 are
    read when one value of the column shows which part is the day. The rest is added to `faults`.
    """
    if not table.has(column.name):
        return np.full(len(table), NO_DAY)
    text = table.cells[column.name]
    if column.required:
        faults.extend(table.refuse(column.name, (text == "").to_numpy(bool), "must not be empty"))
    codes, distinct = pd.factorize(text)
    cells = [str(cell) for cell in distinct]
    slashed = [match for match in map(_UNCLEAR.fullmatch, cells) if match]
    day_first = any(int(match["first"]) > 12 for match in slashed)
    month_first = any(int(match["second"]) > 12 for match in slashed)
    twofold = [match[0] for match in slashed if match["first"] != match["second"]]
    undecided = bool(twofold) and day_first == month_first
    if undecided:
        both = "day/month/year and month/day/year are mixed" if day_first else "day and month cannot be told apart"
        row = text.index[(text == twofold[0]).to_numpy(bool)][0]
        faults.append(
            Problem(f"{table.file}, column {column.name}, first in row {row}", twofold[0], f"{both}; {ADVICE}")
        )
    known = np.array([_day(cell, day_first) for cell in cells], dtype="datetime64[D]")
    silent = np.array([not cell or (undecided and bool(_UNCLEAR.fullmatch(cell))) for cell in cells], dtype=bool)
    faults.extend(table.refuse(column.name, (np.isnat(known) & ~silent)[codes], f"must be a date; {ADVICE}"))
    return np.where(silent, NO_DAY, known)[codes]


def _day(cell: str, day_first: bool) -> date | None:
    """None for what is no date of the calendar."""
    match = _UNCLEAR.fullmatch(cell)
    if match:
        first, second = int(match["first"]), int(match["second"])
        day, month = (first, second) if day_first else (second, first)
    else:
        match = next((found for pattern in _CLEAR if (found := pattern.fullmatch(cell))), None)
        if match is None:
            return None
        parts = match.groupdict()
        month = int(parts["month"]) if "month" in parts else _MONTHS.index(parts["name"].lower()) + 1
        day = int(parts["day"])
    try:
        return date(int(match["year"]), month, day)
    except ValueError:
        return None

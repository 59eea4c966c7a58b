"""Cells that no column of the file gives: one value for all rows, numbers in turn, and words that stand for numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from sim.book.intake.sheet import key
from sim.problems import InputError, Problem

_PATTERN = re.compile(r"\{row\}|\{(\d{1,9})\.\.(\d{1,9})\}")

_TERMS = {
    "monthtomonth": 1,
    "monthly": 1,
    "quarterly": 3,
    "semiannual": 6,
    "halfyearly": 6,
    "annual": 12,
    "annually": 12,
    "yearly": 12,
    "oneyear": 12,
    "biennial": 24,
    "twoyear": 24,
    "twoyears": 24,
    "threeyear": 36,
    "threeyears": 36,
}
_SPAN = re.compile(r"(\d{1,3})\s*-?\s*(?:(?P<months>months?|mos?|m)|years?|yrs?|y)\.?", re.IGNORECASE)
HEALTH = {"green": 80, "yellow": 50, "amber": 50, "red": 20}
"""What a health colour is read as: the middle of the third that it usually stands for, points of 100."""


def filled(pattern: str, rows: int) -> list[str]:
    """The pattern for each row: {row} is its number from 1, {1..12} counts from 1 to 12 over and over.

    Raises InputError for a range that runs backwards.
    """
    for first, last in _PATTERN.findall(pattern):
        if first and int(first) > int(last):
            raise InputError([Problem("value for all rows", pattern, "must count upwards, as in {1..12}")])
    if not _PATTERN.search(pattern):
        return [pattern] * rows

    def cell(row: int) -> str:
        def number(match: re.Match[str]) -> str:
            if match[1] is None:
                return str(row + 1)
            low, high = int(match[1]), int(match[2])
            return str(low + row % (high - low + 1)).zfill(len(match[1]))

        return _PATTERN.sub(number, pattern)

    return [cell(row) for row in range(rows)]


def read_words(column: str, cells: pd.Series) -> pd.Series:
    """Terms such as "month-to-month", "2 years" and health colours as numbers; anything else stays as it is."""
    if column not in ("term_months", "health_score"):
        return cells
    codes, distinct = pd.factorize(cells)
    read = [_term(cell) if column == "term_months" else _colour(cell) for cell in distinct]
    if read == list(distinct):
        return cells
    return pd.Series(np.array(read, dtype=object)[codes], index=cells.index, dtype="str")


def _term(cell: str) -> str:
    span = _SPAN.fullmatch(cell)
    if span:
        return str(int(span[1]) * (1 if span["months"] else 12))
    return str(_TERMS.get(key(cell), cell))


def _colour(cell: str) -> str:
    return str(HEALTH.get(key(cell), cell))

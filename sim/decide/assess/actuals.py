"""What has happened so far: a table with a row for each month, from the first on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.cells import numbers
from sim.book.columns import MOST_MONEY, Column
from sim.book.dates import months as calendar_months
from sim.book.faults import Fault, refusal
from sim.book.intake.sheet import Sheet, key
from sim.book.intake.source import read_sheets
from sim.book.table import Table, as_table
from sim.decide.assess.figures import COLUMNS, NET, Figure, Floats, with_net
from sim.problems import InputError, Problem

Ints = NDArray[np.int64]

MONTH = "month"
MOST_BYTES = 2_000_000
MOST_ROWS = 100
_MONTH_COLUMN = Column(MONTH, "date", "1 for the first month of the year, or the calendar month", "1", required=True)
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_NAMED_MONTH = re.compile(r"([A-Za-z]{3,9})\.?[ -](\d{4})")


@dataclass(frozen=True)
class Actuals:
    """names: of the figures that are known. values: (n_figures, n_months), USD a year of ARR, USD of pay, accounts."""

    names: tuple[str, ...]
    values: Floats

    @property
    def n_months(self) -> int:
        return int(self.values.shape[1])

    @property
    def to_date(self) -> Floats:
        """Sums since the first month: (n_figures, n_months)."""
        sums: Floats = self.values.cumsum(axis=1)
        return sums


def read_actuals(content: bytes, file: str, first: date, horizon: int) -> Actuals:
    """Actuals in a CSV, XLSX or Parquet file. first: of the first month. horizon: months that were promised.

    Any column of figures may be missing; those of ARR together give the net change. Raises InputError with every
    problem.
    """
    if len(content) > MOST_BYTES:
        rule = f"must be smaller than {MOST_BYTES / 1e6:.0f} MB; it has a row for each month"
        raise InputError([Problem(file, "", rule)])
    faults: list[Fault] = []
    table = as_table(_sheet(content, file), (_MONTH_COLUMN, *map(_column, COLUMNS)), faults)
    if table is None or not table.has(MONTH):
        raise refusal(faults)
    if len(table) > MOST_ROWS:
        rule = f"must have a row for each month, at most {horizon}"
        raise InputError([Problem(file, f"{len(table):,} rows", rule)])
    month = _months(table, first, faults)
    known = [figure for figure in COLUMNS if table.has(figure.name)]
    if not known:
        names = ", ".join(figure.name for figure in COLUMNS)
        faults.append(Problem(file, "", f"must have one of the columns {names} at least"))
    rows = []
    for figure in known:
        empty = (table.cells[figure.name] == "").to_numpy(bool)
        faults.extend(table.refuse(figure.name, empty, "must not be empty; write 0 where nothing happened"))
        rows.append(numbers(table, _column(figure), faults))
    _check_order(month, table, horizon, faults)
    if faults:
        raise refusal(faults)
    return actuals([figure.name for figure in known], np.array(rows)[:, np.argsort(month)])


def actuals(names: Sequence[str], values: Floats) -> Actuals:
    """From columns (n_columns, n_months) under their names."""
    return Actuals(*with_net(names, values))


def until(known: Actuals, n_months: int) -> Actuals:
    """As they were at the end of an earlier month."""
    return replace(known, values=known.values[:, :n_months])


def to_table(known: Actuals) -> pd.DataFrame:
    """Columns month and the figures, as they are read again."""
    columns = {name: row for name, row in zip(known.names, known.values, strict=True) if name != NET}
    return pd.DataFrame({MONTH: range(1, known.n_months + 1), **columns})


def template(horizon: int) -> pd.DataFrame:
    """The table without figures, a row a month."""
    return pd.DataFrame({MONTH: range(1, horizon + 1), **{figure.name: "" for figure in COLUMNS}})


def _sheet(content: bytes, file: str) -> Sheet:
    known = frozenset(key(name) for name in (MONTH, *(figure.name for figure in COLUMNS)))
    sheets = read_sheets(content, file, known)
    return next((sheet for sheet in sheets if key(MONTH) in map(key, sheet.header)), sheets[0])


def _column(figure: Figure) -> Column:
    if figure.amount:
        return Column(figure.name, "money", figure.meaning, "12000", high=MOST_MONEY)
    return Column(figure.name, "whole", figure.meaning, "3", high=1e6)


def _months(table: Table, first: date, faults: list[Fault]) -> Ints:
    """Counted from 1 for the first, (n_rows,); what is no month is among the faults."""
    text = table.cells[MONTH]
    if text.str.fullmatch(r"\d{1,3}").all():
        counted: Ints = text.to_numpy().astype(np.int64)
        return counted
    cells = text.str.replace(_YEAR_MONTH, lambda found: _day(found) or found[0], regex=True)
    cells = cells.str.replace(_NAMED_MONTH, _named, regex=True)
    dated = Table(table.file, cells.to_frame())
    counted = calendar_months(dated, _MONTH_COLUMN, faults)
    return np.where(counted == 0, 0, counted - (12 * first.year + first.month - 1) + 1)


def _day(found: re.Match[str]) -> str:
    """The first day of a month written as 2026-03; nothing for what goes on as a date does."""
    return f"{found[1]}-{int(found[2]):02d}-01" if found.end() == len(found.string) and not found.start() else ""


def _named(found: re.Match[str]) -> str:
    whole = found.end() == len(found.string) and not found.start()
    return f"{found[1]} 1, {found[2]}" if whole else found[0]


def _check_order(month: Ints, table: Table, horizon: int, faults: list[Fault]) -> None:
    """Months are 1 to the last one without a gap, each once, in any order."""
    if faults and (month == 0).any():
        return  # said already: which months there are is not known
    outside = (month < 1) | (month > horizon)
    rule = f"must be a month from 1 to {horizon}, or the same as calendar months from the first day of the book on"
    faults.extend(table.refuse(MONTH, outside, rule))
    again = pd.Series(month).duplicated().to_numpy(bool)
    faults.extend(table.refuse(MONTH, again, "must stand once"))
    inside = set(month[~outside].tolist())
    gaps = sorted(set(range(1, max(inside, default=0))) - inside)
    if gaps:
        missing = ", ".join(map(str, gaps))
        rule = "must follow one another from the first on; add the missing ones, with 0 where nothing happened"
        faults.append(Problem(f"{table.file}, {MONTH}", f"no month {missing}", rule))

"""From matched tables to a book: which rows are fit, which are refused and why, and totals that add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from sim.book.cells import Flags
from sim.book.columns import ACCOUNT_COLUMNS, HISTORY_COLUMNS, MOST_MONEY, TEAM_COLUMNS
from sim.book.faults import BadRows, Fault
from sim.book.history import History, check_sequence, make_history, parse_history
from sim.book.intake.mapping import missing
from sim.book.intake.sheet import Progress, Sheet, in_silence
from sim.book.read import first_month, make_book, owners, parse_accounts, parse_team
from sim.book.schema import Book, Floats
from sim.book.table import Table
from sim.problems import Problem


@dataclass(frozen=True)
class Count:
    """What became of the rows of one file: read = kept + refused, in rows and in cents of ARR.

    unread: refused rows whose ARR is no amount; they count as none.
    """

    file: str
    read: int
    kept: int
    refused: int
    read_cents: int = 0
    kept_cents: int = 0
    refused_cents: int = 0
    unread: int = 0


@dataclass(frozen=True, eq=False)
class Import:
    """What the files give.

    book: of the rows that pass every check; None where a problem concerns a whole file, or nothing is left.
    problems: of whole files and columns. bad: rows refused, by rule, in the order in which they were found.
    """

    book: Book | None
    problems: tuple[Problem, ...]
    bad: tuple[BadRows, ...]
    accounts: Count
    team: Count


def team_of(accounts: Table, ote: float) -> Table:
    """A team of everybody who owns an account, each with these on-target earnings, USD a year, and average skills."""
    owners = accounts.cells["csm_id"] if accounts.has("csm_id") else pd.Series([], dtype="str")
    names = owners[owners != ""].drop_duplicates().reset_index(drop=True)
    cells = pd.DataFrame({"csm_id": names, "ote": f"{ote:g}"}, dtype="str")
    cells.index = cells.index + 2
    return Table("the team made from the accounts", cells)


def import_book(
    accounts: Table,
    team: Table,
    *,
    name: str = "Your book",
    as_of: date | None = None,
    unfit: Sequence[BadRows] = (),
    progress: Progress = in_silence,
) -> Import:
    """Checks every row of both tables and makes the book of those that pass.

    as_of: any day of the first simulated month; the month of the earliest renewal kept if not given.
    unfit: rows refused before, such as those that could not be split into cells.
    A row that names a CSM who is refused is refused too, and so is a CSM who is left without an account.
    """
    problems: list[Problem] = [*missing(accounts, ACCOUNT_COLUMNS), *missing(team, TEAM_COLUMNS)]
    bad = list(unfit)
    faults: list[Fault] = []
    progress(0.0, f"Checking {team.file}")
    people = parse_team(_without(team, unfit), faults)
    parsed = parse_accounts(_without(accounts, unfit), faults, progress)
    rows, persons = np.ones(len(parsed.table), dtype=bool), np.ones(len(people.table), dtype=bool)
    book = None
    while True:
        problems.extend(fault for fault in faults if isinstance(fault, Problem))
        found = [fault for fault in faults if isinstance(fault, BadRows)]
        bad.extend(found)
        rows &= ~_among(parsed.table, found)
        persons &= ~_among(people.table, found)
        if not problems and not (rows.any() and persons.any()):
            problems.append(Problem(accounts.file, "", "has no row that passes every check; the reasons are listed"))
        if problems:
            break
        faults = []
        start = first_month(parsed, rows, as_of, faults)
        csm = owners(parsed, rows, people, persons, faults)
        if not faults:
            book = make_book(parsed, rows, people, persons, start, csm, name)
            break
    # A row that was never parsed has no amount.
    arr = parsed.figures["arr"]
    refused_early = len(accounts) - len(rows)
    counted = _count(accounts.file, rows, arr, refused_early)
    return Import(
        book, tuple(problems), tuple(bad), counted, _count(team.file, persons, None, len(team) - len(persons))
    )


def import_history(table: Table, unfit: Sequence[BadRows] = ()) -> tuple[History | None, list[Fault], Count]:
    """The history of the rows that pass, every fault, and the count, whose cents are changes of ARR.

    No history where a problem concerns the whole file, or nothing is left.
    """
    faults: list[Fault] = list(missing(table, HISTORY_COLUMNS))
    events = parse_history(_without(table, unfit), faults)
    found = list(faults)
    rows = np.ones(len(events.table), dtype=bool)
    while found:
        rows &= ~_among(events.table, [fault for fault in found if isinstance(fault, BadRows)])
        found = []
        check_sequence(events, rows, found)
        faults.extend(found)
    whole = any(isinstance(fault, Problem) for fault in faults)
    if not whole and not rows.any():
        faults.append(Problem(table.file, "", "has no row that passes every check; the reasons are listed"))
        whole = True
    count = _count(table.file, rows, events.arr_change, len(table) - len(rows))
    return None if whole else make_history(events, rows, table.file), [*unfit, *faults], count


def _without(table: Table, unfit: Sequence[BadRows]) -> Table:
    return replace(table, cells=table.cells[~_among(table, unfit)])


def _among(table: Table, faults: Iterable[BadRows]) -> Flags:
    """Rows of the table that break one of the rules, shape (n_rows,)."""
    named = [fault.rows for fault in faults if fault.file == table.file]
    return np.isin(table.cells.index.to_numpy(), np.concatenate(named)) if named else np.zeros(len(table), dtype=bool)


def count_rows(table: Table, bad: Iterable[BadRows]) -> Count:
    """Of a file that is not used row by row: its rows, and those refused."""
    refused = int(_among(table, bad).sum())
    return Count(table.file, len(table), len(table) - refused, refused)


def _count(file: str, kept: Flags, arr: Floats | None, refused_early: int) -> Count:
    """Counted exactly, in whole cents: sums of floats would not add up to the last digit."""
    refused = int((~kept).sum()) + refused_early
    read = len(kept) + refused_early
    if arr is None:
        return Count(file, read, int(kept.sum()), refused)
    known = np.abs(arr) <= MOST_MONEY  # False for NaN
    cents = np.rint(100 * np.where(known, arr, 0.0)).astype(np.int64)

    def total(among: Flags) -> int:
        return sum(cents[among].tolist())  # a million of the largest would not fit 64 bits

    return Count(
        file,
        read,
        int(kept.sum()),
        refused,
        read_cents=total(np.ones_like(kept)),
        kept_cents=total(kept),
        refused_cents=total(~kept),
        unread=int((~kept & ~known).sum()) + refused_early,
    )


def rules(bad: Iterable[BadRows]) -> pd.DataFrame:
    """The rules that rows break, most rows first: file, column, rule, rows, first_row, example."""
    return pd.DataFrame(
        [
            (fault.file, fault.column, fault.rule, len(fault), int(fault.rows[0]), str(fault.values[0])[:60])
            for fault in sorted(bad, key=lambda fault: -len(fault))
        ],
        columns=["file", "column", "rule", "rows", "first_row", "example"],
    )


def refused_rows(sheet: Sheet, bad: Iterable[BadRows]) -> pd.DataFrame:
    """The refused rows of a file as they stand in it, with their row numbers and every reason, in the file's order."""
    reasons: dict[int, list[str]] = {}
    for fault in bad:
        if fault.file == sheet.file:
            start = f"{fault.column} " if fault.column else ""
            for row in fault.rows.tolist():
                reasons.setdefault(row, []).append(start + fault.rule)
    rows = sorted(reasons)
    table = sheet.cells.loc[rows].set_axis(list(sheet.labels), axis=1)
    table.insert(0, "refused because", ["; ".join(reasons[row]) for row in rows], allow_duplicates=True)
    table.insert(0, "row", rows, allow_duplicates=True)
    return table

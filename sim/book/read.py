"""Accounts and team become a Book, or a list of everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.book.cells import Flags, numbers
from sim.book.columns import ACCOUNT_COLUMNS, TEAM_COLUMNS, Column
from sim.book.dates import months
from sim.book.faults import Fault, refusal
from sim.book.intake.sheet import Progress, in_silence
from sim.book.intake.source import Source, file_name, read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.book.schema import Book, Floats, Ints, Team
from sim.book.table import Table, as_table
from sim.problems import SHOWN, InputError, Problem
from sim.words import nearest

FURTHEST = 120
"""Months from the first month of the book to the last renewal date; more is a slip in a year."""

LONGEST_TEXT = 200
"""Characters of an id or a name."""

_DEFUSED = ("'=", "'+", "'-", "'@")
_ACCOUNT = {column.name: column for column in ACCOUNT_COLUMNS}
_TEAM = {column.name: column for column in TEAM_COLUMNS}


def probability_from_health(health: Floats) -> Floats:
    """Renewal probability from a health score of 0 to 100: log-odds linear from 0.70 at 0 to 0.97 at 100.

    Judgement, not evidence: a healthy 75 gives 0.944, in the range of published gross retention. Fitting past
    renewals to past scores is better wherever there is a history.
    """
    lowest, highest = np.log(0.70 / 0.30), np.log(0.97 / 0.03)
    log_odds = lowest + (highest - lowest) * health / 100
    probability: Floats = 1 / (1 + np.exp(-log_odds))
    return probability


class Accounts(NamedTuple):
    """The accounts file, each row read by itself; what a row breaks is among the faults.

    due: month of the renewal as 12 x year + month - 1, 0 where there is none; other shapes and units as in `Book`.
    """

    table: Table
    due: Ints
    probability: Floats
    figures: dict[str, Floats]


class People(NamedTuple):
    """The team file, each row read by itself."""

    table: Table
    figures: dict[str, Floats]


def read_book(
    accounts: Source,
    team: Source,
    *,
    name: str | None = None,
    as_of: date | None = None,
    accounts_name: str | None = None,
    team_name: str | None = None,
) -> Book:
    """Reads the accounts and the team, as CSV, XLSX or Parquet; the columns bear the names of `ACCOUNT_COLUMNS` and
    `TEAM_COLUMNS`. Other headers need a mapping first: `sim.book.intake.importing`.

    accounts, team: paths, contents, or open files such as uploads.
    name: of the book; the name of the accounts file without extension if not given.
    as_of: any day of the first simulated month; the month of the earliest renewal date if not given.
    accounts_name, team_name: what errors call the files; the names of the paths if not given.

    Raises InputError with every problem of both files; nothing is kept of a book that has one.
    """
    accounts_name = accounts_name or file_name(accounts, "accounts.csv")
    team_name = team_name or file_name(team, "team.csv")
    faults: list[Fault] = []
    account_table = _first_table(accounts, accounts_name, ACCOUNT_COLUMNS, faults)
    team_table = _first_table(team, team_name, TEAM_COLUMNS, faults)
    people = None if team_table is None else parse_team(team_table, faults)
    rows = None if account_table is None else parse_accounts(account_table, faults)
    if rows is None or people is None:
        raise refusal(faults)
    everybody, all_rows = np.ones(len(people.table), dtype=bool), np.ones(len(rows.table), dtype=bool)
    start = first_month(rows, all_rows, as_of, faults)
    csm = owners(rows, all_rows, people, everybody, faults)
    if faults:
        raise refusal(faults)
    return make_book(rows, all_rows, people, everybody, start, csm, name or Path(accounts_name).stem)


def _first_table(source: Source, file: str, columns: Sequence[Column], faults: list[Fault]) -> Table | None:
    try:
        return as_table(read_sheets(source, file, KNOWN_HEADERS)[0], columns, faults)
    except InputError as error:
        faults.extend(error.problems)
        return None


def parse_accounts(table: Table, faults: list[Fault], progress: Progress = in_silence) -> Accounts:
    """Every row by itself; what it breaks is added to `faults`."""
    _check_ids(table, "account_id", faults)
    _check_lengths(table, ACCOUNT_COLUMNS, faults)
    probability = _probability(table, faults)
    due = months(table, _ACCOUNT["renewal_date"], faults)
    figures = {}
    for place, column in enumerate(ACCOUNT_COLUMNS):
        if column.kind not in ("text", "date") and column.name not in ("renewal_probability", "health_score"):
            progress(place / len(ACCOUNT_COLUMNS), f"Checking {table.file}")
            figures[column.name] = numbers(table, column, faults)
    if table.has("csm_id"):
        empty = (table.cells["csm_id"] == "").to_numpy(bool)
        faults.extend(table.refuse("csm_id", empty, "must not be empty; every account needs a CSM"))
    return Accounts(table, due, probability, figures)


def parse_team(table: Table, faults: list[Fault]) -> People:
    """Every row by itself; what it breaks is added to `faults`."""
    _check_ids(table, "csm_id", faults)
    _check_lengths(table, TEAM_COLUMNS, faults)
    figures = {
        column.name: numbers(table, column, faults) for column in TEAM_COLUMNS if column.kind not in ("text", "date")
    }
    given = [
        (table.cells[pay] != "").to_numpy(bool) if table.has(pay) else np.zeros(len(table), dtype=bool)
        for pay in ("base_salary", "ote")
    ]
    faults.extend(table.refuse("base_salary", ~given[0] & ~given[1], "or ote must be given, one of the two"))
    faults.extend(table.refuse("ote", given[0] & given[1], "must be empty where base_salary is given"))
    return People(table, figures)


def make_book(accounts: Accounts, rows: Flags, team: People, people: Flags, start: date, csm: Ints, name: str) -> Book:
    """The book of the rows and people that are kept.

    rows, people: which of the two tables are kept, shape (n_rows,) each. csm: place of each row's CSM in the team
    table, shape (n_rows,). start: first day of the first month.
    """
    kept_team = Table(team.table.file, team.table.cells[people])
    csm_id = _texts(kept_team, "csm_id", ())
    kept = Table(accounts.table.file, accounts.table.cells[rows])
    account_id = _texts(kept, "account_id", ())
    figures = {column: values[rows] for column, values in accounts.figures.items()}
    return Book(
        name=name,
        as_of=start,
        account_id=account_id,
        account_name=_texts(kept, "account_name", account_id),
        csm=(np.cumsum(people) - 1)[csm[rows]],
        segment=_texts(kept, "segment", (str(_ACCOUNT["segment"].default),) * len(kept)),
        renewal_month=accounts.due[rows] - _month_number(start),
        term_months=figures.pop("term_months").astype(np.int64),
        renewal_probability=accounts.probability[rows],
        team=Team(
            csm_id=csm_id,
            csm_name=_texts(kept_team, "csm_name", csm_id),
            role=_texts(kept_team, "role", (str(_TEAM["role"].default),) * len(kept_team)),
            level=_texts(kept_team, "level", (str(_TEAM["level"].default),) * len(kept_team)),
            **{column: values[people] for column, values in team.figures.items()},
        ),
        **figures,
    )


def _texts(table: Table, column: str, defaults: tuple[str, ...]) -> tuple[str, ...]:
    """A text column; an empty cell takes its row's default."""
    if not table.has(column):
        return defaults
    cells = table.cells[column].tolist()
    # The apostrophe that exports put in front of formulas is no part of the name.
    names = [cell[1:] if cell.startswith(_DEFUSED) else cell for cell in cells]
    return tuple(cell or default for cell, default in zip(names, defaults or cells, strict=True))


def _check_lengths(table: Table, columns: Sequence[Column], faults: list[Fault]) -> None:
    for column in columns:
        if column.kind == "text" and table.has(column.name):
            long = (table.cells[column.name].str.len() > LONGEST_TEXT).to_numpy(bool)
            faults.extend(table.refuse(column.name, long, f"must be at most {LONGEST_TEXT} characters long"))


def _check_ids(table: Table, column: str, faults: list[Fault]) -> None:
    """Empty and repeated ids are faults."""
    if not table.has(column):
        return
    text = table.cells[column]
    empty = (text == "").to_numpy(bool)
    faults.extend(table.refuse(column, empty, "must not be empty"))
    repeated = text.duplicated().to_numpy(bool) & ~empty
    faults.extend(table.refuse(column, repeated, "must be unique; another row above has the same"))


def _probability(table: Table, faults: list[Fault]) -> Floats:
    """As given, or else from the health score."""
    given = numbers(table, _ACCOUNT["renewal_probability"], faults)
    health = numbers(table, _ACCOUNT["health_score"], faults)
    columns = [name for name in ("renewal_probability", "health_score") if table.has(name)]
    if columns:
        empty = (table.cells[columns] == "").all(axis=1).to_numpy(bool)
        faults.extend(table.refuse("renewal_probability", empty, "or health_score must be given"))
    else:
        rule = "is a required column, unless health_score is there"
        faults.append(Problem(f"{table.file}, renewal_probability", "", rule))
    return np.where(np.isnan(given), probability_from_health(health), given)


def _month_number(day: date) -> int:
    return 12 * day.year + day.month - 1


def first_month(accounts: Accounts, rows: Flags, as_of: date | None, faults: list[Fault]) -> date:
    """The first day of the first month: that of `as_of`, or else of the earliest renewal among the rows.

    A renewal more than ten years before the one in the middle is a slip in a year, and decides nothing.
    """
    table, column = accounts.table, "renewal_date"
    due = accounts.due
    read = (due > 0) & rows
    known = np.sort(due[read])
    first = 0
    if as_of is not None:
        first = _month_number(as_of)
    elif known.size:
        first = int(known[known >= known[(known.size - 1) // 2] - FURTHEST][0])
    start = date(first // 12, first % 12 + 1, 1) if first else date.min
    rule = f"must not be before the book's first month, {start:%Y-%m}"
    faults.extend(table.refuse(column, read & (due < first), rule))
    rule = f"must be within {FURTHEST} months of the book's first month, {start:%Y-%m}; check the years"
    faults.extend(table.refuse(column, read & (due > first + FURTHEST), rule))
    return start


def owners(accounts: Accounts, rows: Flags, team: People, people: Flags, faults: list[Fault]) -> Ints:
    """Place in the team's table of each row's CSM, shape (n_rows,), -1 for none. Both must know each other.

    rows, people: which of the two tables count, shape (n_rows,) each.
    """
    if not (accounts.table.has("csm_id") and team.table.has("csm_id")):
        return np.full(len(accounts.table), -1, dtype=np.int64)
    names = team.table.cells["csm_id"].to_numpy(dtype=object)
    first = ~pd.Series(names).duplicated().to_numpy(bool) & (names != "") & people
    known = pd.Index(names[first])
    codes, distinct = pd.factorize(accounts.table.cells["csm_id"])
    among = known.get_indexer(distinct)
    place: Ints = np.where(among < 0, -1, np.flatnonzero(first)[among] if len(known) else -1).astype(np.int64)
    rule = f"must be a csm_id of {team.table.file}"
    present = np.zeros(len(distinct), dtype=bool)
    present[codes[rows]] = True
    strange = np.flatnonzero((place < 0) & (distinct != "") & present)
    # Looking for the nearest name is slow: only for as many as anybody reads.
    hinted = strange[: SHOWN if 0 < len(known) <= 1_000 else 0]
    for code in hinted:
        hint = f"; the nearest is '{nearest(distinct[code], known)}'"
        faults.extend(accounts.table.refuse("csm_id", (codes == code) & rows, rule + hint))
    faults.extend(accounts.table.refuse("csm_id", np.isin(codes, strange[len(hinted) :]) & rows, rule))
    idle = (pd.Index(distinct[present]).get_indexer(pd.Index(names)) < 0) & (names != "") & people
    rule = f"must own at least one account of {accounts.table.file}; assign accounts or leave the CSM out"
    faults.extend(team.table.refuse("csm_id", idle, rule))
    return place[codes]

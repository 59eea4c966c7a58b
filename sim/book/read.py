"""Two CSV files become a Book, or a list of everything that is wrong with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from sim.book.cells import numbers
from sim.book.columns import ACCOUNT_COLUMNS, TEAM_COLUMNS, Column
from sim.book.dates import months
from sim.book.schema import Book, Floats, Ints, Team
from sim.book.table import Source, Table, read_table
from sim.problems import SHOWN, InputError, Problem
from sim.words import nearest

FURTHEST = 120
"""Months from the first month of the book to the last renewal date; more is a slip in a year."""

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


def read_book(
    accounts: Source,
    team: Source,
    *,
    name: str | None = None,
    as_of: date | None = None,
    accounts_name: str | None = None,
    team_name: str | None = None,
) -> Book:
    """Reads accounts.csv and team.csv; the columns are those of `ACCOUNT_COLUMNS` and `TEAM_COLUMNS`.

    accounts, team: paths, contents, or open files such as uploads.
    name: of the book; the name of the accounts file without extension if not given.
    as_of: any day of the first simulated month; the month of the earliest renewal date if not given.
    accounts_name, team_name: what errors call the files; the names of the paths if not given.

    Raises InputError with every problem of both files; nothing is kept of a book that has one.
    """
    accounts_name = accounts_name or _file_name(accounts, "accounts.csv")
    team_name = team_name or _file_name(team, "team.csv")
    problems: list[Problem] = []
    account_table = read_table(accounts, accounts_name, ACCOUNT_COLUMNS, problems)
    team_table = read_table(team, team_name, TEAM_COLUMNS, problems)
    people = None if team_table is None else _read_team(team_table, problems)
    if account_table is None:
        raise InputError(problems)
    account_id = _ids(account_table, _ACCOUNT["account_id"], problems)
    probability = _probability(account_table, problems)
    start, renewal_month = _renewals(account_table, as_of, problems)
    figures = {
        column.name: numbers(account_table, column, problems)
        for column in ACCOUNT_COLUMNS
        if column.kind not in ("text", "date") and column.name not in ("renewal_probability", "health_score")
    }
    csm = _owners(account_table, team_table, problems)
    if problems or people is None:
        raise InputError(problems)
    term_months = figures.pop("term_months").astype(np.int64)
    return Book(
        name=name or Path(accounts_name).stem,
        as_of=start,
        account_id=account_id,
        account_name=_texts(account_table, _ACCOUNT["account_name"], account_id),
        csm=csm,
        segment=_texts(account_table, _ACCOUNT["segment"]),
        renewal_month=renewal_month,
        term_months=term_months,
        renewal_probability=probability,
        team=people,
        **figures,
    )


def _file_name(source: Source, otherwise: str) -> str:
    return Path(source).name if isinstance(source, str | Path) else otherwise


def _texts(table: Table, column: Column, defaults: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """A text column; empty cells take the row's own default, or else the column's."""
    defaults = defaults or (str(column.default),) * len(table)
    if not table.has(column.name):
        return defaults
    cells = table.cells[column.name].tolist()
    return tuple(cell or default for cell, default in zip(cells, defaults, strict=True))


def _ids(table: Table, column: Column, problems: list[Problem]) -> tuple[str, ...]:
    """A column of ids; empty and repeated ones are problems."""
    if not table.has(column.name):
        return ()
    text = table.cells[column.name]
    empty = (text == "").to_numpy(bool)
    problems.extend(table.refuse(column.name, empty, "must not be empty"))
    repeated = text.duplicated().to_numpy(bool) & ~empty
    problems.extend(table.refuse(column.name, repeated, "must be unique; another row above has the same"))
    return tuple(text.tolist())


def _read_team(table: Table, problems: list[Problem]) -> Team:
    csm_id = _ids(table, _TEAM["csm_id"], problems)
    figures = {
        column.name: numbers(table, column, problems) for column in TEAM_COLUMNS if column.kind not in ("text", "date")
    }
    given = [
        (table.cells[pay] != "").to_numpy(bool) if table.has(pay) else np.zeros(len(table), dtype=bool)
        for pay in ("base_salary", "ote")
    ]
    problems.extend(table.refuse("base_salary", ~given[0] & ~given[1], "or ote must be given, one of the two"))
    problems.extend(table.refuse("ote", given[0] & given[1], "must be empty where base_salary is given"))
    return Team(
        csm_id=csm_id,
        csm_name=_texts(table, _TEAM["csm_name"], csm_id),
        role=_texts(table, _TEAM["role"]),
        level=_texts(table, _TEAM["level"]),
        **figures,
    )


def _probability(table: Table, problems: list[Problem]) -> Floats:
    """As given, or else from the health score."""
    given = numbers(table, _ACCOUNT["renewal_probability"], problems)
    health = numbers(table, _ACCOUNT["health_score"], problems)
    columns = [name for name in ("renewal_probability", "health_score") if table.has(name)]
    if columns:
        empty = (table.cells[columns] == "").all(axis=1).to_numpy(bool)
        problems.extend(table.refuse("renewal_probability", empty, "or health_score must be given"))
    else:
        rule = "is a required column, unless health_score is there"
        problems.append(Problem(f"{table.file}, renewal_probability", "", rule))
    return np.where(np.isnan(given), probability_from_health(health), given)


def _renewals(table: Table, as_of: date | None, problems: list[Problem]) -> tuple[date, Ints]:
    """The first day of the first month, and whole months from it to each renewal, shape (n_accounts,)."""
    column = _ACCOUNT["renewal_date"]
    due = months(table, column, problems)
    read = due > 0
    first = int(due[read].min()) if read.any() else 0
    if as_of is not None:
        first = 12 * as_of.year + as_of.month - 1
    start = date(first // 12, first % 12 + 1, 1) if first else date.min
    problems.extend(
        table.refuse(column.name, read & (due < first), f"must not be before the book's first month, {start:%Y-%m}")
    )
    late = read & (due > first + FURTHEST)
    rule = f"must be within {FURTHEST} months of the book's first month, {start:%Y-%m}; check the years"
    problems.extend(table.refuse(column.name, late, rule))
    return start, due - first


def _owners(accounts: Table, team: Table | None, problems: list[Problem]) -> Ints:
    """Index into the team of each account's CSM, shape (n_accounts,). Both must know each other."""
    if not accounts.has("csm_id"):
        return np.zeros(0, dtype=np.int64)
    owners = accounts.cells["csm_id"]
    empty = (owners == "").to_numpy(bool)
    problems.extend(accounts.refuse("csm_id", empty, "must not be empty; every account needs a CSM"))
    if team is None or not team.has("csm_id"):
        return np.zeros(0, dtype=np.int64)
    known = team.cells["csm_id"]
    codes, distinct = pd.factorize(owners)
    place: Ints = pd.Index(known.drop_duplicates()).get_indexer(distinct).astype(np.int64)
    rule = f"must be a csm_id of {team.file}"
    strange = np.flatnonzero((place < 0) & (distinct != ""))
    # Looking for the nearest name is slow: only for as many as anybody reads.
    hinted = strange[: SHOWN if len(known) <= 1_000 else 0]
    for code in hinted:
        hint = f"; the nearest is '{nearest(distinct[code], known)}'"
        problems.extend(accounts.refuse("csm_id", codes == code, rule + hint))
    problems.extend(accounts.refuse("csm_id", np.isin(codes, strange[len(hinted) :]), rule))
    idle = (pd.Index(distinct).get_indexer(pd.Index(known)) < 0) & (known != "").to_numpy(bool)
    rule = f"must own at least one account of {accounts.file}; assign accounts or leave the CSM out"
    problems.extend(team.refuse("csm_id", idle, rule))
    return place[codes]

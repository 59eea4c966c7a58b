"""Several matched files at once: which is what, what is missing, and the book that they make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from sim.book.faults import BadRows
from sim.book.history import History
from sim.book.intake.importing import Count, Import, count_rows, import_book, import_history, team_of
from sim.book.intake.mapping import Mapping, apply
from sim.book.intake.sheet import Progress, Sheet, in_silence
from sim.book.intake.subscriptions import join_subscriptions
from sim.book.table import Table
from sim.problems import InputError, Problem


@dataclass(frozen=True, eq=False)
class Matched:
    """A sheet and how it is read."""

    sheet: Sheet
    mapping: Mapping


@dataclass(frozen=True, eq=False)
class Gathered:
    """result: rows kept and refused, those of the history among them.

    history: None where no file of it came, or what is wrong with it is among the problems.
    counts: of each file. notes: what was made of the files together, in sentences.
    """

    result: Import
    history: History | None
    counts: tuple[Count, ...]
    notes: tuple[str, ...]


def gather(
    files: Sequence[Matched],
    *,
    ote: float | None = None,
    as_of: date | None = None,
    name: str = "Your book",
    progress: Progress = in_silence,
) -> Gathered:
    """One book from an accounts file, subscriptions (with when accounts left) or both, and a team.

    ote: USD a year; when there is no team file, everybody who owns an account gets these on-target earnings.
    as_of: any day of the first simulated month; the month of the earliest renewal if not given.
    Raises InputError when files are missing, twice there, or not matched as the mapping says.
    """
    problems = list(_wrong_kinds(files, ote))
    tables: dict[str, Table] = {}
    for file in files:
        try:
            tables.setdefault(file.mapping.kind, apply(file.mapping, file.sheet))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    unfit: list[BadRows] = list(chain.from_iterable(file.sheet.faults for file in files))
    notes = list(chain.from_iterable((f"{file.sheet.file}: {note}" for note in file.sheet.notes) for file in files))
    accounts = tables.get("accounts")
    if "subscriptions" in tables:
        joined = join_subscriptions(accounts, tables["subscriptions"], tables.get("churn"), as_of)
        accounts = joined.accounts
        unfit.extend(joined.bad)
        notes.append(
            f"{joined.running:,} subscriptions run and were added up by account; {joined.ended:,} had ended, had not "
            "begun or were only tried."
        )
        if "history" not in tables:
            tables["history"] = joined.history
            notes.append(f"The history was made from their starts and ends: {len(joined.history):,} events.")
    assert accounts is not None  # one of the two kinds is there, or it was a problem
    team = tables.get("team")
    if team is None:
        team = team_of(accounts, ote or 0.0)
        notes.append(
            f"The team was made from the CSMs of the accounts: {len(team):,}, each with ${ote:,.0f} on target."
        )
    result = import_book(accounts, team, name=name, as_of=as_of, unfit=unfit, progress=progress)
    history = None
    counts = [result.accounts, result.team]
    if "history" in tables:
        before = [fault for fault in unfit if fault.file == tables["history"].file]
        history, faults, count = import_history(tables["history"], before)
        problems = [*result.problems, *(fault for fault in faults if isinstance(fault, Problem))]
        bad = [*result.bad, *(fault for fault in faults if isinstance(fault, BadRows) and fault not in before)]
        result = replace(result, problems=tuple(problems), bad=tuple(bad), book=None if problems else result.book)
        counts.append(count)
    counts += [count_rows(tables[kind], result.bad) for kind in ("subscriptions", "churn") if kind in tables]
    return Gathered(result, history, tuple(counts), tuple(notes))


def _wrong_kinds(files: Sequence[Matched], ote: float | None) -> list[Problem]:
    kinds = [file.mapping.kind for file in files]
    problems = [
        Problem(file.sheet.file, "", f"is a second file of {file.mapping.kind}; leave one of the two out")
        for place, file in enumerate(files)
        if file.mapping.kind in kinds[:place]
    ]
    if not {"accounts", "subscriptions"} & set(kinds):
        problems.append(Problem("accounts", "", "is missing: add the file of the accounts, or of subscriptions"))
    if "churn" in kinds and "subscriptions" not in kinds:
        rule = "goes with a file of subscriptions, which it ends; add it, or leave this one out"
        problems.append(Problem(files[kinds.index("churn")].sheet.file, "", rule))
    if "team" not in kinds and ote is None:
        rule = "is missing: add the file of the CSMs, or let a team be made from the CSMs of the accounts"
        problems.append(Problem("team", "", rule))
    if ote is not None and not 0 < ote <= 1e12:
        problems.append(Problem("on-target earnings", f"{ote:g}", "must be above 0, like 120000"))
    return problems

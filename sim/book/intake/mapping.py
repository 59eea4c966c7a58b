"""Which column of a file is meant by which column of the simulator: proposed with a reason, changed by the user."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
from rapidfuzz import fuzz, process, utils

from sim.book.cells import numbers
from sim.book.columns import Column
from sim.book.dates import months
from sim.book.faults import BadRows, Fault
from sim.book.intake.fill import filled, read_words
from sim.book.intake.sheet import Sheet, key
from sim.book.intake.spellings import KINDS, NOT_MEANT, SPELLINGS, Spelling
from sim.book.table import Table
from sim.problems import InputError, Problem
from sim.words import nearest

ALIKE = 87
"""Least likeness of two spellings, of 100, at which a match is proposed."""
LOOKED_AT = 200
"""Cells of a column that are tried before it is proposed."""

SIGNATURES: dict[str, frozenset[str]] = {
    "accounts": frozenset({"arr", "renewal_date", "renewal_probability", "health_score", "account_id"}),
    "team": frozenset({"ote", "base_salary", "csm_name", "role", "level", "skill_retention"}),
    "history": frozenset({"date", "event", "arr_change"}),
    "subscriptions": frozenset({"start_date", "end_date", "subscription_id", "trial"}),
    "churn": frozenset({"date", "reason"}),
}
"""Columns that tell the kinds of file apart."""

ADDS: dict[str, str] = {
    "account_name": "names in tables instead of ids",
    "segment": "figures by segment; without it all accounts are one",
    "term_months": "contracts that do not renew every year; without it all renew after 12 months",
    "renewal_probability": "each account's own risk; without it the health score gives it",
    "health_score": "each account's risk where no probability is given; green, yellow, red are read as 80, 50, 20",
    "upsell_whitespace": "how much each account could still grow; without it no upsell is simulated",
    "cross_sell_whitespace": "what else each account could buy; without it no cross-sell is simulated",
    "complexity": "CSM hours by account; without it all take the same",
    "nps": "plans that pay on NPS; without it all accounts score 33",
    "adoption": "plans that pay on adoption; without it all accounts use 60 %",
    "tenure_months": "risk by age; without it all have been customers for 24 months",
    "csm_name": "names in tables instead of ids",
    "role": "job titles in tables",
    "level": "payout periods by level; without it all are at one level",
    "base_salary": "pay from base salary, where no on-target earnings are given",
    "ote": "pay from on-target earnings, where no base salary is given",
    "skill_retention": "who is better at keeping accounts; without it all are average",
    "skill_upsell": "who is better at upsell; without it all are average",
    "skill_cross_sell": "who is better at cross-sell; without it all are average",
    "subscription_id": "nothing but a name for the row",
    "end_date": "which subscriptions have ended; without it all still run",
    "reason": "nothing; it is not used in any figure",
    "trial": "which subscriptions are only tried out; without it all count",
}
"""What each column that may be absent would add."""


@dataclass(frozen=True)
class Match:
    """Where the cells of one known column come from: a column of the file, or one value for all rows.

    constant: may hold {row}, the number of the row, and {1..12}, which counts on from row to row.
    monthly: the cells hold a month's worth of what is wanted by the year.
    """

    column: str
    header: str = ""
    constant: str = ""
    monthly: bool = False


@dataclass(frozen=True)
class Mapping:
    """How a file of one kind is read; columns without a match stay out."""

    kind: str
    matches: tuple[Match, ...]

    def match(self, column: str) -> Match | None:
        return next((match for match in self.matches if match.column == column), None)


class Proposal(NamedTuple):
    mapping: Mapping
    why: dict[str, str]
    """By known column: the reason of its match, one sentence."""


def recognise(sheet: Sheet) -> str | None:
    """Which kind of file the header speaks of; None when it could be anything."""
    found = {}
    for kind, spellings in SPELLINGS.items():
        named = {spellings[key(label)].column for label in sheet.labels if key(label) in spellings}
        found[kind] = len(named) + 2 * len(named & SIGNATURES[kind])
    best = max(found, key=lambda kind: found[kind])
    return best if found[best] >= 2 else None


def propose(sheet: Sheet, kind: str) -> Proposal:
    """The likeliest match for each known column: its own name, a known spelling, or one much like it.

    No column of the file is used twice; what a spelling suggests is dropped when its cells cannot be read as that.
    """
    columns = {column.name: column for column in KINDS[kind]}
    candidates = []
    for place, label in enumerate(sheet.labels):
        likeness, column, why, monthly = _likely(label, kind)
        if likeness and (likeness == 100 or _readable(sheet, place, columns[column], monthly)):
            candidates.append((-likeness, place, Match(column, label, monthly=monthly), why))
    matches: dict[str, Match] = {}
    reasons: dict[str, str] = {}
    for _, _, match, why in sorted(candidates, key=lambda candidate: candidate[:2]):
        if match.column not in matches:
            matches[match.column], reasons[match.column] = match, why
    kept = tuple(matches[name] for name in columns if name in matches)
    return Proposal(Mapping(kind, kept), reasons)


def _likely(label: str, kind: str) -> tuple[float, str, str, bool]:
    """Likeness of 100, the known column that a header means, why, and whether by the month; likeness 0 for none."""
    known = SPELLINGS[kind]
    for form in (label, label.partition("(")[0]):
        meant = known.get(key(form))
        if meant is None and key(form) in NOT_MEANT:
            return 0.0, "", "", False
        if meant is not None:
            if key(form) == key(meant.column):
                return 100.0, meant.column, "The same name.", False
            return 99.0, meant.column, f"{meant.system} {_call(meant.system)} it so." + _times(meant), meant.monthly
    best = 0.0
    meant = None
    for scorer in (fuzz.token_sort_ratio, fuzz.ratio):
        found = process.extractOne(label, _SPOKEN[kind], scorer=scorer, processor=utils.default_process)
        if found is not None and found[1] > best:
            best, meant = found[1], known[found[2]]
    if meant is None or best < ALIKE:
        return 0.0, "", "", False
    return best - 2.0, meant.column, f"Much like '{meant.text}'." + _times(meant), meant.monthly


def _call(system: str) -> str:
    return "call" if system.endswith("files") else "calls"


def _times(meant: Spelling) -> str:
    return " By the month: times 12." if meant.monthly else ""


_SPOKEN = {kind: {name: meant.text for name, meant in known.items()} for kind, known in SPELLINGS.items()}


def _readable(sheet: Sheet, place: int, column: Column, monthly: bool) -> bool:
    """Whether most cells of a column can be read as what it is taken for."""
    cells = sheet.cells[place]
    cells = cells[cells != ""].head(LOOKED_AT)
    if cells.empty:
        return True
    if column.kind == "text":
        return column.name not in ("account_id", "csm_id") or not cells.str.fullmatch(r"[\d.,]+%").any()
    table = Table(
        sheet.file, read_words(column.name, cells).to_frame(column.name), {column.name: 12.0 if monthly else 1.0}
    )
    faults: list[Fault] = []
    if column.kind == "date":
        months(table, column, faults)
    else:
        numbers(table, column, faults)
    bad = sum(len(fault) for fault in faults if isinstance(fault, BadRows))
    return 2 * bad <= len(cells)


def samples(sheet: Sheet, label: str, most: int = 3) -> tuple[str, ...]:
    """The first different values of a column, shortened."""
    cells = sheet.cells[sheet.labels.index(label)].head(1_000)
    distinct = cells[cells != ""].drop_duplicates().head(most)
    return tuple(text if len(text) <= 24 else text[:21] + "..." for text in distinct)


def apply(mapping: Mapping, sheet: Sheet) -> Table:
    """The sheet under known names. Applied to what it gave, a proposed mapping changes nothing.

    Raises InputError when the mapping names columns that the sheet or the simulator does not have.
    """
    known = [column.name for column in KINDS[mapping.kind]]
    problems: list[Problem] = []
    cells: dict[str, pd.Series] = {}
    for match in mapping.matches:
        if match.column not in known:
            rule = f"is not a column of {mapping.kind}; the nearest is '{nearest(match.column, known)}'"
            problems.append(Problem(f"{sheet.file}, mapping", match.column, rule))
        elif match.header and match.header not in sheet.labels:
            rule = f"is not a column of the file; the nearest is '{nearest(match.header, sheet.labels)}'"
            problems.append(Problem(f"{sheet.file}, mapping of {match.column}", match.header, rule))
        elif match.header:
            cells[match.column] = read_words(match.column, sheet.cells[sheet.labels.index(match.header)])
        else:
            try:
                given = pd.Series(filled(match.constant.strip(), len(sheet)), index=sheet.cells.index, dtype="str")
                cells[match.column] = read_words(match.column, given)
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    ordered = {name: cells[name] for name in known if name in cells}
    factors = {match.column: 12.0 for match in mapping.matches if match.monthly}
    return Table(sheet.file, pd.DataFrame(ordered, index=sheet.cells.index), factors)


def missing(table: Table, columns: Iterable[Column]) -> list[Problem]:
    """A problem for each column that must be there and is not."""
    return [
        Problem(table.file, "", f"needs {column.name} ({column.meaning}); choose its column, or one value for all rows")
        for column in columns
        if column.required and not table.has(column.name)
    ]

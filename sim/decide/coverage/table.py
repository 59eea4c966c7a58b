"""The matrix as one table, the same on a page, in a CSV file and in a workbook: a column for each team, and for each
stage a row of roles, one of pay and one of dependencies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import pandas as pd

from sim.book.intake.sheet import Sheet, key
from sim.book.intake.source import read_sheets
from sim.decide.coverage.cells import (
    Unreadable,
    read_arr,
    read_letters,
    read_names,
    read_pay,
    read_variable_pay,
    write_names,
    write_pay,
    write_variable_pay,
)
from sim.decide.coverage.matrix import MOST_STAGES, MOST_TEAMS, Cell, Coverage, Stage, Team
from sim.problems import InputError, Problem
from sim.words import nearest

PART, STAGE, ARR = "part", "stage", "simulated as"
ROLE, PAID, DEPENDS, VARIABLE = PARTS = ("role", "paid", "depends on", "variable pay")
"""Parts of the table; the last is one row, of no stage."""
MOST_BYTES = 2_000_000
_KNOWN = frozenset(key(name) for name in (PART, STAGE, ARR))
_FORMULA_STARTS = ("=", "+", "-", "@")

Value = TypeVar("Value")


class Row(NamedTuple):
    """A row of the table as text. number: as a spreadsheet counts."""

    number: int
    part: str
    stage: str
    arr: str
    cells: Sequence[str]


def to_table(coverage: Coverage) -> pd.DataFrame:
    """Columns part, stage, simulated as, then the teams; shape (3 n_stages + 1, 3 + n_teams), all text."""
    rows: list[list[str]] = []
    for stage, by in coverage.rows():
        rows.append([ROLE, stage.name, stage.arr, *(cell.letters for cell in by.values())])
    for stage, by in coverage.rows():
        rows.append([PAID, stage.name, "", *(write_pay(cell.pay) for cell in by.values())])
    for stage, by in coverage.rows():
        rows.append([DEPENDS, stage.name, "", *(write_names(cell.depends_on) for cell in by.values())])
    rows.append([VARIABLE, "", "", *(write_variable_pay(team.variable_pay, team.simulated) for team in coverage.teams)])
    return pd.DataFrame(rows, columns=[PART, STAGE, ARR, *(team.name for team in coverage.teams)])


def read_coverage(content: bytes, file: str) -> Coverage:
    """The matrix in a CSV, XLSX or Parquet file. Raises InputError with everything that is wrong with it."""
    if len(content) > MOST_BYTES:
        rule = f"must be smaller than {MOST_BYTES / 1e6:.0f} MB; a matrix has {MOST_STAGES} stages at most"
        raise InputError([Problem(file, "", rule)])
    for sheet in read_sheets(content, file, _KNOWN):
        keys = [key(text) for text in sheet.header]
        if key(PART) in keys and key(STAGE) in keys:
            return _from_sheet(sheet, keys)
    rule = f"must have the columns {PART} and {STAGE}, and one for each team; download the matrix to see how"
    raise InputError([Problem(file, "", rule)])


def _from_sheet(sheet: Sheet, keys: list[str]) -> Coverage:
    if sheet.faults:
        raise InputError([Problem(sheet.file, "", "has rows that are not cells under the header; save it again")])
    part, stage = keys.index(key(PART)), keys.index(key(STAGE))
    arr = keys.index(key(ARR)) if key(ARR) in keys else None
    teams = [
        place
        for place, name in enumerate(sheet.header)
        if place not in (part, stage, arr) and (name or (sheet.cells[place] != "").any())
    ]
    if len(teams) > MOST_TEAMS or len(sheet) > 3 * MOST_STAGES + 1:
        rule = f"must have at most {MOST_TEAMS} teams and {MOST_STAGES} stages"
        raise InputError([Problem(sheet.file, f"{len(teams)} teams, {len(sheet)} rows", rule)])
    rows = [
        Row(
            int(number),
            cells[part],
            _unquoted(cells[stage]),
            "" if arr is None else cells[arr],
            [_unquoted(cells[place]) for place in teams],
        )
        for number, cells in zip(sheet.cells.index, sheet.cells.to_numpy().tolist(), strict=True)
    ]
    return from_rows(rows, [_unquoted(sheet.header[place]) for place in teams], sheet.file)


def _unquoted(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running a text."""
    return text[1:] if text.startswith("'") and text[1:2] in _FORMULA_STARTS else text


def from_table(table: pd.DataFrame) -> Coverage:
    """The matrix of a table as `to_table` makes it, whatever has been typed into it since."""
    texts = table.fillna("").astype(str)
    rows = [
        Row(number, part, stage, arr, cells)
        for number, (part, stage, arr, *cells) in enumerate(texts.to_numpy().tolist(), start=2)
    ]
    return from_rows(rows, [str(name) for name in table.columns[3:]], "matrix")


def from_rows(rows: Sequence[Row], teams: Sequence[str], file: str) -> Coverage:
    """Raises InputError with every row and cell that means nothing, and what is wrong with the matrix they make."""
    problems: list[Problem] = []
    placed = _placed(rows, file, problems)
    names = [stage for part, stage in placed if part == ROLE]

    def tried(text: str, reader: Callable[[str], Value], otherwise: Value, *where: str) -> Value:
        try:
            return reader(text)
        except Unreadable as error:
            problems.append(Problem(", ".join(filter(None, (file, *where))), text, str(error)))
            return otherwise

    def read(part: str, stage: str, place: int, reader: Callable[[str], Value], otherwise: Value) -> Value:
        row = placed.get((part, stage))
        return tried(row.cells[place] if row else "", reader, otherwise, stage, teams[place], part)

    columns = range(len(teams))
    cells = tuple(
        tuple(
            Cell(
                read(ROLE, stage, place, read_letters, ""),
                read(PAID, stage, place, read_pay, None),
                read(DEPENDS, stage, place, read_names, ()),
            )
            for place in columns
        )
        for stage in names
    )
    stages = [Stage(stage, tried(placed[ROLE, stage].arr, read_arr, "none", stage, ARR)) for stage in names]
    unknown: tuple[float | None, bool] = (None, False)
    pay = [read(VARIABLE, "", place, read_variable_pay, unknown) for place in columns]
    try:
        made = Coverage(
            tuple(stages),
            tuple(Team(name, amount, simulated) for name, (amount, simulated) in zip(teams, pay, strict=True)),
            cells,
        )
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return made


def _placed(rows: Sequence[Row], file: str, problems: list[Problem]) -> dict[tuple[str, str], Row]:
    """Rows by part and stage, in their order; those that have no place are added to the problems."""
    placed: dict[tuple[str, str], Row] = {}
    for row in rows:
        part, where = row.part.strip().casefold(), f"{file}, row {row.number}"
        stage = "" if part == VARIABLE else row.stage.strip()
        if part not in PARTS:
            rule = f"must be one of {', '.join(PARTS)}; the nearest is {nearest(part, PARTS)}"
            problems.append(Problem(f"{where}, {PART}", row.part, rule))
        elif (part, stage) in placed:
            problems.append(Problem(f"{where}, {STAGE}", row.stage, f"must stand once under {part}"))
        else:
            placed[part, stage] = row
    names = [stage for part, stage in placed if part == ROLE]
    hint = "must be a stage that has a row of roles"
    for (part, stage), row in placed.items():
        if part in (PAID, DEPENDS) and stage not in names:
            rule = f"{hint}; the nearest is {nearest(stage, names)}" if names else hint
            problems.append(Problem(f"{file}, row {row.number}, {STAGE}", stage, rule))
    return placed

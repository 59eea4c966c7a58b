"""The table behind a difference in differences: who was changed, when, and what was measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.cells import numbers
from sim.book.columns import MOST_MONEY, Column
from sim.book.faults import Fault, refusal
from sim.book.intake.sheet import key
from sim.book.intake.source import read_sheets
from sim.book.table import Table, as_table
from sim.engine.outcome import Outcome
from sim.problems import InputError, Problem

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

MOST_BYTES = 5_000_000
MOST_ROWS = 100_000
MOST_TACTICS = 20
ONE_TACTIC = "The change"
LONGEST = 60
"""Characters of a tactic's name."""
COLUMNS = (
    Column("tactic", "text", "name of what was changed; may be left out", "QBR twice a year", default=ONE_TACTIC),
    Column("unit", "text", "CSM, account or team that is followed", "CSM 7", required=True),
    Column("group", "text", "changed or unchanged", "changed", required=True),
    Column("period", "text", "before or after; or periods from the change on: -2, -1, 0, 1", "-1", required=True),
    Column("value", "money", "what is measured", "0.93", low=-MOST_MONEY, high=MOST_MONEY, required=True),
)
_COLUMN = {column.name: column for column in COLUMNS}
_GROUPS = {"changed": 1, "treated": 1, "unchanged": 0, "control": 0}
_PERIODS = {"before": "-1", "after": "0"}


def read_groups(content: bytes, file: str) -> pd.DataFrame:
    """A row for each unit and period of a CSV, XLSX or Parquet file: tactic, unit, changed (bool), period, value.

    period: whole; the change comes with period 0. Raises InputError with every problem.
    """
    if len(content) > MOST_BYTES:
        raise InputError([Problem(file, "", f"must be smaller than {MOST_BYTES / 1e6:.0f} MB")])
    faults: list[Fault] = []
    known = frozenset(key(column.name) for column in COLUMNS)
    table = as_table(read_sheets(content, file, known)[0], COLUMNS, faults)
    if table is None or any(not table.has(column.name) for column in COLUMNS if column.required):
        raise refusal(faults)
    if len(table) > MOST_ROWS:
        raise InputError([Problem(file, f"{len(table):,} rows", f"must have at most {MOST_ROWS:,} rows")])
    read = pd.DataFrame(
        {
            "tactic": _tactics(table, faults),
            "unit": _units(table, faults),
            "changed": _changed(table, faults),
            "period": _periods(table, faults),
            "value": numbers(table, _COLUMN["value"], faults),
        },
        index=table.cells.index,
    )
    if not faults:
        _check(read, table, faults)
    if faults:
        raise refusal(faults)
    return read.reset_index(drop=True)


def example_groups(before: Outcome, after: Outcome, trial: int = 0) -> pd.DataFrame:
    """A table that the model makes: expansion as a share of each CSM's ARR in two years, every other CSM changed.

    before: a year under the old plan. after: another year under the new one, from which those who were changed come;
    the others have their own next trial of the old plan.
    """
    owns = before.csm_opening_arr > 0.0
    opening = before.csm_opening_arr[owns]
    share, new = before.csm_expansion[owns] / opening[:, None], after.csm_expansion[owns, trial] / opening
    following = min(trial + 1, before.n_trials - 1)
    changed = np.arange(len(new)) % 2 == 0
    units = [f"CSM {place + 1}" for place in range(len(new))]
    parts = [(-1, share[:, trial]), (0, np.where(changed, new, share[:, following]))]
    return pd.concat(
        [
            pd.DataFrame({"tactic": ONE_TACTIC, "unit": units, "changed": changed, "period": period, "value": value})
            for period, value in parts
        ],
        ignore_index=True,
    ).astype({"value": float})


def to_file(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it is read again."""
    group = np.where(table["changed"], "changed", "unchanged")
    return table.assign(changed=group).rename(columns={"changed": "group"})


def _tactics(table: Table, faults: list[Fault]) -> pd.Series:
    if not table.has("tactic"):
        return pd.Series(ONE_TACTIC, index=table.cells.index)
    named = table.cells["tactic"].where(table.cells["tactic"] != "", ONE_TACTIC)
    faults.extend(table.refuse("tactic", (named.str.len() > LONGEST).to_numpy(bool), f"must have {LONGEST} letters"))
    if named.nunique() > MOST_TACTICS:
        faults.append(Problem(table.file, "", f"must have at most {MOST_TACTICS} tactics (it has {named.nunique():,})"))
    return named


def _units(table: Table, faults: list[Fault]) -> pd.Series:
    unit = table.cells["unit"]
    faults.extend(table.refuse("unit", (unit == "").to_numpy(bool), "must not be empty"))
    return unit


def _changed(table: Table, faults: list[Fault]) -> Flags:
    group = table.cells["group"].str.casefold().map(_GROUPS)
    faults.extend(table.refuse("group", group.isna().to_numpy(bool), "must be changed or unchanged"))
    changed: Flags = (group == 1).to_numpy(bool)
    return changed


def _periods(table: Table, faults: list[Fault]) -> Ints:
    text = table.cells["period"].str.casefold().replace(_PERIODS)
    whole = text.str.fullmatch(r"[-+]?\d{1,3}")
    faults.extend(table.refuse("period", ~whole.to_numpy(bool), f"must be {_COLUMN['period'].meaning}"))
    period: Ints = text.where(whole, "0").to_numpy().astype(np.int64)
    return period


def _check(read: pd.DataFrame, table: Table, faults: list[Fault]) -> None:
    """A unit is in one group of a tactic and once in a period; both groups have two units seen before and after."""
    of_unit = read.groupby(["tactic", "unit"])
    both = (of_unit["changed"].transform("nunique") > 1).to_numpy(bool)
    faults.extend(table.refuse("group", both, "must be the same in all rows of a unit"))
    numbered = ~table.cells["period"].str.casefold().isin(_PERIODS)  # before and after may hold several rows each
    again = (read.duplicated(["tactic", "unit", "period"]) & numbered).to_numpy(bool)
    faults.extend(table.refuse("period", again, "must stand once for a unit"))
    seen = of_unit.agg(first=("period", "min"), last=("period", "max"), changed=("changed", "first"))
    whole = seen[(seen["first"] < 0) & (seen["last"] >= 0)]
    for tactic in dict.fromkeys(read["tactic"]):
        of = whole["changed"][whole.index.get_level_values("tactic") == tactic]
        if min(of.sum(), (~of).sum()) < 2:
            rule = "must have two changed and two unchanged units at least that are seen both before and after"
            faults.append(Problem(f"{table.file}, {tactic}", "", rule))

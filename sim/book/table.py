"""The known columns of a file, by their own names, and who breaks which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book.columns import Column
from sim.book.faults import BadRows, Fault
from sim.book.intake.sheet import Sheet, key
from sim.problems import Problem
from sim.words import nearest


@dataclass(frozen=True, eq=False)
class Table:
    """The known columns of one file.

    cells: stripped text, shape (n_rows, n_known_columns); the index holds the rows, the header being 1.
    factors: of columns whose cells are multiplied once read: 12 where a month's worth stands.
    """

    file: str
    cells: pd.DataFrame
    factors: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cells)

    def has(self, column: str) -> bool:
        return column in self.cells.columns

    def refuse(self, column: str, bad: NDArray[np.bool_], rule: str) -> list[BadRows]:
        """The rows where `bad`, shape (n_rows,), with the cells' values; nothing when there are none."""
        if not bad.any():
            return []
        rows = self.cells.index.to_numpy(dtype=np.int64)[bad]
        if self.has(column):
            values = self.cells[column].to_numpy(dtype=object)[bad]
        else:
            values = np.full(len(rows), "", dtype=object)
        return [BadRows(self.file, column, rule, rows, values)]


def as_table(sheet: Sheet, columns: Sequence[Column], faults: list[Fault]) -> Table | None:
    """The sheet's columns that bear known names; adds what is wrong with the header to `faults`.

    None where rows could not be split into cells: their cells belong to no column.
    """
    faults.extend(sheet.faults)
    if any(not fault.column for fault in sheet.faults):
        return None
    places = _places(list(sheet.header), sheet.file, sheet.header_row, columns, faults)
    return Table(sheet.file, sheet.cells[list(places.values())].set_axis(list(places), axis=1))


def _places(
    header: list[str], file: str, header_row: int, columns: Sequence[Column], faults: list[Fault]
) -> dict[str, int]:
    """Position of each known column. Repeated, missing and probably misspelt ones are problems."""
    keys = [key(name) for name in header]
    places: dict[str, int] = {}
    for column in columns:
        wanted = key(column.name)
        if keys.count(wanted) > 1:
            faults.append(Problem(f"{file}, row {header_row}, {column.name}", "", "must stand in the header only once"))
        if wanted in keys:
            places[column.name] = keys.index(wanted)
    known = {key(column.name) for column in columns}
    strange = [name for name, found in zip(header, keys, strict=True) if name and found not in known]
    for column in columns:
        if column.name in places:
            continue
        if column.required:
            hint = f"; the nearest header is '{nearest(column.name, strange)}'" if strange else ""
            faults.append(Problem(f"{file}, row {header_row}, {column.name}", "", f"is a required column{hint}"))
        else:
            # Other columns of an export are welcome; a misspelt one would silently become its default.
            slips = get_close_matches(key(column.name), [key(name) for name in strange], n=1, cutoff=0.85)
            if slips:
                slip = next(name for name in strange if key(name) == slips[0])
                rule = f"is not a known column; write '{column.name}', or rename it if it is something else"
                faults.append(Problem(f"{file}, row {header_row}, {slip}", "", rule))
    return places

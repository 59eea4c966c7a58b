"""What is wrong with a table: with the file as a whole, or with some of its rows, which can be left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.book.schema import Ints
from sim.problems import InputError, Problem


@dataclass(frozen=True, eq=False)
class BadRows:
    """One rule that some rows break.

    column: the known column, empty where the whole row is meant.
    rows, values: row numbers as a spreadsheet shows them and the cells' texts, shape (n_bad,) each.
    """

    file: str
    column: str
    rule: str
    rows: Ints
    values: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.rows)

    def problems(self) -> Iterator[Problem]:
        end = f", {self.column}" if self.column else ""
        for row, value in zip(self.rows.tolist(), self.values, strict=True):
            yield Problem(f"{self.file}, row {row}{end}", str(value), self.rule)


Fault = Problem | BadRows


def refusal(faults: Iterable[Fault]) -> InputError:
    """Every fault, row by row, as the error to raise."""
    found: list[Problem] = []
    for fault in faults:
        if isinstance(fault, BadRows):
            found.extend(fault.problems())
        else:
            found.append(fault)
    return InputError(found)

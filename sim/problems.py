"""Input errors that a user can act on: one sentence each, all of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 50
"""Problems written out in full before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    where: file, row and column, or plan key ("accounts.csv, row 14, arr").
    value: what stands there, shortened; empty when there is nothing to show.
    rule: what is allowed and what to do, as the rest of a sentence ("must be a number, like 12000").
    """

    where: str
    value: str
    rule: str

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:57] + "..."
        got = f" (got {shown!r})" if shown else ""
        return f"{self.where}: {self.rule}{got}."


class InputError(ValueError):
    """Raised with every problem found in an input; nothing of that input is kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"... and {len(self.problems) - SHOWN:,} more problems of this kind.")
        super().__init__("\n".join(lines))


ROWS_NAMED = 3
"""Rows named in a sentence about several before the rest is only counted."""
_ROW = re.compile(r", row (\d+(?:,\d{3})*)")


def grouped(problems: Iterable[Problem]) -> list[str]:
    """Sentences in the order of the problems; those that differ only in row and value are one, with their rows.

    ``accounts.csv, rows 3, 8, 12 and 40 more, arr: must not be negative (the first: '-5').``
    """
    alike: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((_ROW.sub("", problem.where, count=1), problem.rule), []).append(problem)
    return [str(group[0]) if len(group) == 1 else _together(group) for group in alike.values()]


def _together(group: list[Problem]) -> str:
    rows = [row[1] for problem in group if (row := _ROW.search(problem.where))]
    if len(rows) < len(group):
        return "\n".join(map(str, group))  # the same thing said twice, of no row: nothing to put together
    more = len(rows) - ROWS_NAMED
    if more > 0:
        named = f"{', '.join(rows[:ROWS_NAMED])} and {more:,} more"
    else:
        named = f"{', '.join(rows[:-1])} and {rows[-1]}"
    first = group[0]
    where = _ROW.sub(lambda _: f", rows {named}", first.where, count=1)
    return str(Problem(where, first.value, first.rule)).replace("(got ", "(the first: ")

"""Input errors that a user can act on: one sentence each, all of them at once."""

from __future__ import annotations

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

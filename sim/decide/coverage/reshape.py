"""Stages and teams added, renamed, moved and removed, with everything in the matrix that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim.decide.coverage.matrix import EMPTY, Cell, Coverage, Stage, Team

Kept = int | None
"""Which of the old ones a stage or a team was; None for a new one."""


def reshaped(coverage: Coverage, stages: Sequence[tuple[Kept, Stage]], teams: Sequence[tuple[Kept, Team]]) -> Coverage:
    """The matrix with these stages and teams; new ones begin empty, and nobody depends on a team that is gone.

    Raises InputError as `Coverage` does.
    """
    called = {coverage.teams[old].name: team.name for old, team in teams if old is not None}

    def kept(row: Kept, column: Kept) -> Cell:
        if row is None or column is None:
            return EMPTY
        cell = coverage.cells[row][column]
        return replace(cell, depends_on=tuple(called[name] for name in cell.depends_on if name in called))

    return Coverage(
        tuple(stage for _, stage in stages),
        tuple(team for _, team in teams),
        tuple(tuple(kept(row, column) for column, _ in teams) for row, _ in stages),
    )

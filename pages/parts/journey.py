"""The matrix of the journey that a session holds."""

from __future__ import annotations

from pages.parts import undoable
from pages.parts.undoable import Held
from sim.decide.coverage.example import EXAMPLE
from sim.decide.coverage.matrix import Coverage

_KEY = "journey"


def journey() -> Held[Coverage]:
    """This session's; at first the example."""
    return undoable.held(_KEY, EXAMPLE)


def put(matrix: Coverage) -> None:
    """Another matrix in the place of this one; can be undone."""
    undoable.put(_KEY, journey(), matrix)


def undo() -> None:
    """The matrix before the last change."""
    undoable.undo(_KEY, journey())


def reset() -> None:
    """Back to the example; can be undone."""
    put(EXAMPLE)

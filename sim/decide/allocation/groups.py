"""Teams within the book: CSMs by role, by level, or by the segment that most of their ARR is in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.book.schema import Book

MOST_TEAMS = 12
"""More are not told apart in a picture: the smallest are put together."""
OTHERS, UNNAMED, EVERYBODY = "Others", "Not named", "All CSMs"


class Grouping(NamedTuple):
    """names: (G,). of: (n_csms,), each CSM's place among them."""

    names: tuple[str, ...]
    of: NDArray[np.int64]

    @property
    def heads(self) -> NDArray[np.int64]:
        """CSMs of each team: (G,)."""
        return np.bincount(self.of, minlength=len(self.names))

    def added(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over each team's CSMs: (n_csms, ...) -> (G, ...)."""
        sums = np.zeros((len(self.names), *values.shape[1:]))
        np.add.at(sums, self.of, values)
        return sums


def groupings(book: Book) -> dict[str, Grouping]:
    """Those that tell at least two teams apart, by what they are made of; if none does, everybody as one."""
    found = {
        "Level": grouped(book.team.level),
        "Role": grouped(book.team.role),
        "Segment": grouped(_main_segments(book)),
    }
    several = {name: grouping for name, grouping in found.items() if len(grouping.names) > 1}
    return several or {EVERYBODY: grouped((EVERYBODY,) * len(book.team))}


def grouped(labels: tuple[str, ...]) -> Grouping:
    """One team a label, in the order of the alphabet; beyond MOST_TEAMS the smallest are one, the last."""
    labels = tuple(label.strip() or UNNAMED for label in labels)
    names, counts = np.unique(np.array(labels), return_counts=True)
    if len(names) > MOST_TEAMS:
        kept = set(names[np.argsort(-counts, kind="stable")[: MOST_TEAMS - 1]].tolist()) - {OTHERS}
        labels = tuple(label if label in kept else OTHERS for label in labels)
        names = np.array([*sorted(kept), OTHERS])
    place = {str(name): number for number, name in enumerate(names)}
    return Grouping(tuple(place), np.array([place[label] for label in labels], dtype=np.int64))


def _main_segments(book: Book) -> tuple[str, ...]:
    """The segment with the most ARR of each CSM's accounts."""
    names, segment = np.unique(np.array(book.segment), return_inverse=True)
    arr = np.zeros((len(book.team), len(names)))
    np.add.at(arr, (book.csm, segment), book.arr)
    return tuple(str(names[place]) for place in arr.argmax(axis=1))

"""The tables of docs/validation.md: the one place where the figures that the tests hold are written down."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).parents[1] / "docs" / "validation.md"
NUMBER = r"(-?\d+(?:\.\d+)?)"


class Figure(NamedTuple):
    """One row; fractions where the document says %."""

    name: str
    found: float
    low: float
    high: float
    test: str


def figures() -> list[Figure]:
    """All rows of all tables."""
    rows = []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 5 or (bounds := re.fullmatch(rf"{NUMBER} to {NUMBER}( %)?", cells[3])) is None:
            continue
        unit = 0.01 if bounds[3] else 1.0
        found = float(cells[2].removesuffix(" %"))
        rows.append(Figure(cells[0], unit * found, unit * float(bounds[1]), unit * float(bounds[2]), cells[4]))
    return rows


def is_held(name: str, value: float) -> bool:
    """Whether a result lies within what the document says of it."""
    (figure,) = [each for each in figures() if each.name == name]
    return figure.low <= value <= figure.high

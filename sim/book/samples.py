"""The invented books that come with the simulator."""

from __future__ import annotations

from pathlib import Path

from sim.book.history import History, read_history
from sim.book.read import read_book
from sim.book.risk.outcomes import Outcomes, read_outcomes
from sim.book.schema import Book
from sim.problems import InputError, Problem

SAMPLE_DATA = Path(__file__).resolve().parents[2] / "sample_data"

SAMPLES: dict[str, str] = {
    "startup": "Start-up: 150 accounts, 4 CSMs",
    "midmarket": "Mid-market: 500 accounts, 20 CSMs",
    "enterprise": "Enterprise: 2,000 accounts, 60 CSMs",
}
"""Name of each sample book and its title."""


def load_sample(name: str) -> Book:
    """One of `SAMPLES`. Raises InputError for an unknown name."""
    folder = _folder(name)
    return read_book(folder / "accounts.csv", folder / "team.csv", name=SAMPLES[name])


def load_sample_history(name: str) -> History:
    """The past two years of one of `SAMPLES`. Raises InputError for an unknown name."""
    return read_history(_folder(name) / "history.csv")


def load_sample_renewals(name: str) -> Outcomes:
    """Past renewals of one of `SAMPLES`. Raises InputError for an unknown name."""
    return read_outcomes(_folder(name) / "renewals.csv")


def sample_file(name: str, kind: str) -> bytes:
    """accounts, team or history of one of `SAMPLES`, as it lies there. Raises InputError for an unknown name."""
    return (_folder(name) / f"{kind}.csv").read_bytes()


def _folder(name: str) -> Path:
    if name not in SAMPLES:
        raise InputError([Problem("sample book", name, f"must be one of {', '.join(SAMPLES)}")])
    return SAMPLE_DATA / name

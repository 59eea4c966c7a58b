"""What has changed in the model, version by version: why a link of last month may show other figures today.

Newest first. Whoever changes a figure raises `MODEL_VERSION` and adds a line here; `tests/test_ledger.py` holds
figures of today's version to their digits, so that neither is forgotten.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Change(NamedTuple):
    """version: the first with it. what: in words for people who use the figures. moves: which figures, and how far."""

    version: str
    since: date
    what: str
    moves: str


CHANGES: tuple[Change, ...] = (
    Change(
        "1.2",
        date(2026, 11, 28),
        "NPS is as noisy as the answers to it are few, by CSM, instead of the same for everybody; the setting for its "
        "noise is what comes on top of that. Four more measures, and training that moves later renewals",
        "Pay on NPS: more luck where a CSM has few accounts. Other plans keep their figures to the bit",
    ),
    Change(
        "1.1",
        date(2026, 11, 22),
        "Effort is settled more finely: in four sweeps over the tasks instead of three, and where it went back and "
        "forth across a cliff, halfway",
        "Pay and retained ARR of plans with cliffs or caps; least where a plan pays on a line",
    ),
    Change("1.0", date(2026, 11, 22), "The first version", "All figures"),
)


def since(version: str) -> tuple[Change, ...] | None:
    """Changes after this version, newest first; None for a version that the ledger does not know."""
    versions = [change.version for change in CHANGES]
    return CHANGES[: versions.index(version)] if version in versions else None

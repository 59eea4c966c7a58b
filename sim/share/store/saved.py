"""A row of the table of scenarios, read as what was saved or known to be damaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, FiniteFloat, TypeAdapter
from sqlalchemy import Row

from sim.problems import InputError, Problem
from sim.share.link import Pairs
from sim.share.store.tables import scenarios

DAMAGED = (
    "was damaged or changed in the store; ask whoever runs the app for a backup from before, "
    "or delete it on the page Scenarios"
)


@dataclass(frozen=True)
class Scenario:
    """What was saved. pairs: of its link, as `read_link.decode` reads them.

    results: the figures as the command line's JSON gives them, of the team only: model_version, seed, trials,
        candidate, current, difference; and how many people it has. book_digest: of the book, unless it is a sample.
    """

    id: str
    parent_id: str | None
    author: str
    title: str
    note: str
    created_at: datetime
    model_version: str
    pairs: Pairs
    book_digest: str | None
    results: Mapping[str, Any]


@dataclass(frozen=True)
class Damaged:
    """A scenario that is not what was saved; id, title, author and created_at are what stands there now.

    number: of its row, by which it can be deleted whatever became of its id.
    """

    number: int
    id: str
    title: str
    author: str
    created_at: datetime


Figures = dict[str, dict[str, FiniteFloat | None]]


class _Results(BaseModel):
    """What is read of the results, whichever version wrote them."""

    people: int = 0
    candidate: Figures
    current: Figures
    difference: Figures


_RESULTS = TypeAdapter(_Results)


def read_row(row: Row[Any]) -> Scenario:
    """Raises InputError when the row is not what was saved."""
    values = row._asdict()
    results = _results(row.results)
    if results is None or seal(values) != values["checksum"]:
        raise InputError([Problem(f"scenario {row.id}", "", DAMAGED)])
    return Scenario(
        id=row.id,
        parent_id=row.parent_id,
        author=row.author,
        title=row.title,
        note=row.note,
        created_at=row.created_at,
        model_version=row.model_version,
        pairs=tuple(parse_qsl(row.query, keep_blank_values=True)),
        book_digest=row.book_digest,
        results=results,
    )


def read_or_damaged(row: Row[Any]) -> Scenario | Damaged:
    """Never raises."""
    try:
        return read_row(row)
    except InputError:
        return Damaged(row.sequence, str(row.id), str(row.title), str(row.author), row.created_at)


def _results(text: str) -> Mapping[str, Any] | None:
    """None when they are no figures of two plans and their difference."""
    try:
        results: Mapping[str, Any] = json.loads(text)
        _RESULTS.validate_python(results)
    except (ValueError, TypeError, RecursionError):
        return None
    return results


def seal(values: Mapping[str, Any]) -> str:
    """SHA-256 of all that is saved: a database checks the form of what it holds, not every bit."""
    said = [str(values[name]) for name in sorted(_SEALED)]
    return hashlib.sha256(json.dumps([*said, values["created_at"].isoformat()]).encode()).hexdigest()


_SEALED = {column.name for column in scenarios.columns} - {"sequence", "checksum", "created_at"}

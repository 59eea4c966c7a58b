"""What was decided and why, with the figures that it was based on. Entries are added and never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from sim.decide.headline import Headline
from sim.engine.run import MODEL_VERSION
from sim.problems import InputError, Problem
from sim.share.store.audit import record
from sim.share.store.ids import new_id
from sim.share.store.scenarios import exists
from sim.share.store.store import Member, Store, reading, writing
from sim.share.store.tables import decisions as table
from sim.share.store.tables import now
from sim.share.store.texts import complaints

LONGEST_TITLE = 200
LONGEST_TEXT = 4_000
MOST_DECISIONS = 10_000
"""Of one organisation."""


@dataclass(frozen=True)
class Figure:
    """As it was shown when the decision was made: values written out, and the range of 90 % of the differences."""

    label: str
    candidate: str
    current: str
    change: str
    spread: str


@dataclass(frozen=True)
class Decision:
    """scenario_id: of the saved scenario that it was made on, if there was one. model_version: of the figures."""

    id: str
    author: str
    title: str
    text: str
    created_at: datetime
    scenario_id: str | None
    model_version: str
    figures: tuple[Figure, ...]


def decide(
    store: Store,
    member: Member,
    *,
    title: str,
    text: str,
    figures: Sequence[Headline],
    scenario_id: str | None = None,
    book_digest: str | None = None,
) -> str:
    """Adds a decision and returns its id.

    figures: those of the whole team on the screen. book_digest: of the book that they are of, unless it is a sample:
    deleting that book deletes them. Raises InputError with every problem; nothing is kept then.
    """
    problems = complaints("title", title, LONGEST_TITLE, required=True)
    problems += complaints("decision", text, LONGEST_TEXT, required=True)
    if problems:
        raise InputError(problems)
    kept = [[one.label, one.candidate, one.current, one.change, one.spread] for one in figures]
    values = {
        "id": new_id(),
        "organisation": member.organisation,
        "author": member.name,
        "title": title,
        "text": text,
        "created_at": now(),
        "scenario_id": scenario_id,
        "book_digest": book_digest,
        "model_version": MODEL_VERSION,
        "figures": json.dumps(kept),
    }
    with writing(store) as connection:
        if scenario_id is not None:
            exists(connection, member, scenario_id)
        count = select(func.count()).select_from(table).where(table.c.organisation == member.organisation)
        if connection.execute(count).scalar_one() >= MOST_DECISIONS:
            raise InputError([Problem("decision", "", f"is one too many: the log holds {MOST_DECISIONS:,}")])
        connection.execute(insert(table).values(**values))
        record(connection, member, "decided", str(values["id"]))
    return str(values["id"])


def decisions(store: Store, member: Member, most: int = 200) -> list[Decision]:
    """The organisation's log, the latest first. Raises InputError."""
    asked = select(table).where(table.c.organisation == member.organisation)
    with reading(store) as connection:
        rows = connection.execute(asked.order_by(table.c.sequence.desc()).limit(most)).all()
    return [
        Decision(
            row.id,
            row.author,
            row.title,
            row.text,
            row.created_at,
            row.scenario_id,
            row.model_version,
            _figures(row.figures),
        )
        for row in rows
    ]


def _figures(text: str) -> tuple[Figure, ...]:
    """A sentence in their place when they were damaged: the words of a decision stay readable without them."""
    try:
        return tuple(Figure(*map(str, figure)) for figure in json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return (Figure("its figures were damaged in the store", "none", "none", "none", "none"),)

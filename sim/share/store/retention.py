"""How long things are kept: what nobody has touched for a while goes, as the audit trail knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, select

from sim.problems import InputError, Problem
from sim.share.store.audit import record
from sim.share.store.store import Member, Store, erasing
from sim.share.store.tables import audit, books, decisions, drafts, now, scenarios

MOST_DAYS = 36_500
_WHO = "retention period"


@dataclass(frozen=True)
class Expired:
    """How many were deleted."""

    scenarios: int
    books: int
    decisions: int
    drafts: int


def expire(store: Store, days: int) -> Expired:
    """Deletes, of all organisations, scenarios that nobody has saved, opened, shared or commented on for so many days,
    with their links and comments, decisions and drafts as old, and then books that nobody has used and no scenario that
    is left is made from.

    Raises InputError.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InputError([Problem("days", str(days), f"must be from 1 to {MOST_DAYS:,}")])
    since = now() - timedelta(days=days)
    with erasing(store) as connection:
        old, old_decisions = (_drop_idle(connection, table, since) for table in (scenarios, decisions))
        old_drafts = connection.execute(delete(drafts).where(drafts.c.changed_at < since)).rowcount
        made_from = select(scenarios.c.id).where(
            scenarios.c.organisation == books.c.organisation, scenarios.c.book_digest == books.c.digest
        )
        unused = ~_touched(books.c.organisation, books.c.digest, since) & ~made_from.exists()
        old_books = connection.execute(select(books.c.organisation, books.c.digest).where(unused)).all()
        connection.execute(delete(books).where(unused))
        _say(connection, old_books)
    return Expired(old, len(old_books), old_decisions, old_drafts)


def _drop_idle(connection: Connection, table: Table, since: datetime) -> int:
    """How many there were that nobody has touched."""
    idle = ~_touched(table.c.organisation, table.c.id, since)
    old = connection.execute(select(table.c.organisation, table.c.id).where(idle)).all()
    connection.execute(delete(table).where(idle))
    _say(connection, old)
    return len(old)


def _touched(organisation: ColumnElement[str], what: ColumnElement[str], since: datetime) -> ColumnElement[bool]:
    recent = select(audit.c.sequence).where(audit.c.at >= since)
    return recent.where(audit.c.organisation == organisation, audit.c.what == what).exists()


def _say(connection: Connection, gone: Sequence[Row[str, str]]) -> None:
    for organisation, what in gone:
        record(connection, Member(organisation, _WHO), "expired", what)

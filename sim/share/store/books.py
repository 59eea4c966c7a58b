"""Books kept under the hash of their content, with their history where there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from sim.book.history import History
from sim.book.schema import Book
from sim.problems import InputError, Problem
from sim.share.store.audit import record
from sim.share.store.packed_book import pack_book, pack_history, unpack_book, unpack_history
from sim.share.store.store import Member, Store, erasing, reading, writing
from sim.share.store.tables import audit, books, decisions, drafts, now, scenarios

MOST_BOOKS = 200
MOST_BYTES = 5_000_000_000
"""Of one organisation."""
MOST_BYTES_EACH = 500_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Kept:
    """A book as it was kept, and its history where there was one."""

    book: Book
    history: History | None


@dataclass(frozen=True)
class Listed:
    """A book of the list. name: what its file was called. last_used_at: as the audit trail knows."""

    digest: str
    name: str
    has_history: bool
    created_at: datetime
    last_used_at: datetime


def keep_book(store: Store, member: Member, book: Book, history: History | None = None) -> str:
    """Keeps a book and returns its hash. One that is there already stays; a history that comes with it replaces its.

    Raises InputError when the organisation has as many books as it may have.
    """
    packed = pack_book(book)
    events = None if history is None else pack_history(history)
    if len(packed) + len(events or b"") > MOST_BYTES_EACH:
        raise InputError([Problem("book", "", f"is too large to keep: at most {MOST_BYTES_EACH / 1e6:.0f} MB, packed")])
    values = {"history": events, "history_digest": None if history is None else history.digest}
    with writing(store) as connection:
        if not _is_there(connection, member, book.digest):
            _check_room(connection, member)
            owned = {"organisation": member.organisation, "digest": book.digest, "name": book.name}
            connection.execute(insert(books).values(**owned, **values, book=packed, created_at=now()))
        elif history is not None:
            connection.execute(update(books).where(_of(member, book.digest)).values(**values))
        record(connection, member, "saved", book.digest)
    return book.digest


def kept_book(store: Store, member: Member, digest: str) -> Kept:
    """The book under this hash. Raises InputError when the organisation has none, or it was damaged."""
    if not _DIGEST.fullmatch(digest):
        raise InputError([Problem("kept book", digest, "must be the 64 hexadecimal digits of its hash")])
    with writing(store) as connection:
        row = connection.execute(select(books).where(_of(member, digest))).one_or_none()
        if row is None:
            raise InputError([Problem("kept book", digest, "is not in the store; import its files again")])
        record(connection, member, "opened", digest)
    book = unpack_book(row.book, digest)
    history = None if row.history is None else unpack_history(row.history, row.history_digest)
    if book is None or (history is None) != (row.history is None):
        raise InputError([Problem("kept book", digest, "was damaged or changed; import its files again")])
    return Kept(book, history)


def list_books(store: Store, member: Member) -> list[Listed]:
    """The organisation's books, the latest kept first. Raises InputError."""
    used = select(func.max(audit.c.at)).where(audit.c.organisation == member.organisation)
    last = used.where(audit.c.what == books.c.digest).scalar_subquery()
    asked = select(books.c.digest, books.c.name, books.c.history_digest.is_not(None), books.c.created_at, last)
    with reading(store) as connection:
        mine = asked.where(books.c.organisation == member.organisation).order_by(books.c.sequence.desc())
        return [Listed(*row) for row in connection.execute(mine)]


def delete_book(store: Store, member: Member, digest: str) -> None:
    """Deletes a book with everything that was made from it: scenarios, their results, links and comments, decisions,
    drafts.

    The audit trail keeps that they were there. These are deleted also where the book itself was never kept.
    Raises InputError when there is nothing to delete.
    """
    with erasing(store) as connection:
        ids: list[str] = []
        for table in (scenarios, decisions):
            derived = [table.c.organisation == member.organisation, table.c.book_digest == digest]
            ids += connection.execute(select(table.c.id).where(*derived)).scalars().all()
            connection.execute(delete(table).where(*derived))
        about_it = (drafts.c.organisation == member.organisation, drafts.c.book_digest == digest)
        left = connection.execute(delete(drafts).where(*about_it)).rowcount
        gone = connection.execute(delete(books).where(_of(member, digest))).rowcount
        if not gone and not ids and not left:
            raise InputError([Problem("kept book", digest, "is not in the store, nor is anything made from it")])
        for what in (digest, *ids):
            record(connection, member, "deleted", what)


def _of(member: Member, digest: str) -> ColumnElement[bool]:
    return and_(books.c.organisation == member.organisation, books.c.digest == digest)


def _is_there(connection: Connection, member: Member, digest: str) -> bool:
    return connection.execute(select(books.c.sequence).where(_of(member, digest))).one_or_none() is not None


def _check_room(connection: Connection, member: Member) -> None:
    size = func.coalesce(func.sum(func.length(books.c.book) + func.coalesce(func.length(books.c.history), 0)), 0)
    mine = select(func.count(), size).where(books.c.organisation == member.organisation)
    count, total = connection.execute(mine).one()
    if count >= MOST_BOOKS or total > MOST_BYTES:
        rule = f"are as many as may be kept ({count}, at most {MOST_BOOKS} and {MOST_BYTES / 1e9:.0f} GB); delete some"
        raise InputError([Problem("kept books", "", rule)])

"""What a person is at work on, as it was last left: one text of each kind, replaced by the next."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, insert, select

from sim.problems import InputError, Problem
from sim.share.store.store import Member, Store, reading, writing
from sim.share.store.tables import drafts as table
from sim.share.store.tables import now

LONGEST = 500_000
"""Characters; the largest matrix has a tenth of it."""


def keep_draft(store: Store, member: Member, kind: str, content: str, book_digest: str | None = None) -> None:
    """Keeps it in the place of the one before. book_digest: of the book that it is about, and deleted with.

    Raises InputError when it is too long or the store is out of reach.
    """
    if len(content) > LONGEST:
        raise InputError([Problem(kind, "", f"is too long to keep: at most {LONGEST:,} characters")])
    owner = {"organisation": member.organisation, "author": member.name}
    values = {**owner, "kind": kind, "content": content, "book_digest": book_digest, "changed_at": now()}
    with writing(store) as connection:
        connection.execute(delete(table).where(_of(member, kind)))
        connection.execute(insert(table).values(**values))


def draft(store: Store, member: Member, kind: str) -> str | None:
    """As it was left, if anything was. Raises InputError when the store is out of reach."""
    with reading(store) as connection:
        found: str | None = connection.execute(select(table.c.content).where(_of(member, kind))).scalar_one_or_none()
        return found


def _of(member: Member, kind: str) -> ColumnElement[bool]:
    return and_(table.c.organisation == member.organisation, table.c.author == member.name, table.c.kind == kind)

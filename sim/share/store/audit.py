"""Who saved, shared, opened, exported or deleted what, and when: identifiers only, never names of customers or pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Connection, insert, select

from sim.share.audience import Audience
from sim.share.store.store import Member, Store, reading, writing
from sim.share.store.tables import audit, now

Action = Literal[
    "saved",
    "shared",
    "opened",
    "commented",
    "comment deleted",
    "decided",
    "exported",
    "revoked",
    "deleted",
    "expired",
]


@dataclass(frozen=True)
class Entry:
    """One line of the trail. what: the id of a scenario or decision, or a book's hash; of the scenario where a comment
    was made or deleted. audience: of the link used or made."""

    at: datetime
    who: str
    action: Action
    what: str
    audience: Audience | None


def record(connection: Connection, member: Member, action: Action, what: str, audience: Audience | None = None) -> None:
    """A line of the trail, in the transaction of what it tells: either both are there or neither."""
    values = {"at": now(), "organisation": member.organisation, "who": member.name, "action": action, "what": what}
    connection.execute(insert(audit).values(**values, audience=audience))


def exported(store: Store, member: Member, what: str, audience: Audience) -> None:
    """Says that somebody took the figures of a scenario, or a book, away in a file. Raises InputError."""
    with writing(store) as connection:
        record(connection, member, "exported", what, audience)


def trail(store: Store, member: Member, what: str | None = None, most: int = 1_000) -> list[Entry]:
    """The organisation's entries, the latest first. what: of one scenario or book only. Raises InputError."""
    asked = select(audit).where(audit.c.organisation == member.organisation)
    if what is not None:
        asked = asked.where(audit.c.what == what)
    with reading(store) as connection:
        rows = connection.execute(asked.order_by(audit.c.sequence.desc()).limit(most)).all()
    return [Entry(row.at, row.who, row.action, row.what, cast("Audience | None", row.audience)) for row in rows]

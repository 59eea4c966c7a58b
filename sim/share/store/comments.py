"""What people say of a scenario: a vote, a text, or both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import delete, func, insert, select

from sim.problems import InputError, Problem
from sim.share.store.audit import record
from sim.share.store.scenarios import exists
from sim.share.store.store import Member, Store, erasing, reading, writing
from sim.share.store.tables import comments as table
from sim.share.store.tables import now
from sim.share.store.texts import complaints

Stance = Literal["prefer", "concern", "none"]
STANCES: tuple[Stance, ...] = get_args(Stance)
LONGEST_COMMENT = 2_000
MOST_COMMENTS = 1_000
"""On one scenario."""


@dataclass(frozen=True)
class Comment:
    """number: by which it can be deleted. text: may be empty when there is a stance."""

    number: int
    author: str
    stance: Stance
    text: str
    created_at: datetime


def comment(store: Store, member: Member, scenario_id: str, stance: Stance, text: str = "") -> None:
    """Keeps what the member says. Raises InputError with every problem; nothing is kept then."""
    problems = complaints("comment", text, LONGEST_COMMENT, required=stance == "none")
    if stance not in STANCES:
        problems.append(Problem("comment", str(stance), f"must be one of {', '.join(STANCES)}"))
    if problems:
        raise InputError(problems)
    values = {"scenario_id": scenario_id, "author": member.name, "stance": stance, "text": text, "created_at": now()}
    with writing(store) as connection:
        exists(connection, member, scenario_id)
        count = select(func.count()).select_from(table).where(table.c.scenario_id == scenario_id)
        if connection.execute(count).scalar_one() >= MOST_COMMENTS:
            raise InputError([Problem("comment", "", f"is one too many: a scenario has at most {MOST_COMMENTS:,}")])
        connection.execute(insert(table).values(**values))
        record(connection, member, "commented", scenario_id)


def comments(store: Store, member: Member, scenario_id: str) -> list[Comment]:
    """In the order in which they were made. Raises InputError."""
    with reading(store) as connection:
        exists(connection, member, scenario_id)
        asked = select(table).where(table.c.scenario_id == scenario_id).order_by(table.c.sequence)
        rows = connection.execute(asked).all()
    return [
        Comment(
            row.sequence,
            row.author,
            cast("Stance", row.stance) if row.stance in STANCES else "none",  # a damaged one is no vote
            str(row.text),
            row.created_at,
        )
        for row in rows
    ]


def delete_comment(store: Store, member: Member, scenario_id: str, number: int, *, of_anybody: bool = False) -> None:
    """Deletes one comment for good; the trail keeps who did, and on which scenario. of_anybody: for owners; others
    delete their own only. Raises InputError when it is not there, or somebody else's; nothing is changed then."""
    asked = select(table).where(table.c.sequence == number, table.c.scenario_id == scenario_id)
    with erasing(store) as connection:
        exists(connection, member, scenario_id)
        row = connection.execute(asked).one_or_none()
        if row is None:
            raise InputError([Problem("comment", "", "is not there: it was deleted already")])
        if row.author != member.name and not of_anybody:
            raise InputError([Problem("comment", "", "is somebody else's: its author or an owner can delete it")])
        connection.execute(delete(table).where(table.c.sequence == number))
        record(connection, member, "comment deleted", scenario_id)

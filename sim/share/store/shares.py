"""Links to scenarios: each for an audience, under a token of its own that says nothing of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import insert, select, update

from sim.problems import InputError, Problem
from sim.share.audience import AUDIENCES, Audience
from sim.share.store.audit import record
from sim.share.store.ids import is_id, key_of, new_id
from sim.share.store.saved import Scenario
from sim.share.store.scenarios import exists, find
from sim.share.store.store import Member, Store, reading, writing
from sim.share.store.tables import now, scenarios, shares

_NO_SUCH_LINK = "opens nothing here: it was withdrawn or deleted, or is for another organisation; ask who sent it"


@dataclass(frozen=True)
class Shared:
    """What a link opens, and how much of it may be shown."""

    scenario: Scenario
    audience: Audience


@dataclass(frozen=True)
class Share:
    """A link that was made. key: to revoke it by; the token itself is not kept, and shown only when it is made."""

    key: str
    audience: Audience
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


def share(store: Store, member: Member, scenario_id: str, audience: Audience) -> str:
    """A token that opens the scenario for that audience, within the organisation. Raises InputError."""
    if audience not in AUDIENCES:
        raise InputError([Problem("audience", str(audience), f"must be one of {', '.join(AUDIENCES)}")])
    token = new_id()
    values = {"key": key_of(token), "scenario_id": scenario_id, "audience": audience, "created_by": member.name}
    with writing(store) as connection:
        exists(connection, member, scenario_id)
        connection.execute(insert(shares).values(**values, created_at=now()))
        record(connection, member, "shared", scenario_id, audience)
    return token


def open_share(store: Store, member: Member, token: str) -> Shared:
    """The scenario behind a link. Raises InputError, with the same words whether it was revoked, deleted, never there
    or made in another organisation."""
    nothing = InputError([Problem("link", "", _NO_SUCH_LINK)])
    if not is_id(token):
        raise nothing
    asked = select(shares).where(shares.c.key == key_of(token), shares.c.revoked_at.is_(None)).join(scenarios)
    with writing(store) as connection:
        row = connection.execute(asked.where(scenarios.c.organisation == member.organisation)).one_or_none()
        if row is None:
            raise nothing
        audience = cast("Audience", row.audience)
        found = Shared(find(connection, member, row.scenario_id), audience)
        record(connection, member, "opened", row.scenario_id, audience)
    return found


def opens(store: Store, member: Member, token: str) -> bool:
    """Whether the link still opens something here; nothing is noted. Raises InputError when the store is away."""
    asked = select(shares.c.key).where(shares.c.key == key_of(token), shares.c.revoked_at.is_(None)).join(scenarios)
    with reading(store) as connection:
        found = connection.execute(asked.where(scenarios.c.organisation == member.organisation)).first()
    return found is not None


def list_shares(store: Store, member: Member, scenario_id: str) -> list[Share]:
    """The links to a scenario, the latest first. Raises InputError."""
    with reading(store) as connection:
        exists(connection, member, scenario_id)
        asked = select(shares).where(shares.c.scenario_id == scenario_id).order_by(shares.c.sequence.desc())
        rows = connection.execute(asked).all()
    return [
        Share(row.key, cast("Audience", row.audience), row.created_at, row.created_by, row.revoked_at) for row in rows
    ]


def revoke(store: Store, member: Member, key: str) -> None:
    """The link opens nothing from now on; once more does no harm. Raises InputError when there is no such link."""
    with writing(store) as connection:
        asked = select(shares).join(scenarios).where(shares.c.key == key)
        row = connection.execute(asked.where(scenarios.c.organisation == member.organisation)).one_or_none()
        if row is None:
            raise InputError([Problem("link", "", "is not there; look at the list of links again")])
        if row.revoked_at is None:
            connection.execute(update(shares).where(shares.c.key == key).values(revoked_at=now()))
            record(connection, member, "revoked", row.scenario_id, cast("Audience", row.audience))

"""Scenarios: saved once and never changed; an edit is a new one that names its parent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from sim.problems import InputError, Problem
from sim.share.link import LONGEST, Pairs, to_query
from sim.share.store.audit import record
from sim.share.store.ids import is_id, new_id
from sim.share.store.saved import Damaged, Scenario, read_or_damaged, read_row, seal
from sim.share.store.store import Member, Store, erasing, reading, writing
from sim.share.store.tables import now, scenarios
from sim.share.store.texts import complaints

LONGEST_TITLE = 200
LONGEST_NOTE = 4_000
LONGEST_LINE = 100
"""Ancestors of a scenario that are looked up."""
_PLANS = ("candidate", "current", "difference")
_NOT_THERE = "is not there: it was deleted, or belongs to somebody else; ask whoever sent it"


def save_scenario(
    store: Store,
    member: Member,
    *,
    title: str,
    pairs: Pairs,
    report: Mapping[str, Any],
    note: str = "",
    book_digest: str | None = None,
    parent_id: str | None = None,
) -> str:
    """Saves a scenario and returns its id.

    pairs: of the link, as `encode` gives them. report: as `comparison` gives it; what it says of single CSMs is not
    saved. Raises InputError with every problem; nothing is saved then.
    """
    query = to_query(pairs)
    problems = complaints("title", title, LONGEST_TITLE, required=True)
    problems += complaints("note", note, LONGEST_NOTE)
    if len(query) > LONGEST:
        problems.append(Problem("scenario", "", "does not fit into a link: pass its plans on as files"))
    if problems:
        raise InputError(problems)
    values = {
        "id": new_id(),
        "parent_id": parent_id,
        "organisation": member.organisation,
        "author": member.name,
        "title": title,
        "note": note,
        "created_at": now(),
        "model_version": str(report["model_version"]),
        "query": query,
        "book_digest": book_digest,
        "results": json.dumps(_of_the_team(report), allow_nan=False),
    }
    with writing(store) as connection:
        if parent_id is not None:
            exists(connection, member, parent_id)
        connection.execute(insert(scenarios).values(**values, checksum=seal(values)))
        record(connection, member, "saved", str(values["id"]))
    return str(values["id"])


def open_scenario(store: Store, member: Member, scenario_id: str) -> Scenario:
    """A scenario of the member's own organisation. Raises InputError when there is none, or it was damaged."""
    with writing(store) as connection:
        found = find(connection, member, scenario_id)
        record(connection, member, "opened", scenario_id)
    return found


def list_scenarios(store: Store, member: Member, most: int = 200) -> list[Scenario]:
    """The organisation's scenarios, the latest first, but for damaged ones. Raises InputError."""
    return [row for row in look_through(store, member, most) if isinstance(row, Scenario)]


def look_through(store: Store, member: Member, most: int = 200) -> list[Scenario | Damaged]:
    """The organisation's scenarios, the latest first, and what is left of those that are damaged. Raises InputError."""
    asked = select(scenarios).where(scenarios.c.organisation == member.organisation)
    with reading(store) as connection:
        rows = connection.execute(asked.order_by(scenarios.c.sequence.desc()).limit(most)).all()
    return [read_or_damaged(row) for row in rows]


def lineage(store: Store, member: Member, scenario_id: str) -> list[Scenario]:
    """The scenario, its parent, the parent's parent and so on, up to one that was deleted, is damaged or has none."""
    with reading(store) as connection:
        line = [find(connection, member, scenario_id)]
        while line[-1].parent_id is not None and len(line) < LONGEST_LINE:
            row = _row(connection, member, line[-1].parent_id)
            parent = None if row is None else read_or_damaged(row)
            if not isinstance(parent, Scenario):
                break
            line.append(parent)
    return line


def delete_scenario(store: Store, member: Member, scenario_id: str) -> None:
    """Deletes a scenario with its links and comments; the audit trail keeps that there was one. Raises InputError."""
    with erasing(store) as connection:
        exists(connection, member, scenario_id)
        connection.execute(delete(scenarios).where(scenarios.c.id == scenario_id))
        record(connection, member, "deleted", scenario_id)


def delete_damaged(store: Store, member: Member, number: int) -> None:
    """Deletes what is left of a damaged scenario, with its links and comments. Raises InputError when it is not there,
    or not damaged."""
    asked = select(scenarios).where(scenarios.c.sequence == number, scenarios.c.organisation == member.organisation)
    with erasing(store) as connection:
        row = connection.execute(asked).one_or_none()
        if row is None or not isinstance(read_or_damaged(row), Damaged):
            raise InputError([Problem("scenario", "", _NOT_THERE)])
        connection.execute(delete(scenarios).where(scenarios.c.sequence == number))
        record(connection, member, "deleted", str(row.id))


def find(connection: Connection, member: Member, scenario_id: str) -> Scenario:
    """Within a transaction. Raises InputError."""
    return read_row(exists(connection, member, scenario_id))


def exists(connection: Connection, member: Member, scenario_id: str) -> Row[Any]:
    """Its row, within a transaction. Raises InputError when the organisation has no such scenario."""
    row = _row(connection, member, scenario_id)
    if row is None:
        raise InputError([Problem("scenario", "", _NOT_THERE)])
    return row


def _row(connection: Connection, member: Member, scenario_id: str) -> Row[Any] | None:
    if not is_id(scenario_id):
        return None
    asked = select(scenarios).where(scenarios.c.id == scenario_id, scenarios.c.organisation == member.organisation)
    return connection.execute(asked).one_or_none()


def _of_the_team(report: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the whole team and nothing else, whatever else the report has."""
    head = {"model_version": str(report["model_version"]), "seed": int(report["seed"]), "trials": int(report["trials"])}
    head["people"] = len(report["csms"])
    return head | {
        plan: {
            metric: {name: None if value is None else float(value) for name, value in summary.items()}
            for metric, summary in report[plan].items()
        }
        for plan in _PLANS
    }

"""Queries against real databases: SQLite, and a PostgreSQL server that runs for these tests; read-only both."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
from postgres_server import postgres_server

from sim.book.intake.database import read_query
from sim.book.intake.gather import Matched, gather
from sim.book.intake.mapping import propose
from sim.problems import InputError

COLUMNS = "account_id text, csm_id text, arr numeric(12, 2), renewal_date date, health_score double precision"
ONLY = "is not a query that only reads|would change the database; only reading is allowed"
ROWS = [("A1", "C1", 1200.5, "2026-03-31", 75.0), ("A2", "C2", 2400, "2026-05-31", None)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a server of our own with one table."""
    with postgres_server() as server:
        with psycopg.connect(server.address) as connection:
            connection.execute(f"create table accounts ({COLUMNS})")  # type: ignore[arg-type]
            connection.execute("create sequence counter")
            for row in ROWS:
                connection.execute("insert into accounts values (%s, %s, %s, %s, %s)", row)
        yield server.address


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("sqlite") / "crm.db"
    with sqlite3.connect(path) as database:
        database.execute(f"create table accounts ({COLUMNS})")
        database.executemany("insert into accounts values (?, ?, ?, ?, ?)", ROWS)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def refused(address: str, query: str) -> str:
    with pytest.raises(InputError) as caught:
        read_query(address, query, "accounts query")
    return str(caught.value)


def test_a_query_is_a_sheet(address: str) -> None:
    sheet = read_query(address, "select * from accounts order by account_id", "accounts query")
    assert sheet.header == ("account_id", "csm_id", "arr", "renewal_date", "health_score")
    assert [row.tolist() for _, row in sheet.cells.iterrows()] == [
        ["A1", "C1", sheet.cells.loc[2, 2], "2026-03-31", "75"],
        ["A2", "C2", sheet.cells.loc[3, 2], "2026-05-31", ""],
    ]
    result = gather([Matched(sheet, propose(sheet, "accounts").mapping)], ote=100_000).result
    assert result.book is not None
    assert result.book.arr.tolist() == [1200.5]
    assert result.bad[0].rule == "or health_score must be given"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("delete from accounts", ONLY),
        ("drop table accounts", ONLY),
        ("create table x (y int)", ONLY),
        ("select * from nowhere", "names a table that is not there"),
        ("select missing from accounts", "names a column that is not there"),
        ("selec", ONLY),
        ("select * from accounts where 1 = 0", "has a header but no rows"),
    ],
)
def test_a_query_that_cannot_be_used_gets_a_sentence_and_changes_nothing(address: str, query: str, said: str) -> None:
    assert re.match(f"accounts query: ({said})", refused(address, query))
    assert len(read_query(address, "select * from accounts", "q")) == 2


def test_a_select_that_writes_on_the_way_is_refused_by_the_server(postgres: str) -> None:
    assert "would change the database; only reading is allowed" in refused(postgres, "select nextval('counter')")
    gone = "with gone as (delete from accounts returning *) select * from gone"
    assert "is not a query that only reads" in refused(postgres, gone)
    assert len(read_query(postgres, "select * from accounts", "q")) == 2


def test_the_rows_of_a_query_are_bounded(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.book.intake.database.MAX_ROWS", 1)
    assert "must have at most" in refused(address, "select * from accounts")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "needs an address like postgresql://user:password@host/database"),
        ("mysql://u:s3cret@localhost/x", "must be a SQLite or PostgreSQL database"),
        ("sqlite://", "needs an address like sqlite:///folder/file.db"),
        ("sqlite:////nowhere/at/all.db", "could not be read; check address, user, password and query"),
        ("postgresql://u:s3cret@127.0.0.1:1/x", "could not be read; check address, user, password and query"),
    ],
)
def test_an_address_that_leads_nowhere_gets_a_sentence_without_its_password(address: str, said: str) -> None:
    text = refused(address, "select 1")
    assert text == f"accounts query: {said}."
    assert "s3cret" not in text

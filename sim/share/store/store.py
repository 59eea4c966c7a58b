"""The store: a database at an address, brought up to today's tables, read and written in whole transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

import sim
from sim.problems import InputError, Problem
from sim.share.store.faults import explained
from sim.share.store.texts import complaints
from sim.share.store.upgrade import upgrade

VARIABLE = "CS_COMP_STORE"
"""The environment variable that names the store."""
BUSY_SECONDS = 10
"""After which a save gives up waiting for the one before it."""
LONGEST_NAME = 200
LOCAL = "local"
"""The organisation of whoever has not signed in: the people at this machine."""
_ADDRESS = "needs an address like sqlite:///folder/file.sqlite or postgresql://user:password@host/database"
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "cell_size_check = ON",
    "temp_store = MEMORY",
    "trusted_schema = OFF",
)


@dataclass(frozen=True)
class Store:
    """A database that is open. One for all sessions and threads."""

    engine: Engine


@dataclass(frozen=True)
class Member:
    """Who reads or writes, and for which organisation: nothing of another one is ever seen.

    Raises InputError when the names cannot be stored.
    """

    organisation: str
    name: str

    def __post_init__(self) -> None:
        problems = complaints("organisation", self.organisation, LONGEST_NAME, required=True)
        problems += complaints("your name", self.name, LONGEST_NAME, required=True)
        if problems:
            raise InputError(problems)


def default_url() -> str:
    """The address in the environment, or a SQLite file beside the app."""
    beside = Path(sim.__file__).resolve().parents[1] / ".store" / "simulator.sqlite"
    return os.environ.get(VARIABLE) or f"sqlite:///{beside}"


def open_store(url: str) -> Store:
    """Opens the store, makes it where there is none, and brings its tables up to date.

    url: sqlite:///path or postgresql://user:password@host/database. It is repeated in no error.
    Raises InputError when it cannot be used, also when a newer version of the simulator has written it.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise InputError([Problem("store", "", _ADDRESS)]) from None
    backend = address.get_backend_name()
    if backend not in ("sqlite", "postgresql") or not address.database or address.database == ":memory:":
        raise InputError([Problem("store", "", _ADDRESS)])
    if backend == "sqlite":
        return open_file(Path(address.database).absolute())
    return _upgraded(_postgres(address))


def close_store(store: Store) -> None:
    """Gives the connections back; an app that keeps its store open until it ends has no need to."""
    store.engine.dispose()


def open_file(path: Path) -> Store:
    """The store in a SQLite file. Raises InputError as `open_store`."""
    with explained():
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT, 0o600))  # customers and salaries: for nobody else on this machine
    return _upgraded(_sqlite(path))


def _upgraded(engine: Engine) -> Store:
    try:
        with explained():
            upgrade(engine)
    except InputError:
        engine.dispose()
        raise
    return Store(engine)


@contextmanager
def reading(store: Store) -> Iterator[Connection]:
    """One look at the store, all of it of the same moment. Raises InputError for any fault of the database."""
    with explained(), store.engine.execution_options(**_AT_ONE_MOMENT[store.engine.name]).begin() as connection:
        yield connection


@contextmanager
def writing(store: Store) -> Iterator[Connection]:
    """One change of the store: all of it is there afterwards, or nothing."""
    with explained(), store.engine.begin() as connection:
        yield connection


@contextmanager
def erasing(store: Store) -> Iterator[Connection]:
    """A change that deletes for good: what SQLite has deleted does not stay behind in its log either.

    A PostgreSQL server clears the space at its next VACUUM, and its own log as it was set up to.
    """
    with writing(store) as connection:
        yield connection
    if store.engine.name == "sqlite":
        with explained(), closing(store.engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


_AT_ONE_MOMENT: dict[str, dict[str, Any]] = {
    "sqlite": {"begin": "BEGIN"},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def _postgres(address: URL) -> Engine:
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,  # a server that was restarted in between is not noticed
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": BUSY_SECONDS, "options": f"-c lock_timeout={BUSY_SECONDS}s"},
        hide_parameters=True,
    )


def _sqlite(path: Path) -> Engine:
    """A connection for each transaction: a file that was moved away, or put back, is noticed at once."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        # One damaged text is a text with a mark in it, and not the end of the query that comes across it.
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Whoever will write says so at the start: two that both read first would block each other.
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))

    return engine

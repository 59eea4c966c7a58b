"""A table out of a SQL database, by a query and without a way to change anything there."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import URL, CursorResult, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from sim.book.intake.sheet import MAX_COLUMNS, MAX_ROWS, Progress, Sheet, in_silence, make_sheet, too_many_rows
from sim.problems import InputError, Problem

SECONDS = 120
"""After which PostgreSQL gives up a query."""
_ONLY_SELECT = "is not a query that only reads; write a SELECT that the database understands"
_BATCH = 50_000


def read_query(url: str, query: str, name: str, progress: Progress = in_silence) -> Sheet:
    """The rows of a query, read-only. name: how errors call it.

    url: sqlite:///path or postgresql://user:password@host/database. It is repeated in no error.
    Raises InputError when the address, the query or its result cannot be used.
    """
    engine = _engine(url, name)
    try:
        with engine.connect() as connection:
            streamed = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
            with closing(streamed.execute(text(query))) as result:
                header, parts = _fetched(result, name, progress)
    except SQLAlchemyError as error:
        raise InputError([_refused(error, name)]) from None
    finally:
        engine.dispose()
    if not parts:
        raise InputError([Problem(name, "", "has a header but no rows; add one row for each record")])
    cells = pd.concat(parts, ignore_index=True)
    cells.index = cells.index + 2
    return make_sheet(name, header, 1, cells)


def _fetched(result: CursorResult[Any], name: str, progress: Progress) -> tuple[list[str], list[pd.DataFrame]]:
    """Header and rows as text cells, never more than there may be."""
    if not result.returns_rows:
        raise InputError([Problem(name, "", _ONLY_SELECT)])
    header = list(map(str, result.keys()))
    if len(header) > MAX_COLUMNS:
        raise InputError([Problem(name, "", f"must have at most {MAX_COLUMNS} columns; select fewer")])
    parts: list[pd.DataFrame] = []
    rows = 0
    while batch := result.fetchmany(_BATCH):
        rows += len(batch)
        if rows > MAX_ROWS:
            raise InputError([too_many_rows(name)])
        parts.append(pd.DataFrame([[_cell(cell) for cell in row] for row in batch], dtype="str"))
        progress(min(rows / MAX_ROWS, 0.95), f"Reading {name}: {rows:,} rows")
    return header, parts


def _engine(url: str, name: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise InputError(
            [Problem(name, "", "needs an address like postgresql://user:password@host/database")]
        ) from None
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, name)
    if address.get_backend_name() == "postgresql":
        # The server itself refuses to change anything in such a session.
        settings = f"-c default_transaction_read_only=on -c statement_timeout={1000 * SECONDS}"
        return create_engine(
            address.set(drivername="postgresql+psycopg"), connect_args={"options": settings, "connect_timeout": 10}
        )
    raise InputError([Problem(name, "", "must be a SQLite or PostgreSQL database")])


def _sqlite(address: URL, name: str) -> Engine:
    if not address.database or address.database == ":memory:":
        raise InputError([Problem(name, "", "needs an address like sqlite:///folder/file.db")])
    engine = create_engine(
        URL.create("sqlite", database=f"file:{address.database}", query={"mode": "ro", "uri": "true"})
    )

    @event.listens_for(engine, "connect")
    def only_read(connection: Any, _: object) -> None:
        # Also for databases that the query might attach.
        connection.execute("PRAGMA query_only = ON")

    return engine


def _cell(cell: object) -> str:
    """As it would stand in a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return "" if cell != cell else str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)


def _refused(error: SQLAlchemyError, name: str) -> Problem:
    """The kind of failure only: the driver's own words may hold the address, the password or rows."""
    kind = type(getattr(error, "orig", error)).__name__
    known = {
        "UndefinedTable": "names a table that is not there",
        "UndefinedColumn": "names a column that is not there",
        "SyntaxError": _ONLY_SELECT,
        "FeatureNotSupported": _ONLY_SELECT,
        "ReadOnlySqlTransaction": "would change the database; only reading is allowed",
        "InsufficientPrivilege": "reads what its user may not see",
        "QueryCanceled": f"took longer than {SECONDS} seconds; select less",
    }
    message = str(getattr(error, "orig", ""))
    if kind == "OperationalError" and "readonly" in message:
        kind = "ReadOnlySqlTransaction"
    elif kind == "OperationalError" and message.startswith("no such"):
        kind = "UndefinedTable" if "table" in message else "UndefinedColumn"
    elif kind == "OperationalError" and "syntax error" in message:
        kind = "SyntaxError"
    return Problem(name, "", known.get(kind, "could not be read; check address, user, password and query"))

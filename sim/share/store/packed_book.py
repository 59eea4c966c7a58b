"""A book and its history as Parquet, and back: what is read is what was written, to the last bit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.book.history import History
from sim.book.intake.sheet import MAX_ROWS
from sim.book.schema import Book, Team

_APART = ("name", "as_of", "team")
_UNREADABLE = (pa.ArrowException, OSError, KeyError, ValueError, TypeError)


def pack_book(book: Book) -> bytes:
    """One row an account; the team, which is short, in the description."""
    columns = {field.name: getattr(book, field.name) for field in fields(Book) if field.name not in _APART}
    team = pa.table({field.name: _column(getattr(book.team, field.name)) for field in fields(Team)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, team.schema) as writer:
        writer.write_table(team)
    return _written(columns, {"name": book.name, "as_of": book.as_of.isoformat(), "team": sink.getvalue().to_pybytes()})


def unpack_book(packed: bytes, digest: str) -> Book | None:
    """None when it is no book, or another one than the digest says."""
    try:
        table = _read(packed)
        described = table.schema.metadata
        team = pa.ipc.open_stream(described[b"team"]).read_all()
        book = Book(
            name=described[b"name"].decode(),
            as_of=date.fromisoformat(described[b"as_of"].decode()),
            team=Team(**_values(team)),
            **_values(table),
        )
    except _UNREADABLE:
        return None
    return book if book.digest == digest else None


def pack_history(history: History) -> bytes:
    """One row an event."""
    columns = {field.name: getattr(history, field.name) for field in fields(History) if field.name != "name"}
    return _written(columns, {"name": history.name})


def unpack_history(packed: bytes, digest: str) -> History | None:
    """None when it is no history, or another one than the digest says."""
    try:
        table = _read(packed)
        history = History(name=table.schema.metadata[b"name"].decode(), **_values(table))
    except _UNREADABLE:
        return None
    return history if history.digest == digest else None


def _written(columns: Mapping[str, object], described: Mapping[str, str | bytes]) -> bytes:
    table = pa.table({name: _column(value) for name, value in columns.items()})
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(described), sink)
    return sink.getvalue()


def _column(value: object) -> pa.Array:
    return pa.array(value, pa.string()) if isinstance(value, tuple) else pa.array(value)


def _read(packed: bytes) -> pa.Table:
    """Raises ValueError for more rows than any book has."""
    parquet = pq.ParquetFile(io.BytesIO(packed))
    if parquet.metadata.num_rows > MAX_ROWS:
        raise ValueError("too many rows")
    return parquet.read()


def _values(table: pa.Table) -> dict[str, Any]:
    return {
        name: tuple(column.to_pylist()) if pa.types.is_string(column.type) else column.to_numpy().copy()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }

"""Books kept in a folder under the hash of their content, as Parquet: what is read back is what was kept."""

from __future__ import annotations

import re
import tempfile
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.book.schema import Book, Team
from sim.problems import InputError, Problem

MOST_BOOKS = 200
MOST_BYTES = 5_000_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


def keep_book(book: Book, folder: Path) -> Path:
    """Writes the book to folder/<its digest>.parquet and returns that path; a book that is there already stays.

    Raises InputError when the folder is full or cannot be written to.
    """
    path = folder / f"{book.digest}.parquet"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            return path
        kept = list(folder.glob("*.parquet"))
        if len(kept) >= MOST_BOOKS or sum(other.stat().st_size for other in kept) > MOST_BYTES:
            rule = f"is full ({len(kept)} books, at most {MOST_BOOKS} and {MOST_BYTES / 1e9:.0f} GB); delete old ones"
            raise InputError([Problem("folder of books", "", rule)])
        # Whoever reads at the same time sees all of it or nothing.
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part:
            pq.write_table(_to_table(book), part)
        Path(part.name).replace(path)
    except OSError as error:
        raise InputError([_unusable(error)]) from None
    return path


def kept_book(digest: str, folder: Path) -> Book:
    """The book under this hash. Raises InputError when there is none, or when its content has another hash."""
    if not _DIGEST.fullmatch(digest):
        raise InputError([Problem("stored book", digest, "must be the 64 hexadecimal digits of its hash")])
    try:
        book = _from_table(pq.read_table(folder / f"{digest}.parquet", memory_map=False))
    except FileNotFoundError:
        raise InputError([Problem("stored book", digest, "is not in the folder of books")]) from None
    except OSError as error:
        raise InputError([_unusable(error)]) from None
    except (pa.ArrowException, KeyError, ValueError, TypeError):
        book = None
    if book is None or book.digest != digest:
        raise InputError([Problem("stored book", digest, "was damaged or changed; import the files again")])
    return book


def forget_book(digest: str, folder: Path) -> None:
    """Deletes a book; nothing happens when it is not there."""
    if _DIGEST.fullmatch(digest):
        (folder / f"{digest}.parquet").unlink(missing_ok=True)


def _unusable(error: OSError) -> Problem:
    return Problem("folder of books", "", f"cannot be used: {(error.strerror or 'unknown reason').lower()}")


def _to_table(book: Book) -> pa.Table:
    """One row an account; the team, which is short, in the description."""
    columns = {field.name: getattr(book, field.name) for field in fields(Book) if field.name not in _APART}
    team = pa.table({field.name: _column(getattr(book.team, field.name)) for field in fields(Team)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, team.schema) as writer:
        writer.write_table(team)
    described = {"name": book.name, "as_of": book.as_of.isoformat(), "team": sink.getvalue().to_pybytes()}
    return pa.table({name: _column(value) for name, value in columns.items()}).replace_schema_metadata(described)


_APART = ("name", "as_of", "team")


def _column(value: object) -> pa.Array:
    return pa.array(value, pa.string()) if isinstance(value, tuple) else pa.array(value)


def _from_table(table: pa.Table) -> Book:
    described = table.schema.metadata or {}
    team = pa.ipc.open_stream(described[b"team"]).read_all()
    return Book(
        name=described[b"name"].decode(),
        as_of=date.fromisoformat(described[b"as_of"].decode()),
        team=Team(**_values(team)),
        **_values(table),
    )


def _values(table: pa.Table) -> dict[str, Any]:
    return {
        name: tuple(column.to_pylist()) if pa.types.is_string(column.type) else column.to_numpy().copy()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }

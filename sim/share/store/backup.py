"""A backup is a store in a file: SQLite, packed by gzip, whatever the database that it was taken from or goes to."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Select, delete, func, insert, select

from sim.problems import InputError, Problem
from sim.share.store.packed_book import unpack_book, unpack_history
from sim.share.store.saved import Damaged, read_or_damaged
from sim.share.store.store import Store, erasing, open_file, reading, writing
from sim.share.store.tables import books, metadata, scenarios
from sim.share.store.upgrade import VERSION_TABLE, revision

MOST_BYTES = 50_000_000_000
"""Of a backup when it is unpacked."""
_DAMAGED = "was damaged or changed; take a backup from before, or say --damaged to bring back this one as it is"
_PIECE = 1 << 20
_ROWS = 20
"""Read at a time: some hold a whole book."""


@dataclass(frozen=True)
class Status:
    """What a store holds. database: sqlite or postgresql. schema: the migration that its tables are at."""

    database: str
    schema: str
    rows: dict[str, int]


def status(store: Store) -> Status:
    """Raises InputError."""
    with reading(store) as connection:
        return Status(connection.dialect.name, revision(connection) or "", _counts(connection))


def backup(store: Store, path: Path) -> Status:
    """Writes all of the store, of one moment, into a file that is there whole or not at all.

    Raises InputError for a fault of the store or a file that is there already, OSError for one that cannot be written.
    """
    if path.exists():
        raise InputError([Problem("backup", path.name, "is there already; choose another name")])
    with TemporaryDirectory(dir=path.parent, prefix=".backup") as folder:
        unpacked, packed = Path(folder) / "store.sqlite", Path(folder) / "store.gz"
        copy = open_file(unpacked)
        with reading(store) as source, writing(copy) as target:
            _copy(source, target)
        with unpacked.open("rb") as plain, packed.open("xb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", filename="") as zipped:
                shutil.copyfileobj(plain, zipped, _PIECE)
            os.fsync(file.fileno())
        packed.chmod(0o600)
        packed.replace(path)
        return status(copy)


def restore(store: Store, path: Path, *, replacing: bool = False, damaged_too: bool = False) -> Status:
    """Brings a backup back, checked to the last bit: all of it or nothing.

    replacing: what is in the store goes; otherwise it must be empty. damaged_too: also when scenarios or books were
    damaged before they were backed up; they stay damaged.
    Raises InputError, OSError for a file that cannot be read.
    """
    with TemporaryDirectory(prefix="restore") as folder:
        unpacked = Path(folder) / "store.sqlite"
        _unpack(path, unpacked)
        with _blaming():
            copy = open_file(unpacked)
            if not damaged_too:
                with reading(copy) as source:
                    _check(source)
        with erasing(store) as target, reading(copy) as source:
            if any(_counts(target).values()):
                if not replacing:
                    raise InputError([Problem("store", "", "is not empty; say --replace if all of it shall go")])
                for table in reversed(metadata.sorted_tables):
                    target.execute(delete(table))
            _copy(source, target)
            if _digest(target) != _digest(source):
                raise InputError([Problem("store", "", "did not keep what was restored: nothing was changed")])
    return status(store)


def _copy(source: Connection, target: Connection) -> None:
    """Every row, in the order in which they were written."""
    for table in metadata.sorted_tables:
        for rows in source.execute(_rows(table.name)).mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])


def _rows(name: str) -> Select[tuple[object, ...]]:
    """All of a table but for its numbers: a database counts by itself. Nor what belongs to a scenario whose id was
    damaged: nobody can reach it, and no other database would take it."""
    table = metadata.tables[name]
    columns = [column for column in table.columns if column.name != "sequence"]
    asked = select(*columns).order_by(table.c.sequence).execution_options(yield_per=_ROWS)
    for key in table.foreign_keys:
        asked = asked.where(key.parent.in_(select(key.column)))
    return asked


def _digest(connection: Connection) -> str:
    """SHA-256 of all that a store holds, the same in every database."""
    sha = hashlib.sha256()
    for table in metadata.sorted_tables:
        sha.update(table.name.encode())
        for row in connection.execute(_rows(table.name)):
            for value in row:
                content = value if isinstance(value, bytes) else repr(value).encode()
                sha.update(f"{len(content)}:".encode() + content)
    return sha.hexdigest()


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def _unpack(path: Path, to: Path) -> None:
    """Raises InputError when the file is no backup of ours, or larger than any."""
    no_backup = InputError([Problem("backup", path.name, "is not a backup of a store, or is damaged")])
    with path.open("rb") as file, to.open("xb") as plain:
        try:
            with gzip.GzipFile(fileobj=file) as zipped:
                while piece := zipped.read(_PIECE):
                    plain.write(piece)
                    if plain.tell() > MOST_BYTES:
                        raise InputError([Problem("backup", path.name, f"is over {MOST_BYTES / 1e9:.0f} GB, unpacked")])
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise no_backup from None
    # An empty file, or any other database, would become a new store when it is opened.
    try:
        with closing(sqlite3.connect(f"{to.as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise no_backup
            database.execute(f"SELECT version_num FROM {VERSION_TABLE}")
    except sqlite3.Error:
        raise no_backup from None


def _check(connection: Connection) -> None:
    """Every scenario and book is what it was when it was saved. Raises InputError with all that are not."""
    damaged = []
    for scenario in connection.execute(select(scenarios).execution_options(yield_per=_ROWS)):
        if isinstance(read_or_damaged(scenario), Damaged):
            damaged.append(Problem(f"backup, scenario {scenario.id}", "", _DAMAGED))
    for row in connection.execute(select(books).execution_options(yield_per=1)):
        sound = unpack_book(row.book, row.digest) is not None
        if row.history is not None:
            sound = sound and unpack_history(row.history, row.history_digest) is not None
        if not sound:
            damaged.append(Problem(f"backup, book {row.digest}", "", _DAMAGED))
    if damaged:
        raise InputError(damaged)


@contextmanager
def _blaming() -> Iterator[None]:
    """What is wrong with the backup is not said of the store."""
    try:
        yield
    except InputError as error:
        raise InputError(
            replace(problem, where="backup") if problem.where == "store" else problem for problem in error.problems
        ) from None

"""What goes wrong in a database, as one sentence: the driver's own words may hold the address, names or pay."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError

from sim.problems import InputError, Problem

NOT_DONE = "nothing was changed"
_FULL = f"its disk is full: {NOT_DONE}; free some room and try again"
_BUSY = f"is busy with something else: {NOT_DONE}; try again"
_READ_ONLY = f"may only be read here: {NOT_DONE}; whoever runs the app can allow writing"
_GONE = f"cannot be reached: {NOT_DONE}; try again, and if that does not help, ask whoever runs the app"
_DAMAGED = f"is damaged: {NOT_DONE}; whoever runs the app can bring back a backup with python -m sim store restore"
_DISK = f"its disk cannot be read or written: {NOT_DONE}; whoever runs the app can look at the disk"
_OTHER = f"did not understand: {NOT_DONE}; ask whoever runs the app whether its version fits"

_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _GONE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DISK,
}
_POSTGRES = {
    "08": _GONE,  # connection
    "23": _BUSY,  # what it refers to was deleted, or made, at the same moment
    "25": _READ_ONLY,  # transaction state: read-only
    "28": _GONE,  # who may log in
    "40": _BUSY,  # deadlock, serialisation
    "42501": _READ_ONLY,  # privileges
    "53": _BUSY,  # resources
    "53100": _FULL,
    "55": _BUSY,  # locks
    "57": _GONE,  # shutting down; cancelled
    "58": _DISK,
    "XX": _DAMAGED,
}
_FILES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.EEXIST: _GONE,
}


@contextmanager
def explained() -> Iterator[None]:
    """Turns a fault of the database into an InputError. Nothing is half done then: all work is in transactions."""
    try:
        yield
    except TimeoutError:
        raise InputError([_problem(_BUSY)]) from None
    except DBAPIError as error:
        raise InputError([_problem(_kind(error.orig))]) from None
    except SQLAlchemyError:
        raise InputError([_problem(_OTHER)]) from None
    except sqlite3.Error as error:
        raise InputError([_problem(_kind(error))]) from None
    except OSError as error:
        raise InputError([_problem(_FILES.get(error.errno or 0, _DISK))]) from None


def _problem(rule: str) -> Problem:
    return Problem("store", "", rule)


def _kind(error: BaseException | None) -> str:
    if isinstance(error, sqlite3.Error):
        # The lower byte is the kind, the rest says more about it.
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, _OTHER)
    state = getattr(error, "sqlstate", None)
    if state is None:
        return _GONE  # the server did not get to say anything
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2], _OTHER)

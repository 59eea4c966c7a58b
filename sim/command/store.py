"""`python -m sim store`: back up, bring back, delete, and see what is there."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.share.store.store import Store


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "store",
        help="back up and look after what was saved",
        description="Looks after the store of scenarios, links, books, comments, decisions and drafts. A backup of one "
        "database can be brought back into another, also from SQLite to PostgreSQL.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    backup = actions.add_parser("backup", help="write all of it into one file")
    backup.add_argument("file", metavar="FILE", help="must not be there yet; only its owner can read it")
    restore = actions.add_parser("restore", help="bring back a backup, all of it or nothing")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--replace", action="store_true", help="delete what is in the store first")
    restore.add_argument(
        "--damaged", action="store_true", help="also when single scenarios or books in it were damaged; they stay so"
    )
    expire = actions.add_parser("expire", help="delete what nobody has touched for a while")
    expire.add_argument("--days", type=int, required=True, help="so many days")
    forget = actions.add_parser("forget-book", help="delete a book with everything that was made from it")
    forget.add_argument("digest", metavar="DIGEST", help="its hash, 64 hexadecimal digits")
    organisation_option(forget)
    actions.add_parser("status", help="say what is there")
    for action in actions.choices.values():
        action.add_argument(
            "--store",
            metavar="URL",
            help="sqlite:///path or postgresql://user:password@host/database; others on this machine may see a "
            "password here: better set CS_COMP_STORE (default: that, or a SQLite file beside the app)",
        )


def organisation_option(parser: argparse.ArgumentParser) -> None:
    """Whose books are meant."""
    parser.add_argument(
        "--organisation", default="local", metavar="NAME", help="whose it is (default: %(default)s, without sign-in)"
    )


def answer(options: argparse.Namespace) -> str:
    """What was done. Raises InputError, OSError for a backup file that cannot be read or written."""
    # Late: the other commands need no database.
    from sim.share.store.store import close_store, default_url, open_store

    store = open_store(options.store or default_url())
    try:
        return _done(store, options)
    finally:
        close_store(store)


def _done(store: Store, options: argparse.Namespace) -> str:
    from sim.share.store.backup import backup, restore, status
    from sim.share.store.books import delete_book
    from sim.share.store.retention import expire
    from sim.share.store.store import Member

    if options.action == "backup":
        return f"Backed up: {_counted(backup(store, Path(options.file)).rows)}."
    if options.action == "restore":
        done = restore(store, Path(options.file), replacing=options.replace, damaged_too=options.damaged)
        return f"Restored: {_counted(done.rows)}."
    if options.action == "expire":
        gone = expire(store, options.days)
        return f"Deleted: {_counted(asdict(gone))}."
    if options.action == "forget-book":
        delete_book(store, Member(options.organisation, "command line"), options.digest)
        return "Deleted the book and everything that was made from it."
    found = status(store)
    return f"{found.database}, schema {found.schema}: {_counted(found.rows)}."


def _counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in rows.items())

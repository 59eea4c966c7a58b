"""Today's tables in any store: Alembic's migrations, run by whoever opens it first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from sim.problems import InputError, Problem

VERSION_TABLE = "simulator_schema"
_LOCK = 7_305_213_016_402_118_000
"""PostgreSQL's name for the lock under which tables are changed; any number that others do not use."""


def upgrade(engine: Engine) -> None:
    """Brings the tables up to date, in one transaction. Two processes may do it at once: the second finds it done.

    Raises InputError when a newer version of the simulator has written them.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    newest = scripts.get_current_head()
    with engine.execution_options(begin="BEGIN").begin() as connection:
        if revision(connection) == newest:
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _check_known(scripts, revision(connection))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """Which migration the tables are at; None when there are no tables."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _check_known(scripts: ScriptDirectory, present: str | None) -> None:
    try:
        if present is not None:
            scripts.get_revision(present)
    except CommandError:
        rule = "was written by a newer version of the simulator; update the simulator, the store is as it was"
        raise InputError([Problem("store", "", rule)]) from None

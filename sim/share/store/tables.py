"""The tables. A change here needs a migration: tests hold that both say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


NO_MOMENT = datetime.min.replace(tzinfo=UTC)
"""What is read where SQLite holds no moment."""


class UtcTime(TypeDecorator[datetime]):
    """A moment; SQLite would forget its time zone, and one that is damaged would end the whole query."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """On the way in."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """On the way out."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """On the way out, too, where the database's own reading of it comes first."""
        read = super().result_processor(dialect, coltype)

        def moment(value: Any) -> datetime | None:
            try:
                return value if read is None else read(value)
            except (ValueError, TypeError):
                return NO_MOMENT

        return moment


def _sequence() -> Column[int]:
    """The order in which rows were written: a clock may be set back, this counts on."""
    return Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _moment(name: str) -> Column[datetime]:
    return Column(name, UtcTime, nullable=False)


def _of_scenario() -> Column[str]:
    return Column("scenario_id", Text, ForeignKey("scenarios.id", ondelete="CASCADE"), nullable=False, index=True)


scenarios = Table(
    "scenarios",
    metadata,
    _sequence(),
    Column("id", Text, nullable=False, unique=True),
    Column("parent_id", Text),  # no foreign key: the parent may be deleted, that there was one stays true
    _text("organisation"),
    _text("author"),
    _text("title"),
    _text("note"),
    _moment("created_at"),
    _text("model_version"),
    _text("query"),
    Column("book_digest", Text),  # no foreign key either: most books are not kept
    _text("results"),
    _text("checksum"),
    Index(None, "organisation", "book_digest"),
    sqlite_autoincrement=True,
)

shares = Table(
    "shares",
    metadata,
    _sequence(),
    Column("key", Text, nullable=False, unique=True),
    _of_scenario(),
    _text("audience"),
    _moment("created_at"),
    _text("created_by"),
    Column("revoked_at", UtcTime),
    sqlite_autoincrement=True,
)

books = Table(
    "books",
    metadata,
    _sequence(),
    _text("organisation"),
    _text("digest"),
    _text("name"),
    Column("book", LargeBinary, nullable=False),
    Column("history", LargeBinary),
    Column("history_digest", Text),
    _moment("created_at"),
    Index("ix_books_organisation_digest", "organisation", "digest", unique=True),
    sqlite_autoincrement=True,
)

comments = Table(
    "comments",
    metadata,
    _sequence(),
    _of_scenario(),
    _text("author"),
    _text("stance"),
    _text("text"),
    _moment("created_at"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    _sequence(),
    Column("id", Text, nullable=False, unique=True),
    _text("organisation"),
    _text("author"),
    _text("title"),
    _text("text"),
    _moment("created_at"),
    Column("scenario_id", Text),  # no foreign key: the scenario may be deleted, what it was based on stays true
    Column("book_digest", Text),
    _text("model_version"),
    _text("figures"),
    Index(None, "organisation", "book_digest"),
    sqlite_autoincrement=True,
)

drafts = Table(
    "drafts",
    metadata,
    _sequence(),
    _text("organisation"),
    _text("author"),
    _text("kind"),
    _text("content"),
    Column("book_digest", Text),
    _moment("changed_at"),
    Index("ix_drafts_organisation_author_kind", "organisation", "author", "kind", unique=True),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    _sequence(),
    _moment("at"),
    _text("organisation"),
    _text("who"),
    _text("action"),
    _text("what"),
    Column("audience", Text),
    Index(None, "organisation", "what"),
    sqlite_autoincrement=True,
)


def now() -> datetime:
    """For people to read; nothing is put in order by it."""
    return datetime.now(UTC)

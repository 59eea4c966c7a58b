"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IMMUTABLE = {
    "sqlite": (
        "CREATE TRIGGER scenarios_immutable BEFORE UPDATE ON scenarios "
        "BEGIN SELECT RAISE(ABORT, 'scenarios are immutable'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION scenarios_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'scenarios are immutable'; END $$",
        "CREATE TRIGGER scenarios_immutable BEFORE UPDATE ON scenarios "
        "FOR EACH ROW EXECUTE FUNCTION scenarios_immutable()",
    ),
}


def _sequence() -> sa.Column[int]:
    return sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_scenario(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["scenario_id"], ["scenarios.id"], name=f"fk_{table}_scenario_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "scenarios",
        _sequence(),
        _text("id"),
        _text("parent_id", nullable=True),
        *map(_text, ("organisation", "author", "title", "note")),
        _moment("created_at"),
        *map(_text, ("model_version", "query")),
        _text("book_digest", nullable=True),
        *map(_text, ("results", "checksum")),
        sa.PrimaryKeyConstraint("sequence", name="pk_scenarios"),
        sa.UniqueConstraint("id", name="uq_scenarios_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_scenarios_organisation_book_digest", "scenarios", ["organisation", "book_digest"])
    op.create_table(
        "shares",
        _sequence(),
        *map(_text, ("key", "scenario_id", "audience")),
        _moment("created_at"),
        _text("created_by"),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_shares"),
        sa.UniqueConstraint("key", name="uq_shares_key"),
        _of_scenario("shares"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shares_scenario_id", "shares", ["scenario_id"])
    op.create_table(
        "books",
        _sequence(),
        *map(_text, ("organisation", "digest", "name")),
        sa.Column("book", sa.LargeBinary, nullable=False),
        sa.Column("history", sa.LargeBinary),
        _text("history_digest", nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("sequence", name="pk_books"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_books_organisation_digest", "books", ["organisation", "digest"], unique=True)
    op.create_table(
        "comments",
        _sequence(),
        *map(_text, ("scenario_id", "author", "stance", "text")),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("sequence", name="pk_comments"),
        _of_scenario("comments"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comments_scenario_id", "comments", ["scenario_id"])
    op.create_table(
        "audit",
        _sequence(),
        _moment("at"),
        *map(_text, ("organisation", "who", "action", "what")),
        _text("audience", nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_organisation_what", "audit", ["organisation", "what"])
    for statement in _IMMUTABLE[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Back to nothing would delete everything: bring back a backup instead."""
    raise NotImplementedError

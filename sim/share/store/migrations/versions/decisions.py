"""The log of decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_IMMUTABLE = {
    "sqlite": (
        "CREATE TRIGGER decisions_immutable BEFORE UPDATE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are immutable'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION decisions_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'decisions are immutable'; END $$",
        "CREATE TRIGGER decisions_immutable BEFORE UPDATE ON decisions "
        "FOR EACH ROW EXECUTE FUNCTION decisions_immutable()",
    ),
}


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    """Beside the first tables."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "decisions",
        sa.Column("sequence", number, autoincrement=True, nullable=False),
        *map(_text, ("id", "organisation", "author", "title", "text")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _text("scenario_id", nullable=True),
        _text("book_digest", nullable=True),
        *map(_text, ("model_version", "figures")),
        sa.PrimaryKeyConstraint("sequence", name="pk_decisions"),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_organisation_book_digest", "decisions", ["organisation", "book_digest"])
    for statement in _IMMUTABLE[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Back would delete the log: bring back a backup instead."""
    raise NotImplementedError

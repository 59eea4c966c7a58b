"""What a person is at work on, between visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OWNER = ("organisation", "author", "kind")


def upgrade() -> None:
    """Beside the other tables."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "drafts",
        sa.Column("sequence", number, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in (*_OWNER, "content")),
        sa.Column("book_digest", sa.Text),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_drafts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_organisation_author_kind", "drafts", _OWNER, unique=True)


def downgrade() -> None:
    """Back would delete what people are at work on: bring back a backup instead."""
    raise NotImplementedError

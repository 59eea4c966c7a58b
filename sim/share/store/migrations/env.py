"""Alembic's way in: the migrations run on the connection that `upgrade` gives."""

from __future__ import annotations

from alembic import context

from sim.share.store.tables import metadata
from sim.share.store.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

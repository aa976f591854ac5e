"""How Alembic runs here: on the connection it is given, within the transaction that it is in."""

from __future__ import annotations

from alembic import context

from mutoscope.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()

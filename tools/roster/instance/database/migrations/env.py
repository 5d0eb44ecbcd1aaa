"""Alembic runs this: it migrates within the transaction that it is handed."""

from alembic import context

from roster.instance.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

"""Alembic entry point: migrate within the transaction of the given connection."""

from alembic import context

from roster.instance.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

"""Bring a database to the tables that this version of the toolkit works with, or back."""

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.naming import quote

HEAD = "0001"
"""The newest migration."""
_TABLE = "alembic_version"

log = logging.getLogger("roster.instance")


def upgrade(database: Database) -> None:
    """Apply the migrations that are missing; of several processes that try at once, one does.

    Raises:
        ConfigurationError: the database cannot be reached, or was made by a newer version of the toolkit.
    """
    with database.read_transaction() as connection:
        if current_revision(connection) == HEAD:
            return
    with database.write_transaction() as connection:
        _refuse_newer(connection)
        before = current_revision(connection)
        _alembic(connection, "upgrade", HEAD)
    if before != HEAD:  # another process may have been quicker
        log.info("the database is migrated from %s to %s", before or "nothing", HEAD)


def downgrade(database: Database, target: str = "base") -> None:
    """Undo the migrations after a target; ``base`` undoes all, and with them everything that was stored.

    Raises:
        ConfigurationError: as for ``upgrade``, or there is no such migration below the database's own.
    """
    from alembic.util import CommandError

    with database.write_transaction() as connection:
        _refuse_newer(connection)
        try:
            _alembic(connection, "downgrade", target)
        except CommandError:
            raise ConfigurationError(
                f"cannot migrate from {current_revision(connection)} back to {quote(target)}: no such earlier migration"
            ) from None


def current_revision(connection: Connection) -> str | None:
    """Return the newest migration that the database has; None where it has none."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))
    return found


def _refuse_newer(connection: Connection) -> None:
    found = current_revision(connection)
    if found and found > HEAD:
        raise ConfigurationError(
            f"the database is at migration {found}, and this version of roster knows {HEAD} as the newest: "
            "use the newer roster, or let it migrate back first"
        )


def _alembic(connection: Connection, command: str, target: str) -> None:
    from alembic import command as commands
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    getattr(commands, command)(config, target)

"""Database migrations: upgrade to the tables of this version of roster, or downgrade to an older one."""

import logging
from pathlib import Path
from time import monotonic

from sqlalchemy import Connection, inspect, text

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.errors import UTF8_REMEDY
from roster.naming import quote

HEAD = "0003"
"""The newest migration."""
_TABLE = "alembic_version"
_WAIT_SECONDS = 60
"""How long a migration waits for writes in progress, such as the migration of another process."""

log = logging.getLogger("roster.instance")


def upgrade(database: Database) -> None:
    """Apply missing migrations, and create a SQLite file. Of several processes, one migrates and the others wait.

    Raises:
        ConfigurationError: the database is unreachable, has no UTF-8, or was migrated by a newer version of roster.
    """
    database.create()
    if is_current(database):
        return
    with database.write_transaction(until=monotonic() + _WAIT_SECONDS) as connection:
        before = _reject_newer(connection)
        if before is None and database.name == "postgresql":
            _require_utf8(connection)
        _alembic(connection, "upgrade", HEAD)
    if before != HEAD:  # another process may have migrated first
        log.info("migrated the database from %s to %s", before or "base", HEAD)


def downgrade(database: Database, target: str = "base") -> None:
    """Undo the migrations after a target; ``base`` undoes all of them and deletes all data.

    Raises:
        ConfigurationError: as for ``upgrade``, or the target is not an earlier migration.
    """
    from alembic.util import CommandError

    with database.write_transaction(until=monotonic() + _WAIT_SECONDS) as connection:
        _reject_newer(connection)
        try:
            _alembic(connection, "downgrade", target)
        except CommandError:
            raise ConfigurationError(
                f"cannot migrate the database from {current_revision(connection)} back to {quote(target)}: "
                "no such earlier migration"
            ) from None


def is_current(database: Database) -> bool:
    """Return whether the database has the tables of this version of roster.

    Raises:
        ConfigurationError: as for ``upgrade``.
    """
    if not database.exists():
        return False
    with database.read_transaction() as connection:
        return _reject_newer(connection) == HEAD


def current_revision(connection: Connection) -> str | None:
    """Return the newest migration applied to the database; None for a database without migrations."""
    if not inspect(connection).has_table(_TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))
    return revision


def _reject_newer(connection: Connection) -> str | None:
    """Return the newest migration applied to the database, unless this version of roster does not know it."""
    revision = current_revision(connection)
    if revision and revision > HEAD:
        raise ConfigurationError(
            f"the database is at migration {revision}, newer than {HEAD}, the newest that this version of roster "
            "supports: use the newer roster, or downgrade the database with it first"
        )
    return revision


def _require_utf8(connection: Connection) -> None:
    """Require an encoding that can store every name; the sizes of texts are in characters only with UTF-8."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise ConfigurationError(f"the encoding of the database is {encoding}: {UTF8_REMEDY}")


def _alembic(connection: Connection, command: str, target: str) -> None:
    from alembic import command as commands
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    getattr(commands, command)(config, target)

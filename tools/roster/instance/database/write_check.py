"""Check whether the database can be written to, without waiting for a lock and, as long as it can, without a write."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, false, insert, text, update

from roster.instance.database.connections import WRITE_WAIT_SECONDS, Database
from roster.instance.database.errors import (
    MISSING_RIGHT,
    READ_ONLY,
    DatabaseBusy,
    DatabaseProblem,
    DatabaseUnavailable,
)
from roster.instance.database.tables import audit_events, feature_flags, metadata

_RIGHTS = text("""
SELECT pg_is_in_recovery() AS is_standby,
  current_setting('default_transaction_read_only')::boolean AS is_read_only,
  (
    SELECT min(verb || ' on ' || name)
    FROM unnest(CAST(:tables AS text[])) AS name, unnest('{INSERT,UPDATE,DELETE}'::text[]) AS verb
    WHERE NOT has_table_privilege(name, verb) AND (name <> :audit_events OR verb = 'INSERT')
  ) AS missing_right
""")
_ROW = "write_check"


def find_write_problem(database: Database) -> DatabaseUnavailable | None:
    """Return why the database cannot be written to; None if it can.

    After a failed write, a small one is tried, because only a write shows that there is space on the disk again.
    """
    try:
        if not database.exists():  # open connections would go on with the deleted file
            raise database.unavailable(DatabaseProblem("the file does not exist"))
        if database.name == "postgresql":
            _check_rights(database)
        if database.name == "sqlite" or database.outages.last_write_failed:
            with database.exclusive_transaction(until=0) as connection:
                _write(connection, really=database.outages.last_write_failed)
    except DatabaseUnavailable as problem:
        if isinstance(problem, DatabaseBusy) and not database.outages.is_lasting(WRITE_WAIT_SECONDS):
            return None
        database.outages.begin("write", problem)
        return problem
    database.outages.end("write")
    return None


def _check_rights(database: Database) -> None:
    with database.read_transaction() as connection:
        row = connection.execute(_RIGHTS, {"tables": list(metadata.tables), "audit_events": audit_events.name}).one()
    if row.is_standby:
        raise database.unavailable(DatabaseProblem("the server is a hot standby", READ_ONLY))
    if row.is_read_only:
        raise database.unavailable(DatabaseProblem("default_transaction_read_only is on", READ_ONLY))
    if row.missing_right:
        raise database.unavailable(DatabaseProblem(f"the role lacks the right {row.missing_right}", MISSING_RIGHT))


def _write(connection: Connection, really: bool) -> None:
    connection.execute(update(feature_flags).where(false()).values(enabled=False))  # fails if the file is read-only
    if really:
        now = datetime.now(UTC)
        connection.execute(insert(feature_flags).values(name=_ROW, enabled=False, updated_at=now))
        connection.execute(delete(feature_flags).where(feature_flags.c.name == _ROW))

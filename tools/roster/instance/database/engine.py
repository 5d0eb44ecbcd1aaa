"""SQLAlchemy engines: how connections to SQLite and PostgreSQL are opened, pooled, and begin a transaction.

Behind PgBouncer in transaction mode, each transaction may run on another server connection. So no state outlives a
transaction: no prepared statements, and only ``SET LOCAL``, transaction-level locks and ``BEGIN`` with its options.
"""

from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

LOCK_OPTION = "roster_lock_until"
"""The execution option of a transaction that writes: until when to wait for the lock, in ``monotonic`` time."""
POSTGRESQL_OPTIONS = {
    "connect_timeout": "5",  # seconds to accept a connection
    "tcp_user_timeout": "10000",  # milliseconds until a connection to a vanished server fails
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}
"""Defaults of options that the URL may set."""
_POOL_WAIT_SECONDS = 10
_READ_WAIT_SECONDS = 5
"""How long a read waits for SQLite's lock, which only recovery after a crash takes."""


def create_database_engine(url: URL) -> Engine:
    """Create an engine, which opens connections on demand, and no file that does not exist."""
    # Parameters may be secrets, so exceptions must not contain them.
    options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": _POOL_WAIT_SECONDS}
    if url.get_backend_name() == "postgresql":
        url = url.set(query=POSTGRESQL_OPTIONS | dict(url.query) | {"client_encoding": "utf8"})
        return create_engine(url, pool_pre_ping=True, connect_args={"prepare_threshold": None}, **options)
    file = Path(url.database or "").absolute().as_uri()
    engine = create_engine(URL.create("sqlite", database=file, query={"mode": "rw", "uri": "true"}), **options)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def milliseconds_until(until: float) -> int:
    """Return the time left for a lock, at least 1, because 0 means no limit in PostgreSQL."""
    return max(1, int((until - monotonic()) * 1000))


def _configure_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # sqlite3 must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {_READ_WAIT_SECONDS * 1000}", "foreign_keys = ON", "journal_mode = WAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    until: float | None = connection.get_execution_options().get(LOCK_OPTION)
    writes = until is not None
    state = connection.connection.info
    cursor = connection.connection.cursor()
    if state.get(LOCK_OPTION) is not writes:  # the pragma makes SQLite prepare every statement again
        cursor.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        state[LOCK_OPTION] = writes
    wait = milliseconds_until(monotonic() + _READ_WAIT_SECONDS if until is None else until)
    cursor.execute(f"PRAGMA busy_timeout = {wait}")
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()

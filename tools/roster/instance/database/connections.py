"""Database connections and transactions: SQLite for one process, PostgreSQL for several.

A transaction either reads one snapshot of the database or is the only one that writes; other writers wait. So no other
write can come between a check and the write that depends on it, on either database, in any number of processes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError, TimeoutError

from roster.findings import ConfigurationError
from roster.settings.secret import Secret

_WRITE_OPTION = "roster_writes"
_WRITE_LOCK = text("SELECT pg_advisory_xact_lock(7306923614825029)")
"""The number is arbitrary; nothing else in the database may use it."""
_BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for the lock."""
_CONNECT_TIMEOUT_SECONDS = 10
"""How long PostgreSQL may take to accept a connection, unless the URL sets ``connect_timeout``."""

_UNAVAILABLE = (OperationalError, DatabaseError, TimeoutError, sqlite3.OperationalError)
"""The exact types that mean that the database cannot be used; other subclasses are about a statement."""


class Database:
    """A database, given by its URL, which may contain a password and is never shown.

    Raises:
        ConfigurationError: from every transaction, if the database is unreachable, not writable, locked for too long or
            corrupt. Nothing is written then. Errors in a statement remain SQLAlchemy's own exceptions.
    """

    def __init__(self, url: Secret) -> None:
        self._url = make_url(url.reveal())
        if self.name == "postgresql":
            self._url = self._url.set(query={"connect_timeout": str(_CONNECT_TIMEOUT_SECONDS)} | dict(self._url.query))

    @property
    def name(self) -> str:
        """The kind of database: ``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @cached_property
    def engine(self) -> Engine:
        """The SQLAlchemy engine, which opens connections on demand."""
        # Parameters may be secrets, so exceptions must not contain them.
        engine = create_engine(self._url, hide_parameters=True, pool_pre_ping=self.name == "postgresql")
        if self.name == "sqlite":
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite_transaction)
        return engine

    @contextmanager
    def read_transaction(self) -> Iterator[Connection]:
        """Open a read-only transaction that sees one snapshot of the database."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._connection(options if self.name == "postgresql" else {}) as connection, connection.begin():
            yield connection

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """Open the only transaction that writes; commit at the end, or roll back after an exception."""
        with self._connection({_WRITE_OPTION: True}) as connection, connection.begin():
            if self.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{_BUSY_TIMEOUT_SECONDS}s'"))
                connection.execute(_WRITE_LOCK)
            yield connection

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()

    @contextmanager
    def _connection(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(**options) as connection:
                yield connection
            return
        except (DatabaseError, TimeoutError, sqlite3.OperationalError) as error:
            if type(error) not in _UNAVAILABLE:
                raise
            reason = _first_line(error.orig if isinstance(error, DatabaseError) else error)
        # Raised outside the except block, because the original exception may contain the URL.
        raise ConfigurationError(f"the {self.name} database cannot be used: {reason}") from None


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]


def _configure_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # sqlite3 must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {_BUSY_TIMEOUT_SECONDS * 1000}", "foreign_keys = ON", "journal_mode = WAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get(_WRITE_OPTION))
    state = connection.connection.info
    cursor = connection.connection.cursor()
    if state.get(_WRITE_OPTION) is not writes:  # the pragma makes SQLite prepare every statement again
        cursor.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        state[_WRITE_OPTION] = writes
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()

"""The instance's database: SQLite for one process, PostgreSQL for several.

A transaction reads one state of it, or writes alone: whoever else wants to write waits. So a check and the write that
depends on it never have another write between them, on either database, in any number of processes.
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

_WRITES = {"roster_writes": True}
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(7306923614825029)")
"""The number is any; nobody else in the database may use it."""
_BUSY_SECONDS = 30
"""How long a writer waits for its turn."""
_CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer a connection, unless the URL says so."""

_UNUSABLE = (OperationalError, DatabaseError, TimeoutError, sqlite3.OperationalError)
"""What says that the database is of no use, and their subclasses do not: those are about a statement."""


class Database:
    """A database by its URL, which may hold a password and is never shown.

    Raises:
        ConfigurationError: from every transaction: the database cannot be reached or written, is busy for too long or
            is corrupt. Nothing is written then. What is wrong with a statement stays SQLAlchemy's own exception.
    """

    def __init__(self, url: Secret) -> None:
        self._url = make_url(url.reveal())
        if self.name == "postgresql":
            self._url = self._url.set(query={"connect_timeout": str(_CONNECT_SECONDS)} | dict(self._url.query))

    @property
    def name(self) -> str:
        """Which database it is, without how it is reached: ``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine; its connections are opened when they are needed."""
        # What a statement was given may be a secret, so no exception says it.
        engine = create_engine(self._url, hide_parameters=True, pool_pre_ping=self.name == "postgresql")
        if self.name == "sqlite":
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def read_transaction(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database, and can write nothing."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._connection(options if self.name == "postgresql" else {}) as connection, connection.begin():
            yield connection

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """Give a connection that is the only one to write; all is written at the end, or nothing after an exception."""
        with self._connection(_WRITES) as connection, connection.begin():
            if self.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'"))
                connection.execute(_ONE_WRITER)
            yield connection

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    @contextmanager
    def _connection(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(**options) as connection:
                yield connection
            return
        except (DatabaseError, TimeoutError, sqlite3.OperationalError) as error:
            if type(error) not in _UNUSABLE:
                raise
            told = _first_line(error.orig if isinstance(error, DatabaseError) else error)
        # Not within the except block, whose exception may hold the URL.
        raise ConfigurationError(f"the {self.name} database cannot be used: {told}") from None


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # so that sqlite3 leaves it to us when a transaction begins
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {_BUSY_SECONDS * 1000}", "foreign_keys = ON", "journal_mode = WAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get("roster_writes"))
    known = connection.connection.info
    cursor = connection.connection.cursor()
    if known.get("roster_writes") is not writes:  # after it, SQLite prepares every statement anew
        cursor.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        known["roster_writes"] = writes
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()

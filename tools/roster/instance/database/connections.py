"""Database connections and transactions: SQLite for one process, PostgreSQL for several.

A transaction either reads one snapshot of the database or is the only one that writes; other writers wait. So no other
write can come between a check and the write that depends on it, on either database, in any number of processes.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from roster.instance.database.database_url import database_name
from roster.instance.database.engine import LOCK_OPTION, create_database_engine, milliseconds_until
from roster.instance.database.errors import (
    READ_ONLY,
    SQLITE_CANNOT_OPEN,
    SQLITE_READ_ONLY,
    DatabaseBusy,
    DatabaseProblem,
    DatabaseUnavailable,
    find_problem,
    remedy,
)
from roster.instance.database.outage_log import OutageLog
from roster.settings.secret import Secret

WRITE_WAIT_SECONDS = 5.0
"""How long a write waits for its turn, before it fails because the database is busy."""
_WRITE_LOCK = text("SELECT pg_advisory_xact_lock(7306923614825029)")
"""The number is arbitrary; nothing else in the database may use it."""


class Database:
    """A database, given by its URL, which may contain a password and is never shown.

    Attributes:
        outages: the problems met so far that still last.

    Raises:
        DatabaseUnavailable: from every transaction, if the database is unreachable, not writable or corrupt, or the
            role lacks a right. Nothing is written then. Errors in a statement remain SQLAlchemy's own exceptions.
        DatabaseBusy: from a transaction that writes, if another process did so for too long.
    """

    def __init__(self, url: Secret) -> None:
        self._url = make_url(url.reveal())
        self._file = Path(self._url.database or "").absolute() if self.name == "sqlite" else None
        self.outages = OutageLog()
        self._write_lock = Lock()

    def __str__(self) -> str:
        return f"{self.name} database {database_name(self._url)}"

    @property
    def name(self) -> str:
        """The kind of database: ``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @cached_property
    def engine(self) -> Engine:
        """The SQLAlchemy engine, which opens connections on demand. It creates no file."""
        return create_database_engine(self._url)

    def exists(self) -> bool:
        """Return whether the file of a SQLite database exists; True for PostgreSQL.

        Raises:
            DatabaseUnavailable: its folder does not exist.
        """
        if self._file is None:
            return True
        if not self._file.parent.is_dir():
            raise self.unavailable(DatabaseProblem("its folder does not exist"))
        return os.path.exists(self._file)

    def create(self) -> bool:
        """Create the file of a SQLite database; return False if the database exists already."""
        if self._file is None or self.exists():
            return False
        try:
            self._file.touch()
        except OSError as error:
            problem = DatabaseProblem((error.strerror or str(error)).lower(), SQLITE_CANNOT_OPEN)
        else:
            return True
        raise self.unavailable(problem)

    @contextmanager
    def read_transaction(self) -> Iterator[Connection]:
        """Open a read-only transaction that sees one snapshot of the database."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with (
            self.outages.watch("read"),
            self._connection(options if self.name == "postgresql" else {}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def write_transaction(self, until: float | None = None) -> Iterator[Connection]:
        """Open the only transaction that writes; commit at the end, or roll back after an exception.

        Args:
            until: when to stop waiting for other writers, in ``monotonic`` time.
        """
        until = monotonic() + WRITE_WAIT_SECONDS if until is None else until
        with self.outages.watch("write"), self.exclusive_transaction(until) as connection:
            yield connection

    @contextmanager
    def exclusive_transaction(self, until: float) -> Iterator[Connection]:
        """Open the only transaction that writes, without recording an outage."""
        # Within the process, writers wait without a connection, so that there are always enough for reads.
        if not self._write_lock.acquire(timeout=max(0.0, until - monotonic())):
            raise self._busy()
        try:
            with self._connection({LOCK_OPTION: until}) as connection:
                is_postgresql = self.name == "postgresql"
                driver_connection: Any = connection.connection.driver_connection
                if is_postgresql:  # after a read, SQLAlchemy leaves False, overriding default_transaction_read_only
                    driver_connection.read_only = None
                with connection.begin():
                    if is_postgresql:
                        connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds_until(until)}"))
                        connection.execute(_WRITE_LOCK)
                    yield connection
        finally:
            self._write_lock.release()

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()

    def unavailable(self, problem: DatabaseProblem) -> DatabaseUnavailable:
        """Return the error to raise, and drop pooled connections if they are read-only."""
        if problem.is_busy:
            return self._busy()
        if problem.code in (READ_ONLY, SQLITE_READ_ONLY):
            self.engine.dispose()  # another server may be the primary by now, or the file writable
        quote = self.engine.dialect.identifier_preparer.quote
        what_to_do = remedy(problem, quote(self._url.username) if self._url.username else "<role>")
        reason = f"{problem.reason}; {what_to_do}" if what_to_do else problem.reason
        return DatabaseUnavailable(f"the {self} cannot be used: {reason}")

    def _busy(self) -> DatabaseBusy:
        return DatabaseBusy(f"the {self} is busy with another write: try again in a few seconds")

    @contextmanager
    def _connection(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(**options) as connection:
                yield connection
            return
        except (SQLAlchemyError, sqlite3.Error) as error:
            problem = find_problem(error)
            if problem is None:
                raise
        # Raised outside the except block, because the original exception may contain the URL.
        raise self.unavailable(problem) from None

"""The instance's database: SQLite for one process, PostgreSQL for several.

A transaction reads one state of it, or writes alone: whoever else wants to write waits. So a check and the write that
depends on it never have another write between them, on either database, in any number of processes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from roster.consume.secret import Secret
from roster.diagnostic import ConfigurationError

_WRITES = {"roster_writes": True}
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(7306923614825029)")
"""The number is any; nobody else in the database may use it."""
_BUSY_SECONDS = 30
"""How long a writer waits for its turn."""


class Database:
    """A database by its URL, which may hold a password and is never shown.

    Raises:
        ConfigurationError: from every transaction: it cannot be reached.
    """

    def __init__(self, url: Secret) -> None:
        self._url = make_url(url.reveal())

    @property
    def name(self) -> str:
        """Which database it is, without how it is reached: ``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine; its connections are opened when they are needed."""
        engine = create_engine(self._url, **({"pool_pre_ping": True} if self.name == "postgresql" else {}))
        if self.name == "sqlite":
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database, and writes nothing."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._connection(options if self.name == "postgresql" else {}) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
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
            connection = self.engine.connect()
        except DBAPIError as error:
            told = f"{type(error.orig).__name__}: {_first_line(error.orig)}"
            failed = ConfigurationError(f"the {self.name} database cannot be reached: {told}")
        else:
            with connection.execution_options(**options):
                yield connection
            return
        raise failed  # not within the except block, whose exception may hold the URL


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # so that sqlite3 leaves it to us when a transaction begins
    cursor = connection.cursor()
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", f"busy_timeout = {_BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("roster_writes")
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

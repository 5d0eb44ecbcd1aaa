"""Databases for tests, empty or migrated, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Protocol

from tests.postgresql import PostgreSQL

Migrate = Callable[[str], None]
"""Migrates the database at a URL, and leaves no connection open."""


class Databases(Protocol):
    """Creates databases, a new one for each call, and returns their SQLAlchemy URLs."""

    def empty(self) -> str:
        """Create a database without tables."""

    def migrated(self) -> str:
        """Create a migrated database without data."""

    def remove(self) -> None:
        """Delete all created databases, and close connections to them."""


class SQLiteFiles:
    """SQLite databases in a folder; ``template`` returns the migrated file to copy."""

    def __init__(self, folder: Path, template: Callable[[], Path]) -> None:
        self._template = template
        self._files = (folder / f"database_{number}.sqlite" for number in count(1))

    def empty(self) -> str:
        return sqlite_url(next(self._files))

    def migrated(self) -> str:
        return sqlite_url(shutil.copyfile(self._template(), next(self._files)))

    def remove(self) -> None:
        """Do nothing: pytest deletes the folder."""


class PostgreSQLDatabases:
    """Databases of a PostgreSQL server; ``template`` returns the name of the migrated database to copy."""

    def __init__(self, server: PostgreSQL, template: Callable[[], str]) -> None:
        self._server, self._template = server, template
        self._names: list[str] = []

    def empty(self) -> str:
        return self._create(None)

    def migrated(self) -> str:
        return self._create(self._template())

    def remove(self) -> None:
        while self._names:
            self._server.drop(self._names.pop())

    def _create(self, template: str | None) -> str:
        self._names.append(self._server.create(template=template))
        return self._server.url(self._names[-1])


def sqlite_url(file: Path) -> str:
    """Return the SQLAlchemy URL of a file."""
    return f"sqlite:///{file}"


def sqlite_template(folder: Path, migrate: Migrate) -> Path:
    """Return a migrated file, without a write-ahead log next to it."""
    file = folder / "template.sqlite"
    migrate(sqlite_url(file))
    assert [path.name for path in folder.iterdir()] == [file.name], "a connection is still open"
    return file


def postgresql_template(server: PostgreSQL, migrate: Migrate, name: str) -> str:
    """Create a migrated database, and return its name."""
    migrate(server.url(server.create(name)))
    return name

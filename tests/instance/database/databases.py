"""Databases for tests, empty or with the instance's tables: the same on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Protocol

from tests.postgresql import PostgreSQL

Migrate = Callable[[str], None]
"""Makes the tables in the database of a URL, and leaves no connection open."""


class Databases(Protocol):
    """Makes databases, each time another one, and says their URLs as SQLAlchemy takes them."""

    def empty(self) -> str:
        """Return a database without any table."""

    def migrated(self) -> str:
        """Return a database with the newest tables and nothing in them."""

    def remove(self) -> None:
        """Remove all that were made, and end the connections to them."""


class SQLiteFiles:
    """SQLite databases in a folder; ``template`` gives the migrated file."""

    def __init__(self, folder: Path, template: Callable[[], Path]) -> None:
        self._template = template
        self._files = (folder / f"database_{number}.sqlite" for number in count(1))

    def empty(self) -> str:
        return sqlite_url(next(self._files))

    def migrated(self) -> str:
        return sqlite_url(shutil.copyfile(self._template(), next(self._files)))

    def remove(self) -> None:
        """Leave the files to pytest, whose folder they are in."""


class PostgreSQLDatabases:
    """Databases of a PostgreSQL; ``template`` gives the name of the migrated one."""

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
    """Return a file's address, as SQLAlchemy takes it."""
    return f"sqlite:///{file}"


def sqlite_template(folder: Path, migrate: Migrate) -> Path:
    """Return a migrated file, all of it: nothing is left in a log beside it."""
    file = folder / "template.sqlite"
    migrate(sqlite_url(file))
    assert [path.name for path in folder.iterdir()] == [file.name], "a connection is still open"
    return file


def postgresql_template(server: PostgreSQL, migrate: Migrate, name: str) -> str:
    """Return the name of a migrated database."""
    migrate(server.url(server.create(name)))
    return name

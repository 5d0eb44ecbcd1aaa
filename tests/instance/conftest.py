"""What tests of the instance's side start: databases of both kinds, and a browser."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from roster.consume.secret import Secret
from tests.instance.databases import (
    Databases,
    PostgreSQLDatabases,
    SQLiteFiles,
    postgresql_template,
    sqlite_template,
)
from tests.postgresql import PostgreSQL, missing


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL, started for the first test that asks for it."""
    if reason := missing():
        pytest.skip(reason)
    with PostgreSQL() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """As many databases as a test wants, of each kind in turn."""
    # Asked for only now, so that what needs SQLite alone starts no PostgreSQL.
    given = request.getfixturevalue
    made: Databases
    if request.param == "sqlite":
        made = SQLiteFiles(tmp_path, partial(given, "migrated_file"))
    else:
        made = PostgreSQLDatabases(given("postgresql"), partial(given, "migrated_name"))
    yield made
    made.remove()


@pytest.fixture
def database_url(databases: Databases) -> str:
    """An empty database."""
    return databases.empty()


@pytest.fixture
def migrated_url(databases: Databases) -> str:
    """A database with the newest tables and nothing in them."""
    return databases.migrated()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that migrated SQLite databases are copies of."""
    return sqlite_template(tmp_path_factory.mktemp("template"), migrate)


@pytest.fixture(scope="session")
def migrated_name(postgresql: PostgreSQL) -> str:
    """The database that migrated PostgreSQL databases are copies of."""
    return postgresql_template(postgresql, migrate, "migrated")


def migrate(url: str) -> None:
    """Make the instance's tables in a database."""
    from roster.instance.database import Database  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from roster.instance.migrate import upgrade  # type: ignore[import-not-found,import-untyped,unused-ignore]

    database = Database(Secret(url))
    try:
        upgrade(database)
    finally:
        database.close()

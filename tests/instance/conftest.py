"""Fixtures of the instance's tests: a database, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from roster.instance.database.connections import Database
from roster.settings.secret import Secret
from tests.instance.database.databases import Databases


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The URL of an empty database."""
    return databases.empty()


@pytest.fixture
def migrated_url(databases: Databases) -> str:
    """The URL of a migrated database without data."""
    return databases.migrated()


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A migrated database without data."""
    opened = Database(Secret(migrated_url))
    yield opened
    opened.close()

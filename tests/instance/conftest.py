"""What tests of the instance's side start with: a database, empty, migrated, opened; of each kind in turn."""

from collections.abc import Iterator

import pytest

from roster.instance.database.connections import Database
from roster.settings.secret import Secret
from tests.instance.database.databases import Databases


@pytest.fixture
def database_url(databases: Databases) -> str:
    """An empty database."""
    return databases.empty()


@pytest.fixture
def migrated_url(databases: Databases) -> str:
    """A database with the newest tables and nothing in them."""
    return databases.migrated()


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """That, opened."""
    opened = Database(Secret(migrated_url))
    yield opened
    opened.close()

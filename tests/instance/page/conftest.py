"""What the page's tests start."""

from collections.abc import Iterator

import pytest

from roster.instance.database.connections import Database
from tests.instance.page.served import Server, fill, serving


@pytest.fixture
def database(database: Database) -> Database:
    """A database with the given list and choices, switched on."""
    fill(database)
    return database


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    """The page and the API over the database."""
    with serving(database) as started:
        yield started

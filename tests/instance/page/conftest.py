"""Fixtures of the page's tests: a filled database and a running server."""

from collections.abc import Iterator

import pytest

from roster.instance.database.connections import Database
from tests.instance.page.page_server import Server, fill, serving


@pytest.fixture
def database(database: Database) -> Database:
    """A database with the sample list and selections, and the feature flag on."""
    fill(database)
    return database


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    """A server of the page and the API."""
    with serving(database) as started:
        yield started

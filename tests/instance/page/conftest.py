"""Fixtures of the page's tests: a filled database and a running server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from roster.instance.database.connections import Database
from tests.instance.page.page_server import Server, fill, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser import Chromium


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


@pytest.fixture
def page(browser: "Chromium", complaints: list[str], server: Server) -> "Iterator[Page]":
    """A page in a browser, closed before the server stops: its scripts send requests in the background."""
    with browser.page(complaints) as page:
        yield page

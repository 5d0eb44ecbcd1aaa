"""Fixtures shared by several test packages: a browser, and databases of both kinds.

This plugin is loaded for every test run, so it imports its dependencies only when a fixture is used.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.programs import unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser import Chromium
    from tests.instance.database.databases import Databases
    from tests.postgresql import PostgreSQL

Screenshot = Callable[["Page", str], Path]


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[PostgreSQL]":
    """A PostgreSQL server, started on first use."""
    from tests.postgresql import PostgreSQL, missing

    if reason := missing():
        unavailable(reason)
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> "Iterator[Chromium]":
    """A Chromium, started on first use."""
    from tests.browser import Chromium, chromium

    started = Chromium(chromium())
    yield started
    started.close()


@pytest.fixture
def complaints() -> list[str]:
    """The page's console errors so far; a test removes those that it expects."""
    return []


@pytest.fixture
def page(browser: "Chromium", complaints: list[str]) -> "Iterator[Page]":
    """A page in a browser without cookies. The test fails if anything is left in ``complaints``."""
    with browser.page(complaints) as page:
        yield page


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Screenshot:
    """Takes a screenshot of a whole page, which the pipeline keeps as an artifact: ``screenshot(page, name)``."""
    from tests.browser import picture

    def take(page: "Page", name: str) -> Path:
        file = picture(request.node.nodeid.removeprefix("tests/"), name)
        page.screenshot(path=file, full_page=True)
        return file

    return take


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Databases]":
    """Creates databases for a test, which runs once per kind."""
    from tests.instance.database.databases import PostgreSQLDatabases, SQLiteFiles

    # Requested dynamically, so that tests on SQLite do not start PostgreSQL.
    fixture = request.getfixturevalue
    factory: Databases
    if request.param == "sqlite":
        factory = SQLiteFiles(tmp_path, partial(fixture, "migrated_file"))
    else:
        factory = PostgreSQLDatabases(fixture("postgresql"), partial(fixture, "migrated_name"))
    yield factory
    factory.remove()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of migrated SQLite databases."""
    from tests.instance.database.databases import sqlite_template

    return sqlite_template(tmp_path_factory.mktemp("template"), migrate)


@pytest.fixture(scope="session")
def migrated_name(postgresql: "PostgreSQL") -> str:
    """The name of the template of migrated PostgreSQL databases."""
    from tests.instance.database.databases import postgresql_template

    return postgresql_template(postgresql, migrate, "migrated")


def migrate(url: str) -> None:
    """Create the instance's tables in a database."""
    from roster.instance.database.connections import Database
    from roster.instance.database.migrate import upgrade
    from roster.settings.secret import Secret

    database = Database(Secret(url))
    try:
        upgrade(database)
    finally:
        database.close()

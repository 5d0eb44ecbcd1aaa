"""What tests of several rooms start: a browser, and databases of both kinds.

Every run of the tests loads this; what it takes is imported by the first test that asks for it.
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
    """A PostgreSQL, started for the first test that asks for it."""
    from tests.postgresql import PostgreSQL, missing

    if reason := missing():
        unavailable(reason)
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> "Iterator[Chromium]":
    """A Chromium, started for the first test that asks for it or for a page."""
    from tests.browser import Chromium, chromium

    started = Chromium(chromium())
    yield started
    started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console complained of so far; a test that expects something takes it out."""
    return []


@pytest.fixture
def page(browser: "Chromium", complaints: list[str]) -> "Iterator[Page]":
    """A page in a browser without cookies. The test fails if anything is left in ``complaints``."""
    with browser.page(complaints) as page:
        yield page


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Screenshot:
    """Keep the whole page as a picture that the pipeline collects: ``screenshot(page, name)``."""
    from tests.browser import picture

    def keep(page: "Page", name: str) -> Path:
        file = picture(request.node.nodeid.removeprefix("tests/"), name)
        page.screenshot(path=file, full_page=True)
        return file

    return keep


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Databases]":
    """As many databases as a test wants, of each kind in turn."""
    from tests.instance.database.databases import PostgreSQLDatabases, SQLiteFiles

    # Asked for only now, so that what needs SQLite alone starts no PostgreSQL.
    given = request.getfixturevalue
    made: Databases
    if request.param == "sqlite":
        made = SQLiteFiles(tmp_path, partial(given, "migrated_file"))
    else:
        made = PostgreSQLDatabases(given("postgresql"), partial(given, "migrated_name"))
    yield made
    made.remove()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that migrated SQLite databases are copies of."""
    from tests.instance.database.databases import sqlite_template

    return sqlite_template(tmp_path_factory.mktemp("template"), migrate)


@pytest.fixture(scope="session")
def migrated_name(postgresql: "PostgreSQL") -> str:
    """The database that migrated PostgreSQL databases are copies of."""
    from tests.instance.database.databases import postgresql_template

    return postgresql_template(postgresql, migrate, "migrated")


def migrate(url: str) -> None:
    """Make the instance's tables in a database."""
    from roster.instance.database.connections import Database
    from roster.instance.database.migrate import upgrade
    from roster.settings.secret import Secret

    database = Database(Secret(url))
    try:
        upgrade(database)
    finally:
        database.close()

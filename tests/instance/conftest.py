"""What tests of the instance's side start: databases of both kinds, and a browser."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from roster.consume.secret import Secret
from roster.instance.database import Database
from roster.instance.migrate import upgrade
from tests.browser import Chromium, chromium, picture
from tests.instance.databases import (
    Databases,
    PostgreSQLDatabases,
    SQLiteFiles,
    postgresql_template,
    sqlite_template,
)
from tests.postgresql import PostgreSQL, missing

Screenshot = Callable[[Page, str], Path]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL, started for the first test that asks for it."""
    if reason := missing():
        pytest.skip(reason)
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """A Chromium, started for the first test that asks for it or for a page."""
    started = Chromium(chromium())
    yield started
    started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console complained of so far; a test that expects something takes it out."""
    return []


@pytest.fixture
def page(browser: Chromium, complaints: list[str]) -> Iterator[Page]:
    """A page in a browser without cookies. The test fails if anything is left in ``complaints``."""
    with browser.page(complaints) as page:
        yield page


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Screenshot:
    """Keep the whole page as a picture that the pipeline collects: ``screenshot(page, name)``."""

    def keep(page: Page, name: str) -> Path:
        file = picture(request.node.nodeid.removeprefix("tests/"), name)
        page.screenshot(path=file, full_page=True)
        return file

    return keep


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


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """That, opened."""
    opened = Database(Secret(migrated_url))
    yield opened
    opened.close()


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
    database = Database(Secret(url))
    try:
        upgrade(database)
    finally:
        database.close()

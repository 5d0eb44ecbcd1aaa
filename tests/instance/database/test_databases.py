"""The databases of the tests: of the requested kind, and separate for each test."""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.conftest import ROOT
from tests.instance.database.databases import (
    Databases,
    PostgreSQLDatabases,
    SQLiteFiles,
    postgresql_template,
    sqlite_template,
)
from tests.postgresql import USER, PostgreSQL

APART = ("𝒜", "A", "é", "e\u0301", "ß", "SS", "ss", "İ", "i", "i\u0307", "I", "ı", "a", "a ", "")
"""Pairs that some collations or normalization forms consider equal."""


def migrate(url: str) -> None:
    """Create a table with one row."""
    run(url, "CREATE TABLE names (name TEXT PRIMARY KEY)", "INSERT INTO names VALUES ('first')")


def run(url: str, *statements: str, **values: object) -> list[object]:
    """Run statements in one transaction; return the first column of the last result."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement), values)
            return list(result.scalars()) if result.returns_rows else []
    finally:
        engine.dispose()


@pytest.fixture
def copies(databases: Databases, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Databases whose template is created by ``migrate``."""
    if isinstance(databases, SQLiteFiles):
        (tmp_path / "template").mkdir()
        file = sqlite_template(tmp_path / "template", migrate)
        yield SQLiteFiles(tmp_path, lambda: file)
        return
    server = request.getfixturevalue("postgresql")
    name = postgresql_template(server, migrate, "of_a_test")
    own = PostgreSQLDatabases(server, lambda: name)
    yield own
    own.remove()
    server.drop(name)


def test_databases_are_of_the_requested_kind(database_url: str, request: pytest.FixtureRequest):
    if "sqlite" in request.node.callspec.id:
        [version] = run(database_url, "SELECT sqlite_version()")
        assert re.fullmatch(r"3\.\d+\.\d+", str(version))
    else:
        [version] = run(database_url, "SELECT version()")
        assert str(version).startswith("PostgreSQL ")


def test_empty_database_has_no_tables(databases: Databases):
    for _ in range(2):
        migrate(databases.empty())  # would fail if the table existed


def test_similar_names_are_distinct(database_url: str):
    run(database_url, "CREATE TABLE names (name TEXT PRIMARY KEY)")
    for name in APART:
        run(database_url, "INSERT INTO names VALUES (:name)", name=name)
    assert sorted(map(str, run(database_url, "SELECT name FROM names"))) == sorted(APART)
    for name in APART:
        assert run(database_url, "SELECT name FROM names WHERE name = :name", name=name) == [name]
    with pytest.raises(IntegrityError):
        run(database_url, "INSERT INTO names VALUES ('ß')")


def test_copy_has_the_templates_content_and_is_separate(copies: Databases):
    one, other = copies.migrated(), copies.migrated()
    run(one, "INSERT INTO names VALUES ('second')")
    assert run(one, "SELECT name FROM names ORDER BY name") == ["first", "second"]
    assert run(other, "SELECT name FROM names") == run(copies.migrated(), "SELECT name FROM names") == ["first"]


def test_template_with_open_connection_is_rejected(tmp_path: Path):
    left_open = []

    def forgetful(url: str) -> None:
        left_open.append(create_engine(url).connect())
        left_open[0].execute(text("PRAGMA journal_mode = WAL"))
        left_open[0].execute(text("CREATE TABLE names (name TEXT)"))

    with pytest.raises(AssertionError, match="a connection is still open"):
        sqlite_template(tmp_path, forgetful)
    left_open[0].close()


def test_database_is_dropped_despite_connections(postgresql: PostgreSQL):
    url = postgresql.url(postgresql.create("dropped"))
    connection = create_engine(url).connect()
    postgresql.drop("dropped")
    with pytest.raises(DBAPIError, match=r"terminating connection|server closed the connection"):
        connection.execute(text("SELECT 1"))
    with pytest.raises(DBAPIError, match="does not exist"):
        run(url, "SELECT 1")


def test_postgresql_listens_on_private_socket_only(postgresql: PostgreSQL):
    url = postgresql.url("postgres")
    assert run(url, "SHOW listen_addresses") == [""]
    assert run(url, "SHOW unix_socket_directories") == [str(postgresql.folder)]
    assert postgresql.folder.stat().st_mode & 0o077 == 0


STARTING = "from tests.postgresql import PostgreSQL\nwith PostgreSQL() as it: print(it.folder, flush=True); "


@pytest.mark.usefixtures("postgresql")
def test_failing_test_stops_postgresql():
    done = subprocess.run([sys.executable, "-c", f"{STARTING}1/0"], cwd=ROOT, capture_output=True, text=True)
    assert "ZeroDivisionError" in done.stderr
    assert done.stdout.strip()
    assert not Path(done.stdout.strip()).exists()


@pytest.mark.usefixtures("postgresql")
def test_killed_test_stops_postgresql():
    command = [sys.executable, "-c", f"{STARTING}input()"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout
        folder = Path(tests.stdout.readline().strip())
        psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        tests.send_signal(signal.SIGKILL)
    ends = time.monotonic() + 20
    while (folder / "data" / "postmaster.pid").exists():
        assert time.monotonic() < ends, "PostgreSQL is still there"
        time.sleep(0.02)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(folder), user=USER, dbname="postgres")
    shutil.rmtree(folder)

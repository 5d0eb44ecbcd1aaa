"""Whether the database can be written to, in each state of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from roster.instance.database import feature_flag, write_check
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseBusy, DatabaseUnavailable
from roster.instance.database.write_check import find_write_problem
from tests.instance.sync.sync_helpers import DatabaseCalls, dump_database, open_database


def write(database: Database) -> None:
    with database.write_transaction(until=0) as connection:
        feature_flag.set_enabled(connection, True)


def logged_levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in caplog.records if record.name == "roster.instance"]


@contextmanager
def written_by_another_process(url: str) -> Iterator[None]:
    with open_database(url) as other, other.write_transaction():
        yield


def test_usable_database_is_not_changed(database: Database):
    before, calls = dump_database(database), DatabaseCalls(database)
    assert find_write_problem(database) is None
    assert [each for each in calls.writes if "WHERE false" not in each and "0 = 1" not in each] == []
    assert dump_database(database) == before


def test_short_write_of_another_process_is_no_problem(database: Database, migrated_url: str):
    with written_by_another_process(migrated_url):
        assert find_write_problem(database) is None


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # on PostgreSQL, a write has to fail first
def test_lasting_lock_is_a_problem(database: Database, migrated_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(write_check, "WRITE_WAIT_SECONDS", 0.0)
    with written_by_another_process(migrated_url):
        assert isinstance(find_write_problem(database), DatabaseBusy)
    assert find_write_problem(database) is None


def test_lock_that_made_a_write_fail_is_a_problem(
    database: Database, migrated_url: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    with written_by_another_process(migrated_url):
        for _ in range(2):
            with pytest.raises(DatabaseBusy, match="is busy with another write: try again in a few seconds"):
                write(database)
            assert isinstance(find_write_problem(database), DatabaseBusy)
        with database.read_transaction() as connection:  # a read does not end the outage
            assert not feature_flag.is_enabled(connection)
    assert find_write_problem(database) is None
    assert find_write_problem(database) is None
    assert logged_levels(caplog) == ["ERROR", "INFO"]


def test_missing_tables_are_a_problem(database: Database):
    with database.write_transaction() as connection:
        connection.execute(text("ALTER TABLE feature_flags RENAME TO others"))
    problem = find_write_problem(database)
    assert str(problem).endswith("; run roster instance migrate")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_full_disk_is_a_problem_until_there_is_space(database: Database):
    size = [1]

    def limit(connection, *_):
        connection.execute(f"PRAGMA max_page_count = {size[0]}")

    with database.write_transaction() as connection:
        connection.execute(text("CREATE TABLE filler (content BLOB)"))
    event.listen(database.engine, "checkout", limit)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="database or disk is full"):
            fill(database)
    size[0] = 1 << 20
    assert find_write_problem(database) is None
    fill(database)


def fill(database: Database) -> None:
    with database.write_transaction() as connection:
        connection.execute(text("INSERT INTO filler VALUES (zeroblob(100000))"))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_deleted_file_is_a_problem(database: Database, migrated_url: str):
    assert find_write_problem(database) is None
    Path(migrated_url.removeprefix("sqlite:///")).unlink()
    assert str(find_write_problem(database)).endswith("cannot be used: the file does not exist")


def test_two_outages_are_logged_separately(database: Database, migrated_url: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            with written_by_another_process(migrated_url), pytest.raises(DatabaseBusy):
                write(database)
            write(database)
    assert logged_levels(caplog) == ["ERROR", "INFO"] * 2

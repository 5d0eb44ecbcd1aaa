"""Transactions read one snapshot or write exclusively; an unusable database raises an error without secrets."""

import socket
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import IntegrityError, InternalError

from roster.findings import ConfigurationError
from roster.instance.database import connections as module
from roster.instance.database import migrate
from roster.instance.database.connections import Database
from roster.instance.database.engine import POSTGRESQL_OPTIONS
from roster.instance.database.tables import namespaces
from roster.settings.secret import Secret
from tests.download.download_helpers import CANARY

THREAD_TIMEOUT = 20.0
"""How many seconds a thread may take on a busy machine."""


def ids(database: Database) -> list[int]:
    with database.read_transaction() as connection:
        return list(connection.scalars(select(namespaces.c.id).order_by(namespaces.c.id)))


def connection_error(url: str) -> str:
    database = Database(Secret(url))
    with pytest.raises(ConfigurationError) as raised:
        migrate.upgrade(database)
    database.close()
    shown = f"{raised.value!s} {raised.value.__context__!r} {database!r} {vars(database)!r}"
    assert CANARY not in shown
    assert raised.value.__context__ is None
    return str(raised.value)


def _write_and_raise(database: Database) -> None:
    with database.write_transaction() as connection:
        connection.execute(insert(namespaces).values(id=1))
        raise KeyError


def _lose_connection(database: Database, other: Database) -> None:
    """Terminate the connection within a transaction, as a restart of PostgreSQL does."""
    with database.write_transaction() as connection:
        connection.execute(insert(namespaces).values(id=1))
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with other.read_transaction() as killing:
            killing.execute(text(f"SELECT pg_terminate_backend({pid})"))
        connection.execute(text("SELECT 1"))


def _insert_twice(database: Database, value: str) -> None:
    with database.write_transaction() as connection:
        for _ in range(2):
            connection.execute(text("INSERT INTO kept VALUES (:value)"), {"value": value})


class TestTransactions:
    def test_reader_sees_one_snapshot_during_a_write(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.read_transaction() as reading:
            assert reading.scalars(select(namespaces.c.id)).all() == []
            with database.write_transaction() as writing:
                writing.execute(insert(namespaces).values(id=1))
                assert reading.scalars(select(namespaces.c.id)).all() == []
            assert reading.scalars(select(namespaces.c.id)).all() == []
        assert ids(database) == [1]
        database.close()

    def test_writers_are_serialized(self, migrated_url: str):
        """Each writer inserts the highest id plus one, which fails if two of them read the same ids."""
        databases = [Database(Secret(migrated_url)) for _ in range(2)]
        entered: list[float] = []

        def add(database: Database) -> None:
            for _ in range(5):
                with database.write_transaction() as connection:
                    last = max(connection.scalars(select(namespaces.c.id)), default=0)
                    time.sleep(0.01)
                    connection.execute(insert(namespaces).values(id=last + 1))
                    entered.append(last)

        threads = [threading.Thread(target=add, args=(database,)) for database in databases * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(THREAD_TIMEOUT)
        assert ids(databases[0]) == list(range(1, 21))
        assert entered == list(range(20))
        for database in databases:
            database.close()

    def test_exception_rolls_back(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with pytest.raises(KeyError):
            _write_and_raise(database)
        assert ids(database) == []
        database.close()

    def test_read_transaction_cannot_write(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        for _ in range(2):  # the second time, on a connection that was used to write
            with (
                pytest.raises((ConfigurationError, InternalError), match=r"read-?only"),
                database.read_transaction() as reading,
            ):
                reading.execute(insert(namespaces).values(id=1))
            with database.write_transaction() as writing:
                writing.execute(insert(namespaces).values(id=2))
                writing.execute(delete(namespaces))
        assert ids(database) == []
        database.close()

    def test_lock_timeout_is_reported(self, migrated_url: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(module, "WRITE_WAIT_SECONDS", 1.0)
        database = Database(Secret(migrated_url))
        with database.write_transaction():
            started = time.monotonic()
            with pytest.raises(ConfigurationError, match=r"database .* is busy with another write: try again"):
                database.write_transaction().__enter__()
            assert 0.9 < time.monotonic() - started < THREAD_TIMEOUT
        database.close()


class TestUnusableDatabase:
    def test_unreachable_postgresql(self):
        error = connection_error(f"postgresql+psycopg://roster:{CANARY}@127.0.0.1:1/roster")
        assert error.startswith("the postgresql database roster@127.0.0.1:1/roster cannot be used: connection failed")

    @pytest.mark.slow
    def test_unresponsive_postgresql(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(POSTGRESQL_OPTIONS, "connect_timeout", "2")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            started = time.monotonic()
            error = connection_error(f"postgresql+psycopg://roster:{CANARY}@127.0.0.1:{silent.getsockname()[1]}/roster")
        assert "timeout" in error
        assert time.monotonic() - started < THREAD_TIMEOUT

    @pytest.mark.parametrize("databases", ["postgresql"], indirect=True)  # SQLite has no server
    def test_lost_connection(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        other = Database(Secret(migrated_url))
        with pytest.raises(ConfigurationError, match=r"the postgresql database roster@.* cannot be used: "):
            _lose_connection(database, other)
        assert ids(database) == []  # on a new connection
        database.close()
        other.close()

    @pytest.mark.parametrize("content", [b"hello" * 2000, b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "torn"])
    def test_corrupt_file(self, tmp_path: Path, content: bytes):
        (tmp_path / "instance.db").write_bytes(content)
        error = connection_error(f"sqlite:///{tmp_path}/instance.db")
        assert error == f"the sqlite database {tmp_path}/instance.db cannot be used: file is not a database"
        assert (tmp_path / "instance.db").read_bytes() == content

    def test_file_corrupt_in_the_middle(self, tmp_path: Path):
        database = Database(Secret(f"sqlite:///{tmp_path}/instance.db"))
        migrate.upgrade(database)
        database.close()
        content = (tmp_path / "instance.db").read_bytes()
        (tmp_path / "instance.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        with pytest.raises(ConfigurationError, match="cannot be used: database disk image is malformed"):
            ids(database)

    @pytest.mark.parametrize(
        ("name", "reason"),
        [("no/such/folder/instance.db", "its folder does not exist"), ("folder", "unable to open database file; ")],
    )
    def test_impossible_file(self, tmp_path: Path, name: str, reason: str):
        (tmp_path / "folder").mkdir()
        error = connection_error(f"sqlite:///{tmp_path}/{name}")
        assert error.startswith(f"the sqlite database {tmp_path}/{name} cannot be used: {reason}")

    def test_statement_error_is_not_translated_and_hides_values(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.write_transaction() as connection:
            connection.execute(text("CREATE TABLE kept (value VARCHAR NOT NULL UNIQUE)"))
        with pytest.raises(IntegrityError) as raised:
            _insert_twice(database, CANARY)
        assert "hide_parameters=True" in str(raised.value)
        database.close()

"""``roster instance`` on databases as they are operated: PgBouncer, failover, missing rights, locks."""

import os
import pwd
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from roster.instance.database.connections import WRITE_WAIT_SECONDS
from roster.instance.database.worker_threads import READ_SECONDS
from roster.instance.instance_settings import DATABASE_URL, GATEWAY_URL
from tests.conftest import Run
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import until
from tests.instance.database.databases import SQLiteFiles
from tests.instance.http.test_monitoring import client
from tests.instance.sync.sync_helpers import open_database, sync_body
from tests.instance.test_serve import CHOOSE, FEATURES, LIST, post_query, running_server, set_flag
from tests.pgbouncer import pgbouncer
from tests.postgresql import PostgreSQL, missing
from tests.programs import unavailable
from tests.server_process import ServerProcess

pytestmark = pytest.mark.slow

SOON = 10.0
"""Within how many seconds a server notices that its database can be used again; the lease is checked every 5."""


def prepare(url: str) -> None:
    """Turn the feature on, and store a list, in a migrated database."""
    set_flag(url)
    with open_database(url) as database:
        assert sync_body(database, LIST).outcome == "replaced"


def readiness(server: ServerProcess) -> tuple[int, Any]:
    response = server.request("/-/readiness")
    return response.status, response.json()


def metrics(server: ServerProcess) -> str:
    return server.request("/metrics").text


def assert_reads_work(server: ServerProcess) -> None:
    """Assert that everything that only reads answers promptly."""
    for read in (
        lambda: post_query(server, FEATURES),
        lambda: server.request("/admin/sign_in"),
        lambda: server.request("/metrics"),
        lambda: server.request("/-/readiness"),
    ):
        started = time.monotonic()
        response = read()
        assert time.monotonic() - started < 2, "a read waited"
        assert response.status == 200 or response.url.endswith("/-/readiness"), response.text


def assert_quiet_log(server: ServerProcess, problem: str) -> None:
    """Assert that a problem is logged once, without a traceback."""
    assert "Traceback" not in server.log
    lines = [line for line in server.log.splitlines() if '"level": "ERROR"' in line]
    assert len(lines) == 1, server.log
    assert problem in lines[0]


class TestPgBouncer:
    """In transaction mode, the statements of a connection may run on several server connections."""

    def test_requests_succeed(self, postgresql: PostgreSQL, migrated_name: str):
        name = postgresql.create(template=migrated_name)
        prepare(postgresql.url(name))
        with (
            pgbouncer(postgresql, name, pool_size=3) as url,
            ScriptedServer(ok(LIST)) as gateway,
            running_server(url, gateway.origin) as server,
        ):
            queries = [CHOOSE if number % 10 == 0 else FEATURES for number in range(200)]
            with ThreadPoolExecutor(8) as threads:
                responses = list(threads.map(lambda query: post_query(server, query), queries))
            assert [response.status for response in responses] == [200] * 200
            assert not [response.text for response in responses if 'errors":[{' in response.text]
            until(lambda: readiness(server)[1]["leader"], SOON)
            assert readiness(server)[0] == 200
            assert "roster_instance_database_up 1.0" in metrics(server)
        postgresql.drop(name)

    def test_server_behind_it_that_stops(self, roster: Run, primary: PostgreSQL):
        """PgBouncer accepts connections, and waits for the server."""
        name = primary.create()
        assert roster("instance", "migrate", **{DATABASE_URL: primary.url(name)}).returncode == 0
        prepare(primary.url(name))
        with pgbouncer(primary, name, pool_size=3) as url, running_server(url) as server:
            assert post_query(server, CHOOSE).status == 200
            primary.stop()
            started = time.monotonic()
            assert readiness(server)[0] == 503
            assert time.monotonic() - started < 6
            assert post_query(server, FEATURES).status == 503
            assert post_query(server, CHOOSE).status == 503
            primary.start()
            until(lambda: readiness(server)[0] == 200, 30)
            assert post_query(server, CHOOSE).status == 200
            assert "Traceback" not in server.log

    def test_commands_succeed(self, roster: Run, postgresql: PostgreSQL):
        name = postgresql.create()
        with pgbouncer(postgresql, name, pool_size=3) as url, ScriptedServer(ok(LIST)) as gateway:
            environ = {DATABASE_URL: url, GATEWAY_URL: gateway.origin}
            for line in ("migrate", "flag on", "sync", "sync", "explain duo_chat", "migrate --down base", "migrate"):
                process = roster("instance", *line.split(), **environ)
                assert process.returncode == 0, process.stderr
        postgresql.drop(name)


@pytest.fixture
def primary() -> Iterator[PostgreSQL]:
    if reason := missing():
        unavailable(reason)
    with PostgreSQL() as server:
        yield server


class TestStandby:
    def test_standby_serves_reads_until_it_is_promoted(self, roster: Run, primary: PostgreSQL):
        name = primary.create()
        assert roster("instance", "migrate", **{DATABASE_URL: primary.url(name)}).returncode == 0
        prepare(primary.url(name))
        with (
            PostgreSQL(primary) as standby,
            ScriptedServer(ok(LIST)) as gateway,
            running_server(url := standby.url(name), gateway.origin) as server,
        ):
            status, report = readiness(server)
            assert (status, report["status"]) == (503, "not ready")
            assert "cannot be used: the server is a hot standby; connect to the primary" in report["database"]
            assert report["last_error"]["message"] == report["database"]
            assert report["list"]["models"] == 3
            assert "roster_instance_database_up 0.0" in metrics(server)
            assert_reads_work(server)
            response = post_query(server, CHOOSE)
            assert response.status == 503, response.text + server.log
            assert (response.status, response.headers["retry-after"]) == (503, "10")
            self.check_commands(roster, url, gateway.origin)
            primary.stop()
            standby.promote()
            until(lambda: readiness(server)[0] == 200, SOON)
            assert post_query(server, CHOOSE).status == 200
            until(lambda: readiness(server)[1]["leader"], SOON)
            assert readiness(server)[1]["last_error"] is None
            assert "roster_instance_database_up 1.0" in metrics(server)
            assert_quiet_log(server, "; connect to the primary, or make the database writable")
            assert "the database can be used again" in server.log

    @staticmethod
    def check_commands(roster: Run, url: str, gateway: str) -> None:
        statuses = {"flag": 0, "explain duo_chat": 0, "flag off": 2, "sync": 2, "migrate --down base": 2}
        for line, status in statuses.items():
            process = roster("instance", *line.split(), **{DATABASE_URL: url, GATEWAY_URL: gateway})
            assert process.returncode == status, process.stderr
            assert "Traceback" not in process.stderr
            if status:
                assert "read-only transaction; connect to the primary, or make" in process.stderr

    def test_connections_move_to_the_new_primary(self, roster: Run, primary: PostgreSQL):
        """With both hosts in the URL, pooled connections to a server that became read-only are dropped."""
        name = primary.create()
        assert roster("instance", "migrate", **{DATABASE_URL: primary.url(name)}).returncode == 0
        prepare(primary.url(name))
        with PostgreSQL(primary) as standby:
            url = f"postgresql://roster@/{name}?host={primary.folder}&host={standby.folder}"
            with running_server(f"{url}&target_session_attrs=read-write") as server:
                assert post_query(server, CHOOSE).status == 200
                standby.promote()
                primary.execute("ALTER SYSTEM SET default_transaction_read_only = on")
                primary.execute("SELECT pg_reload_conf()")
                until(lambda: "roster_instance_database_up 0.0" in metrics(server), SOON)
                until(lambda: readiness(server)[0] == 200, SOON)
                assert post_query(server, CHOOSE).status == 200


@pytest.fixture
def role(postgresql: PostgreSQL) -> Iterator[str]:
    """A role with a name to quote, without rights."""
    name = "an instance"
    postgresql.execute(f'CREATE ROLE "{name}" LOGIN')
    yield name
    postgresql.execute(f'DROP ROLE "{name}"')


class TestMissingRights:
    @pytest.fixture
    def database_name(self, postgresql: PostgreSQL, role: str) -> Iterator[str]:
        name = postgresql.create()
        yield name
        postgresql.drop(name)

    @staticmethod
    def url(postgresql: PostgreSQL, name: str, role: str) -> str:
        return postgresql.url(name).replace("roster@", role.replace(" ", "%20") + "@")

    @staticmethod
    def grant(postgresql: PostgreSQL, name: str, message: str) -> None:
        """Run the statement that a message recommends, as the owner of the database."""
        statement = re.search(r"run (GRANT .*)", message)
        assert statement, message
        with psycopg.connect(postgresql.url(name).replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement[1].encode())

    def test_migration_names_the_missing_grant(
        self, roster: Run, postgresql: PostgreSQL, database_name: str, role: str
    ):
        environ = {DATABASE_URL: self.url(postgresql, database_name, role)}
        process = roster("instance", "migrate", **environ)
        assert (process.returncode, process.stdout) == (2, "")
        assert "permission denied for schema public; run GRANT CREATE ON SCHEMA public TO" in process.stderr
        self.grant(postgresql, database_name, process.stderr)
        assert roster("instance", "migrate", **environ).stdout == "the database is at revision 0003\n"

    def test_migration_without_any_schema(self, roster: Run, postgresql: PostgreSQL, database_name: str, role: str):
        environ = {DATABASE_URL: self.url(postgresql, database_name, role)}
        self.grant(postgresql, database_name, "run GRANT CREATE ON SCHEMA public TO roster")
        with psycopg.connect(postgresql.url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        process = roster("instance", "migrate", **environ)
        assert process.returncode == 2, process.stderr
        self.grant(postgresql, database_name, process.stderr)
        assert roster("instance", "migrate", **environ).returncode == 0

    @pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
    def test_migration_needs_utf8(self, roster: Run, postgresql: PostgreSQL, encoding: str):
        postgresql.execute(f"CREATE DATABASE other ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
        process = roster("instance", "migrate", **{DATABASE_URL: postgresql.url("other")})
        postgresql.drop("other")
        assert process.returncode == 2, process.stderr
        assert f"the encoding of the database is {encoding}: create a database with ENCODING 'UTF8'" in process.stderr

    @pytest.mark.parametrize("granted", ["", "SELECT", "SELECT, INSERT", "SELECT, INSERT, UPDATE"])
    def test_server_recovers_after_the_grant(
        self, roster: Run, postgresql: PostgreSQL, database_name: str, role: str, granted: str
    ):
        assert roster("instance", "migrate", **{DATABASE_URL: postgresql.url(database_name)}).returncode == 0
        prepare(postgresql.url(database_name))
        url = self.url(postgresql, database_name, role)
        if not granted:
            process = roster("instance", "explain", "duo_chat", **{DATABASE_URL: url})
            assert process.returncode == 2
            assert "permission denied for table" in process.stderr
            granted = "SELECT"
        self.grant(postgresql, database_name, f'run GRANT {granted} ON ALL TABLES IN SCHEMA public TO "{role}"')
        with running_server(url) as server:
            status, report = readiness(server)
            assert status == 503, report
            assert_reads_work(server)
            if "DELETE" not in granted and "INSERT" not in granted:
                assert post_query(server, CHOOSE).status == 503
                process = roster("instance", "flag", "off", **{DATABASE_URL: url})
                assert process.returncode == 2
                assert "run GRANT SELECT, INSERT, UPDATE, DELETE" in process.stderr
            self.grant(postgresql, database_name, report["database"])
            assert readiness(server)[0] == 200
            assert post_query(server, CHOOSE).status == 200
            assert "Traceback" not in server.log

    def test_audit_events_may_be_append_only(self, roster: Run, postgresql: PostgreSQL, database_name: str, role: str):
        assert roster("instance", "migrate", **{DATABASE_URL: postgresql.url(database_name)}).returncode == 0
        prepare(postgresql.url(database_name))
        self.grant(postgresql, database_name, f'run GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
        with psycopg.connect(postgresql.url(database_name).replace("+psycopg", "")) as connection:
            connection.execute(f'REVOKE UPDATE, DELETE ON instance_ai_audit_events FROM "{role}"'.encode())
        with running_server(self.url(postgresql, database_name, role)) as server:
            assert readiness(server)[0] == 200
            assert post_query(server, CHOOSE).status == 200

    def test_read_only_role(self, roster: Run, postgresql: PostgreSQL, database_name: str, role: str):
        assert roster("instance", "migrate", **{DATABASE_URL: postgresql.url(database_name)}).returncode == 0
        prepare(postgresql.url(database_name))
        url = self.url(postgresql, database_name, role)
        self.grant(postgresql, database_name, f'run GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
        with running_server(url) as server:
            assert readiness(server)[0] == 200
            postgresql.execute(f'ALTER ROLE "{role}" SET default_transaction_read_only = on')
            postgresql.close_connections(database_name)
            assert "default_transaction_read_only is on" in readiness(server)[1]["database"]
            assert post_query(server, CHOOSE).status == 503
            postgresql.execute(f'ALTER ROLE "{role}" RESET default_transaction_read_only')
            until(lambda: readiness(server)[0] == 200, SOON)
            assert post_query(server, CHOOSE).status == 200
            assert "Traceback" not in server.log


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Do not ignore the permissions of files, as root does."""
    user = os.geteuid()
    os.seteuid(user or pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(user)


class TestReadOnlyFile:
    @pytest.fixture
    def file(self, migrated_file: Path) -> Iterator[Path]:
        """A migrated file in a folder that everyone can find, unlike pytest's."""
        with tempfile.TemporaryDirectory(prefix="roster-sqlite-", dir="/tmp") as folder:
            file = Path(shutil.copyfile(migrated_file, Path(folder) / "instance.db"))
            set_flag(f"sqlite:///{file}")
            yield file

    @pytest.mark.parametrize(
        ("file_mode", "folder_mode", "readable"),
        [(0o444, 0o777, True), (0o444, 0o555, False), (0o666, 0o555, False), (0o000, 0o777, False)],
    )
    def test_file_or_folder_that_is_read_only(
        self, roster: Run, file: Path, file_mode: int, folder_mode: int, readable: bool
    ):
        file.chmod(file_mode)
        file.parent.chmod(folder_mode)
        url = f"sqlite:///{file}"
        statuses = {"flag": 0 if readable else 2, "flag off": 2, "migrate --down base": 2}
        with open_database(url) as database:
            http = client(database)
            with as_ordinary_user():
                for line, status in statuses.items():
                    process = roster("instance", *line.split(), cwd=file.parent, **{DATABASE_URL: url})
                    assert process.returncode == status, process.stderr
                    if status:
                        assert f"the sqlite database {file} cannot be used: " in process.stderr
                        assert "the process must be allowed to write to" in process.stderr
                for _ in range(2):
                    report = http.get("/-/readiness")
                    assert report.status_code == 503
                    assert ("list" in report.json()) is readable
                    assert "roster_instance_database_up 0.0" in http.get("/metrics").text
            file.parent.chmod(0o777)
            for each in file.parent.iterdir():  # SQLite gives its other two files the mode of the first
                each.chmod(0o666)
            with as_ordinary_user():
                assert http.get("/-/readiness").status_code == 200


class TestRestart:
    def test_outage_is_logged_once(self, primary: PostgreSQL, roster: Run):
        name = primary.create()
        assert roster("instance", "migrate", **{DATABASE_URL: primary.url(name)}).returncode == 0
        prepare(primary.url(name))
        with running_server(primary.url(name)) as server, ThreadPoolExecutor(8) as threads:
            queries = [FEATURES, CHOOSE] * 4
            assert {each.status for each in threads.map(lambda query: post_query(server, query), queries)} == {200}
            primary.stop()
            responses = list(threads.map(lambda query: post_query(server, query), queries * 20))
            assert {(each.status, each.headers["retry-after"]) for each in responses} == {(503, "10")}
            assert server.request("/admin/model_selection").status == 503
            assert readiness(server)[0] == 503
            primary.start()
            until(lambda: readiness(server)[0] == 200, SOON)
            assert {each.status for each in threads.map(lambda query: post_query(server, query), queries)} == {200}
            assert "Traceback" not in server.log
            assert server.log.count('"level": "ERROR"') <= 2, "for reads and for writes, if the reasons differ"


class TestLock:
    def test_reads_go_on_while_another_process_writes(self, tmp_path: Path, migrated_file: Path):
        url = SQLiteFiles(tmp_path, lambda: migrated_file).migrated()
        prepare(url)
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
        with running_server(url) as server, ThreadPoolExecutor(12) as threads:
            assert readiness(server)[0] == 200
            other.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            writes = [threads.submit(post_query, server, CHOOSE) for _ in range(12)]
            while not all(write.done() for write in writes):
                assert_reads_work(server)
                assert time.monotonic() - started < WRITE_WAIT_SECONDS + 5, "a write waited for too long"
            responses = [write.result() for write in writes]
            assert {(each.status, each.headers["retry-after"]) for each in responses} == {(503, "10")}
            assert "the database is busy" in responses[0].text
            status, report = readiness(server)
            assert (status, report["last_error"]["reason"]) == (503, "database-busy")
            assert "roster_instance_database_up 0.0" in metrics(server)
            other.execute("ROLLBACK")
            assert readiness(server)[0] == 200
            assert post_query(server, CHOOSE).status == 200
            assert_quiet_log(server, "is busy with another write")
        other.close()

    def test_locked_tables_delay_no_response_for_long(self, postgresql: PostgreSQL, migrated_name: str):
        """Another session locks tables even for reads, as VACUUM FULL does."""
        name = postgresql.create(template=migrated_name)
        prepare(postgresql.url(name))
        with (
            running_server(postgresql.url(name)) as server,
            psycopg.connect(postgresql.url(name).replace("+psycopg", "")) as other,
            ThreadPoolExecutor(10) as threads,
        ):
            other.execute("LOCK TABLE feature_flags, instance_ai_features IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            requests = [lambda: post_query(server, FEATURES), lambda: server.request("/admin/sign_in")] * 5
            responses = [threads.submit(request) for request in requests]
            status, report = readiness(server)
            assert (status, report["status"]) == (503, "not ready")
            assert "no response within 4 seconds" in report["database"]
            assert "roster_instance_database_up 0.0" in metrics(server)
            assert {response.result().status for response in responses} == {503}
            assert time.monotonic() - started < READ_SECONDS + 5
            other.rollback()
            until(lambda: readiness(server)[0] == 200, SOON)
            assert post_query(server, FEATURES).status == 200
            assert post_query(server, CHOOSE).status == 200
            assert "Traceback" not in server.log
        postgresql.drop(name)

    def test_command_says_that_the_database_is_busy(self, roster: Run, tmp_path: Path, migrated_file: Path):
        url = SQLiteFiles(tmp_path, lambda: migrated_file).migrated()
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert roster("instance", "flag", **{DATABASE_URL: url}).returncode == 0
        process = roster("instance", "flag", "on", **{DATABASE_URL: url})
        other.close()
        assert process.returncode == 2
        assert process.stderr.endswith(
            f"roster: the sqlite database {tmp_path}/database_1.sqlite is busy with another "
            "write: try again in a few seconds\n"
        )

"""``roster instance serve`` as real processes: startup, requests, a shared database, and shutdown."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.sync.schedule import LEASE_CHECK_SECONDS
from roster.settings.secret import Secret
from tests.accept.example_downloads import model, rendered
from tests.conftest import Run
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import missing, until, without
from tests.instance.database.databases import Databases
from tests.server_process import OWN_PROCESS, TIMEOUT, Response, ServerProcess, run_server, startup_error

pytestmark = pytest.mark.slow


def test_sigterm_ends_server_that_waits_for_the_database_at_start(tmp_path: Path):
    file = tmp_path / "instance.db"
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    command = [sys.executable, "-m", "roster", "instance", "serve", "--port", "0"]
    with subprocess.Popen(command, env={"PATH": "/usr/bin:/bin"} | variables(f"sqlite:///{file}")) as process:
        until(lambda: has_open(process.pid, file))
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    lock.close()


def test_sigterm_ends_server_while_database_is_locked(tmp_path: Path):
    """The server cannot release the lease, which expires."""
    file = tmp_path / "instance.db"
    with (
        ScriptedServer(ok(LIST)) as gateway,
        running_server(f"sqlite:///{file}", gateway.origin) as server,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        until(lambda: server.get("/-/readiness")["leader"])
        other.execute("BEGIN IMMEDIATE")
        status, seconds = server.stop(signal.SIGTERM)
    assert (status, seconds < 5) == (0, True), server.log


def has_open(pid: int, file: Path) -> bool:
    """Whether a process has the file open. Its other descriptors may be closed while they are read."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if os.readlink(descriptor) == str(file):
                return True
    return False


TOKEN = f"write-{CANARY}"
HASH = sha256(TOKEN.encode()).hexdigest()
LIST = rendered("definitions", model("claude") + model("gemini") + model("mistral"))
FEATURES = "{ aiFeatureSettings { nodes { feature selection { defaultModel { ref } } resolution { model { ref } } } } }"
ACCESS = "roster.instance.access"
FEATURE = "duo_chat"
CHOOSE = """mutation {
  aiFeatureSettingUpdate(input: {feature: "duo_chat", models: ["mistral", "gemini"], defaultModel: "gemini"}) { errors }
}"""


def variables(url: str, gateway: str = "", **more: str) -> dict[str, str]:
    environ = {"DATABASE_URL": url, "WRITE_TOKEN_HASHES": HASH, "GATEWAY_TOKEN": CANARY} | more
    if gateway:
        environ["GATEWAY_URL"] = gateway
    return {f"ROSTER_INSTANCE_{name}": value for name, value in environ.items()}


def running_server(url: str, gateway: str = "", **more: str) -> AbstractContextManager[ServerProcess]:
    return run_server(variables(url, gateway, **more), "instance")


def set_flag(url: str, on: bool = True) -> None:
    database = Database(Secret(url))
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, on)
    database.close()


def post_query(server: ServerProcess, query: str) -> Response:
    return server.request("/api/graphql", {"query": query}, Authorization=f"Bearer {TOKEN}")


def query_api(server: ServerProcess, query: str) -> Any:
    response = post_query(server, query)
    assert response.status == 200, response.text
    return response.json()


def status_of(server: ServerProcess, path: str) -> int:
    return server.request(path).status


def wait_for_list(server: ServerProcess) -> Any:
    """Wait until the server has a list, and recorded that it has it; return its readiness."""
    until(lambda: server.get("/-/readiness")["last_check"], TIMEOUT)
    return server.get("/-/readiness")


def selected_defaults(server: ServerProcess) -> Mapping[str, str | None]:
    nodes = query_api(server, FEATURES)["data"]["aiFeatureSettings"]["nodes"]
    return {each["feature"]: each["selection"] and each["selection"]["defaultModel"]["ref"] for each in nodes}


def log_lines(server: ServerProcess) -> list[Any]:
    """Return the parsed log lines, without the line with the address."""
    lines = [json.loads(line) for line in server.log.splitlines()]
    return [line for line in lines if line["logger"] != "roster.server"]


class TestServing:
    def test_server_starts_syncs_responds_and_stops(self, migrated_url: str):
        set_flag(migrated_url)
        with ScriptedServer(ok(LIST)) as gateway, running_server(migrated_url, gateway.origin) as server:
            message = wait_for_list(server)
            assert (message["status"], message["leader"], message["list"]["models"]) == ("ready", True, 3)
            assert query_api(server, CHOOSE) == {"data": {"aiFeatureSettingUpdate": {"errors": []}}}
            assert selected_defaults(server)[FEATURE] == "gemini"
            assert status_of(server, f"/admin/sign_in?{CANARY}") == 200
            assert status_of(server, "/api/graphql") == 401
            status, seconds = server.stop(signal.SIGTERM)
        assert (status, seconds < 5) == (0, True), server.log
        assert gateway.requests[0].headers["authorization"] == f"Bearer {CANARY}"
        paths = [line["path"] for line in log_lines(server) if line["logger"] == ACCESS]
        assert paths.count("/api/graphql") == 3
        assert "/admin/sign_in" in paths
        assert CANARY not in server.log
        assert "Traceback" not in server.log

    def test_new_database_is_migrated(self, database_url: str):
        with running_server(database_url) as server:
            assert server.get("/-/readiness")["status"] == "off"
            assert server.stop(signal.SIGINT)[0] == 0
        message = [line["message"] for line in log_lines(server) if line["logger"] not in ("uvicorn.error", ACCESS)]
        verb = "created" if database_url.startswith("sqlite") else "using"
        assert message == [
            "ROSTER_INSTANCE_GATEWAY_TOKEN is set, but ROSTER_INSTANCE_GATEWAY_URL is not: the sync is disabled",
            f"{verb} the {Database(Secret(database_url))}",
            "migrated the database from base to 0003",
        ]

    def test_flag_takes_effect_while_running(self, migrated_url: str):
        with (
            ScriptedServer(ok(LIST)) as gateway,
            running_server(migrated_url, gateway.origin, SYNC_SECONDS="10") as server,
        ):
            assert server.get("/-/readiness")["status"] == "off"
            assert status_of(server, "/admin/sign_in") == 404
            assert "errors" in query_api(server, FEATURES)
            assert gateway.requests == []
            set_flag(migrated_url)
            before = wait_for_list(server)["list"]["version"]
            assert status_of(server, "/admin/sign_in") == 200
            query_api(server, CHOOSE)
            set_flag(migrated_url, on=False)
            assert server.get("/-/readiness")["status"] == "off"
            assert status_of(server, "/admin/sign_in") == 404
            assert "errors" in query_api(server, FEATURES)
            set_flag(migrated_url)
            assert selected_defaults(server)[FEATURE] == "gemini"
            assert server.get("/-/readiness")["list"]["version"] == before

    def test_restart_keeps_data(self, migrated_url: str):
        set_flag(migrated_url)
        with ScriptedServer(ok(LIST)) as gateway:
            with running_server(migrated_url, gateway.origin) as server:
                first = wait_for_list(server)
                query_api(server, CHOOSE)
                assert server.stop(signal.SIGTERM)[0] == 0
            asked_so_far = len(gateway.requests)
            with running_server(migrated_url, gateway.origin) as server:
                restarted = server.get("/-/readiness")
                assert selected_defaults(server)[FEATURE] == "gemini"
        assert restarted["list"]["version"] == first["list"]["version"]
        assert restarted["last_check"] == first["last_check"]
        assert len(gateway.requests) == asked_so_far, "a restart within the interval must not sync"

    def test_request_in_progress_is_finished(self, migrated_url: str):
        set_flag(migrated_url)
        answers: list[Any] = []
        database = Database(Secret(migrated_url))
        with ScriptedServer(ok(LIST)) as gateway, running_server(migrated_url, gateway.origin) as server:
            wait_for_list(server)
            with database.write_transaction():  # blocks the mutation
                client = threading.Thread(target=lambda: answers.append(query_api(server, CHOOSE)))
                client.start()
                client.join(1)
                assert not answers
                server.process.send_signal(signal.SIGTERM)
                client.join(1)
                assert not answers
            client.join(TIMEOUT)
            assert server.process.wait(TIMEOUT) == 0
        assert answers == [{"data": {"aiFeatureSettingUpdate": {"errors": []}}}]
        database.close()


class TestTwoProcesses:
    def test_second_process_takes_over(self, databases: Databases):
        url = databases.migrated()
        set_flag(url)
        with (
            ScriptedServer(ok(LIST)) as gateway,
            running_server(url, gateway.origin) as one,
            running_server(url, gateway.origin) as two,
        ):
            until(lambda: any(self.leaders(one, two)), TIMEOUT)
            assert sorted(self.leaders(one, two)) == [False, True]
            for server in (one, two):
                assert wait_for_list(server)["list"]["version"] == 1
            leader, other = (one, two) if self.leaders(one)[0] else (two, one)
            query_api(leader, CHOOSE)
            assert selected_defaults(other)[FEATURE] == "gemini"
            assert leader.stop(signal.SIGTERM)[0] == 0
            until(lambda: self.leaders(other)[0], LEASE_CHECK_SECONDS + TIMEOUT)
            assert selected_defaults(other)[FEATURE] == "gemini"
        assert len([each for each in gateway.requests if each.path.startswith("/v1/")]) == 1

    @staticmethod
    def leaders(*servers: ServerProcess) -> list[bool]:
        return [server.get("/-/readiness")["leader"] for server in servers]


class TestUsage:
    def startup_error(self, roster: Run, environ: dict[str, str]) -> str:
        done = roster("instance", "serve", "--port", "0", **OWN_PROCESS, **environ)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "Traceback" not in done.stderr
        assert CANARY not in done.stderr
        return startup_error(done.stderr)

    def test_no_write_token(self, roster: Run, tmp_path: Any):
        message = self.startup_error(roster, {"ROSTER_INSTANCE_DATABASE_URL": f"sqlite:///{tmp_path}/instance.db"})
        assert message == (
            "no token has write access, so nobody can sign in: create one with "
            "roster instance token --name NAME, or set ROSTER_INSTANCE_WRITE_TOKEN_HASHES"
        )
        assert not (tmp_path / "instance.db").exists()

    def test_unreachable_database(self, roster: Run):
        message = self.startup_error(roster, variables(f"postgresql://roster:{CANARY}@127.0.0.1:1/roster"))
        assert "the postgresql database roster@127.0.0.1:1/roster cannot be used: connection failed" in message

    def test_log_level_applies_to_warnings_at_start(self, tmp_path: Any):
        command = [sys.executable, "-m", "roster", "instance", "serve", "--port", "0"]
        for level, warnings in (("warning", 1), ("ERROR", 0)):
            environ = variables(f"sqlite:///{tmp_path}/missing/instance.db", LOG_LEVEL=level)
            log = subprocess.run(command, env=environ, stderr=subprocess.PIPE, text=True).stderr
            levels = [json.loads(line)["level"] for line in log.splitlines()]
            assert levels == ["WARNING"] * warnings + ["CRITICAL"]
            assert startup_error(log).startswith("the sqlite database")

    def test_corrupt_database(self, roster: Run, tmp_path: Any):
        (tmp_path / "instance.db").write_bytes(b"no database" * 500)
        message = self.startup_error(roster, variables(f"sqlite:///{tmp_path}/instance.db"))
        assert message == f"the sqlite database {tmp_path}/instance.db cannot be used: file is not a database"

    @pytest.mark.parametrize("module", ["uvicorn", "fastapi", "sqlalchemy", "strawberry"])
    def test_missing_extra(self, roster: Run, tmp_path: Any, module: str):
        environ = variables(f"sqlite:///{tmp_path}/instance.db")
        message = self.startup_error(roster, environ | {"PYTHONPATH": without(module, tmp_path)})
        assert message == missing(module, "instance")

    def test_database_of_newer_version(self, roster: Run, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.write_transaction() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
        database.close()
        assert "the database is at migration 0999" in self.startup_error(roster, variables(migrated_url))

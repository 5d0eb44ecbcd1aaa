"""``roster instance serve``, as processes of their own: they start, answer, share a database, and end in order."""

import json
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Any

import pytest

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.sync.schedule import LEASE_CHECK_SECONDS
from roster.settings.secret import Secret
from tests.accept.downloads import model, rendered
from tests.conftest import Run
from tests.download.scripted_server import Scripted, ok
from tests.download.settings import CANARY
from tests.gateway.supplied import missing, until, without
from tests.instance.database.databases import Databases
from tests.server_process import PATIENCE, Served, served

pytestmark = pytest.mark.slow

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
    given = {"DATABASE_URL": url, "WRITE_TOKEN_HASHES": HASH, "GATEWAY_TOKEN": CANARY} | more
    if gateway:
        given["GATEWAY_URL"] = gateway
    return {f"ROSTER_INSTANCE_{name}": value for name, value in given.items()}


def serving(url: str, gateway: str = "", **more: str) -> AbstractContextManager[Served]:
    return served(variables(url, gateway, **more), "instance")


def switched(url: str, on: bool = True) -> None:
    database = Database(Secret(url))
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, on)
    database.close()


def asked(server: Served, query: str) -> Any:
    request = urllib.request.Request(
        f"{server.origin}/api/graphql",
        json.dumps({"query": query}).encode(),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def status_of(server: Served, path: str) -> int:
    try:
        with urllib.request.urlopen(server.origin + path, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def with_list(server: Served) -> Any:
    """Wait until it has a list; return its readiness."""
    until(lambda: server.get("/-/readiness")["list"], PATIENCE)
    return server.get("/-/readiness")


def chosen(server: Served) -> Mapping[str, str | None]:
    nodes = asked(server, FEATURES)["data"]["aiFeatureSettings"]["nodes"]
    return {each["feature"]: each["selection"] and each["selection"]["defaultModel"]["ref"] for each in nodes}


def lines(server: Served) -> list[Any]:
    """Return its log, but for the line that says where it serves."""
    return [json.loads(line) for line in server.log.splitlines() if not line.startswith("serving on ")]


class TestServing:
    def test_it_starts_syncs_answers_and_ends(self, migrated_url: str):
        switched(migrated_url)
        with Scripted(ok(LIST)) as gateway, serving(migrated_url, gateway.origin) as server:
            told = with_list(server)
            assert (told["status"], told["leader"], told["list"]["models"]) == ("ready", True, 3)
            assert asked(server, CHOOSE) == {"data": {"aiFeatureSettingUpdate": {"errors": []}}}
            assert chosen(server)[FEATURE] == "gemini"
            assert status_of(server, f"/admin/sign_in?{CANARY}") == 200
            assert status_of(server, "/api/graphql") == 405
            status, seconds = server.ended(signal.SIGTERM)
        assert (status, seconds < 5) == (0, True), server.log
        assert gateway.requests[0].headers["authorization"] == f"Bearer {CANARY}"
        paths = [line["path"] for line in lines(server) if line["logger"] == ACCESS]
        assert paths.count("/api/graphql") == 3
        assert "/admin/sign_in" in paths
        assert CANARY not in server.log
        assert "Traceback" not in server.log

    def test_a_database_that_is_new_is_migrated(self, database_url: str):
        with serving(database_url) as server:
            assert server.get("/-/readiness")["status"] == "off"
            assert server.ended(signal.SIGINT)[0] == 0
        told = [line["message"] for line in lines(server) if line["logger"] not in ("uvicorn.error", ACCESS)]
        assert told == [
            "ROSTER_INSTANCE_GATEWAY_TOKEN is set, but ROSTER_INSTANCE_GATEWAY_URL is not: the sync is disabled",
            "migrated the database from base to 0001",
        ]

    def test_the_flag_acts_while_it_runs(self, migrated_url: str):
        with Scripted(ok(LIST)) as gateway, serving(migrated_url, gateway.origin, SYNC_SECONDS="10") as server:
            assert server.get("/-/readiness")["status"] == "off"
            assert status_of(server, "/admin/sign_in") == 404
            assert "errors" in asked(server, FEATURES)
            assert gateway.requests == []
            switched(migrated_url)
            before = with_list(server)["list"]["version"]
            assert status_of(server, "/admin/sign_in") == 200
            asked(server, CHOOSE)
            switched(migrated_url, on=False)
            assert server.get("/-/readiness")["status"] == "off"
            assert status_of(server, "/admin/sign_in") == 404
            assert "errors" in asked(server, FEATURES)
            switched(migrated_url)
            assert chosen(server)[FEATURE] == "gemini"
            assert server.get("/-/readiness")["list"]["version"] == before

    def test_a_restart_keeps_everything(self, migrated_url: str):
        switched(migrated_url)
        with Scripted(ok(LIST)) as gateway:
            with serving(migrated_url, gateway.origin) as server:
                first = with_list(server)
                asked(server, CHOOSE)
                assert server.ended(signal.SIGTERM)[0] == 0
            asked_so_far = len(gateway.requests)
            with serving(migrated_url, gateway.origin) as server:
                again = server.get("/-/readiness")
                assert chosen(server)[FEATURE] == "gemini"
        assert again["list"]["version"] == first["list"]["version"]
        assert again["last_check"] == first["last_check"]
        assert len(gateway.requests) == asked_so_far, "a restart within the interval asked again"

    def test_an_answer_that_is_under_way_is_finished(self, migrated_url: str):
        switched(migrated_url)
        answers: list[Any] = []
        database = Database(Secret(migrated_url))
        with Scripted(ok(LIST)) as gateway, serving(migrated_url, gateway.origin) as server:
            with_list(server)
            with database.write_transaction():  # the mutation waits for its turn
                asking = threading.Thread(target=lambda: answers.append(asked(server, CHOOSE)))
                asking.start()
                asking.join(1)
                assert not answers
                server.process.send_signal(signal.SIGTERM)
                asking.join(1)
                assert not answers
            asking.join(PATIENCE)
            assert server.process.wait(PATIENCE) == 0
        assert answers == [{"data": {"aiFeatureSettingUpdate": {"errors": []}}}]
        database.close()


class TestTwoProcesses:
    def test_one_leads_and_the_other_takes_over(self, databases: Databases):
        url = databases.migrated()
        switched(url)
        with Scripted(ok(LIST)) as gateway, serving(url, gateway.origin) as one, serving(url, gateway.origin) as two:
            until(lambda: any(self.leads(one, two)), PATIENCE)
            assert sorted(self.leads(one, two)) == [False, True]
            for server in (one, two):
                assert with_list(server)["list"]["version"] == 1
            leader, other = (one, two) if self.leads(one)[0] else (two, one)
            asked(leader, CHOOSE)
            assert chosen(other)[FEATURE] == "gemini"
            assert leader.ended(signal.SIGTERM)[0] == 0
            until(lambda: self.leads(other)[0], LEASE_CHECK_SECONDS + PATIENCE)
            assert chosen(other)[FEATURE] == "gemini"
        assert len([each for each in gateway.requests if each.path.startswith("/v1/")]) == 1

    @staticmethod
    def leads(*servers: Served) -> list[bool]:
        return [server.get("/-/readiness")["leader"] for server in servers]


class TestUsage:
    def refused(self, roster: Run, environ: dict[str, str]) -> str:
        done = roster("instance", "serve", "--port", "0", **environ)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def test_nobody_may_write(self, roster: Run, tmp_path: Any):
        told = self.refused(roster, {"ROSTER_INSTANCE_DATABASE_URL": f"sqlite:///{tmp_path}/instance.db"})
        assert told == (
            "roster: ROSTER_INSTANCE_WRITE_TOKEN_HASHES is not set, so nobody can sign in: "
            "create a token and its hash with roster instance token\n"
        )
        assert not (tmp_path / "instance.db").exists()

    def test_no_database(self, roster: Run):
        told = self.refused(roster, variables(f"postgresql://roster:{CANARY}@127.0.0.1:1/roster"))
        assert "the postgresql database cannot be used: connection failed" in told
        assert CANARY not in told

    def test_a_corrupt_database(self, roster: Run, tmp_path: Any):
        (tmp_path / "instance.db").write_bytes(b"no database" * 500)
        told = self.refused(roster, variables(f"sqlite:///{tmp_path}/instance.db"))
        assert told.endswith("roster: the sqlite database cannot be used: file is not a database\n")

    @pytest.mark.parametrize("module", ["uvicorn", "fastapi", "sqlalchemy", "strawberry"])
    def test_without_the_extra(self, roster: Run, tmp_path: Any, module: str):
        given = variables(f"sqlite:///{tmp_path}/instance.db")
        told = self.refused(roster, given | {"PYTHONPATH": without(module, tmp_path)})
        assert told.endswith(f"roster: {missing(module, 'instance')}\n")

    def test_a_database_of_a_newer_version(self, roster: Run, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.write_transaction() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
        database.close()
        assert "the database is at migration 0999" in self.refused(roster, variables(migrated_url))

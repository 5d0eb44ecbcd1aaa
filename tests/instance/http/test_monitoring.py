"""Health endpoints, metrics and the access log, in each state of an instance."""

import json
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from platform import python_version
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Response
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text, update

from roster import __version__
from roster.http_server.access_log import AccessLogMiddleware
from roster.instance.database import feature_flag, tables
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseUnavailable
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.http import monitoring
from roster.instance.http.monitoring import InstanceMetricsCollector, monitoring_routes
from roster.instance.selection.offered_list import OfferedRetirement
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selection_changes import change_selections
from roster.instance.selection.selections import SelectionMode
from roster.instance.selection.state import StateReader
from roster.instance.sync.schedule import SyncSchedule
from roster.settings.secret import Secret
from tests.download.download_helpers import CANARY
from tests.instance.database.statements import count_statements
from tests.instance.selection.namespace_rows import store_namespaces
from tests.instance.selection.offered_lists import NOW, list_serving, store_list, store_selection

OFFERED = list_serving({"duo_chat": ["claude", "gemini"], "code-generation": ["claude"], "ended": []}, gone=["old"])


class FakeSchedule(SyncSchedule):
    """Fixed sync state of a process."""

    def __init__(self) -> None:
        self.is_leader = True
        self.outcomes = Counter({"replaced": 1, "unreachable": 2})


def client(database: Database) -> TestClient:
    registry = CollectorRegistry()
    app = FastAPI(openapi_url=None)
    registry.register(InstanceMetricsCollector(WorkerThreads(database), StateReader(), FakeSchedule()))
    app.include_router(monitoring_routes(WorkerThreads(database), StateReader(), FakeSchedule(), registry))
    app.add_middleware(AccessLogMiddleware, registry=registry, server="instance")

    @app.get("/models/{id_}")
    def model(id_: str) -> Response:
        if id_ == "none":
            raise HTTPException(404)
        if id_ == "broken":
            raise RuntimeError
        return Response("x", headers={"Content-Security-Policy": "default-src 'self'"})

    return TestClient(app, raise_server_exceptions=False)


def metric_values(http: TestClient) -> dict[str, float]:
    """Return the metrics by name and labels, without those of requests and the build."""
    response = http.get("/metrics")
    assert response.status_code == 200
    return {
        sample.name.removeprefix("roster_instance_")
        + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if not any(word in sample.name for word in ("request", "build_info")) and not sample.name.endswith("_created")
    }


def request_counts(http: TestClient) -> dict[tuple[str, str, str], float]:
    """Return the number of measured requests by method, path and status."""
    return {
        (sample.labels["method"], sample.labels["path"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(http.get("/metrics").text)
        for sample in family.samples
        if sample.name == "roster_instance_request_seconds_count"
    }


def store_everything(database: Database) -> None:
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, OFFERED, version=3)
        checked = {"expires_at": NOW, "checked_at": datetime.now(UTC) - timedelta(seconds=60)}
        connection.execute(insert(tables.leases).values(name="sync", holder="x", **checked))
        store_selection(connection, "duo_chat", "gemini", "claude")
        store_selection(connection, "code-generation", "gemini")
        store_selection(connection, "duo_chat", "old", namespace_id=7)
        store_selection(connection, "ended", "claude", namespace_id=8)
        store_selection(connection, "duo_chat", "claude", namespace_id=9)


def record_failure(database: Database) -> None:
    with database.write_transaction() as connection:
        values = {"outcome": "failed", "reason": "unreachable", "message": "no answer"}
        connection.execute(insert(tables.sync_runs).values(started_at=NOW, finished_at=NOW, **values))


def readiness(http: TestClient, status: int = 200) -> dict[str, Any]:
    response = http.get("/-/readiness")
    assert response.status_code == status
    values: dict[str, Any] = response.json()
    return values


class TestReadiness:
    def test_new_instance(self, database: Database):
        assert readiness(client(database)) == {
            "status": "off",
            "database": "reachable",
            "list": None,
            "last_check": None,
            "last_error": None,
            "left_out": None,
            "leader": True,
        }

    def test_list_and_failed_sync(self, database: Database):
        store_everything(database)
        http = client(database)
        response = readiness(http)
        assert response["list"].pop("age_seconds") > 0
        assert response["list"] == {
            "version": 3,
            "kind": "definitions",
            "source": "https://gateway.test/v1/models/definitions",
            "digest": f"{3:064}",
            "since": "2026-08-05T12:00:30+00:00",
            "models": 2,
            "features": 2,
        }
        assert (response["status"], response["last_error"]) == ("ready", None)
        assert response["last_check"].startswith("20")
        record_failure(database)
        failure = {"reason": "unreachable", "message": "no answer", "at": "2026-08-05T12:00:30+00:00"}
        assert readiness(http)["last_error"] == failure

    def test_entries_left_out_of_the_list_are_named(self, database: Database):
        store_everything(database)
        run = {"outcome": "replaced", "version": 3, "message": "one\ntwo", "started_at": NOW, "finished_at": NOW}
        with database.write_transaction() as connection:
            connection.execute(insert(tables.sync_runs).values(run))
        assert readiness(client(database))["left_out"] == "one; two"

    def test_flag_takes_effect_at_once(self, database: Database):
        http = client(database)
        with database.write_transaction() as connection:
            feature_flag.set_enabled(connection, True)
        assert readiness(http)["status"] == "ready"
        with database.write_transaction() as connection:
            feature_flag.set_enabled(connection, False)
        assert readiness(http)["status"] == "off"

    def test_ages_are_not_negative_after_the_clock_was_set_back(self, database: Database):
        store_everything(database)
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        with database.write_transaction() as connection:
            connection.execute(update(tables.lists).values(replaced_at=tomorrow))
            connection.execute(update(tables.leases).values(checked_at=tomorrow))
        http = client(database)
        assert readiness(http)["list"]["age_seconds"] == 0
        values = metric_values(http)
        assert {name: value for name, value in values.items() if "age" in name} == {
            "last_check_age_seconds": 0,
            "list_age_seconds": 0,
        }

    def test_database_that_cannot_be_written_to(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        store_everything(database)
        http = client(database)
        problem = DatabaseUnavailable("the disk is full")
        monkeypatch.setattr(monitoring, "find_write_problem", lambda _: problem)
        report = readiness(http, 503)
        assert (report["status"], report["database"]) == ("not ready", "the disk is full")
        assert report["last_error"].pop("at")
        assert report["last_error"] == {"reason": "database-unavailable", "message": "the disk is full"}
        assert report["list"]["models"] == 2
        values = metric_values(http)
        assert (values["database_up"], values["offered_models"]) == (0, 2)

    def test_selections_are_not_read(self, database: Database):
        """They would take most of the time of a probe."""
        http = client(database)
        with count_statements(database) as statements:
            readiness(http)
        assert [each for each in statements if tables.selected_features.name in each] == []

    def test_unusable_database(self):
        http = client(Database(Secret(f"postgresql+psycopg://roster:{CANARY}@127.0.0.1:1/roster")))
        response = readiness(http, 503)
        assert response["status"] == "not ready"
        message = "the postgresql database roster@127.0.0.1:1/roster cannot be used: connection failed"
        assert response["database"].startswith(message)
        assert response["last_error"]["reason"] == "database-unavailable"
        assert response["last_error"]["message"] == response["database"]
        assert http.get("/-/liveness").json() == {"status": "alive"}
        assert metric_values(http) == {
            "leader": 1,
            "syncs_total replaced": 1,
            "syncs_total unreachable": 2,
            "database_up": 0,
        }
        assert CANARY not in str(response) + http.get("/metrics").text


class TestMetrics:
    def test_new_instance(self, database: Database):
        assert metric_values(client(database)) == {
            "leader": 1,
            "syncs_total replaced": 1,
            "syncs_total unreachable": 2,
            "database_up": 1,
            "enabled": 0,
            "choices instance": 0,
            "choices namespace": 0,
            "unavailable_choices instance": 0,
            "unavailable_choices namespace": 0,
            "not_allowed_choices": 0,
        }

    def test_selection_with_earlier_id_is_available(self, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, OFFERED._replace(aliases={"gemini_old": "gemini"}))
            store_selection(connection, "duo_chat", "gemini_old")
        values = metric_values(client(database))
        assert (values["choices instance"], values["unavailable_choices instance"]) == (1, 0)

    def test_list_selections_and_failed_sync(self, database: Database):
        store_everything(database)
        record_failure(database)
        values = metric_values(client(database))
        assert 60 <= values.pop("last_check_age_seconds") < 120
        assert values.pop("list_age_seconds") > 0
        assert values == {
            "leader": 1,
            "syncs_total replaced": 1,
            "syncs_total unreachable": 2,
            "database_up": 1,
            "enabled": 1,
            "last_sync_failed unreachable": 1,
            "list_version": 3,
            "list_plain": 0,
            "offered_models": 2,
            "offered_features": 2,
            "choices instance": 2,
            "choices namespace": 3,
            "unavailable_choices instance": 1,
            "unavailable_choices namespace": 2,
            "not_allowed_choices": 1,
        }

    def test_days_until_next_end_of_a_default(self, database: Database):
        today = datetime.now(UTC).date()
        end = OfferedRetirement(today, today + timedelta(days=30), "gemini")
        with database.write_transaction() as connection:
            store_list(connection, list_serving({"duo_chat": ["claude", "gemini"]}, ends={("claude", "duo_chat"): end}))
            store_selection(connection, "duo_chat", "gemini")
            store_namespaces(connection, [(7, "duo_chat", "claude")])
        values = metric_values(client(database))
        assert {name: days for name, days in values.items() if "default_end" in name} == {
            "next_default_end_days duo_chat roster claude": 30,
            "next_default_end_days duo_chat namespace claude": 30,
        }

    def test_build_is_reported(self, database: Database):
        assert f'roster_instance_build_info{{python="{python_version()}",version="{__version__}"}} 1.0' in (
            client(database).get("/metrics").text
        )

    def test_instance_that_allows_all_models_allows_each_selection(self, database: Database):
        store_everything(database)
        all_allowed = [RequestedSelection("duo_chat", (), "gemini", mode=SelectionMode.OWN_DEFAULT)]
        with database.write_transaction() as connection:
            assert change_selections(connection, OFFERED, all_allowed, "somebody").errors == ()
        assert metric_values(client(database))["not_allowed_choices"] == 0

    def test_selections_with_earlier_ids_are_allowed(self, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, OFFERED._replace(aliases={"gemini_old": "gemini"}))
            store_selection(connection, "duo_chat", "claude", "gemini_old")
            store_namespaces(connection, [(7, "duo_chat", "gemini"), (8, "duo_chat", "gemini_old")])
        assert metric_values(client(database))["not_allowed_choices"] == 0


class TestAccessLog:
    @pytest.fixture
    def http(self, database: Database) -> TestClient:
        return client(database)

    def test_requests_are_counted_by_path_template(self, http: TestClient):
        for path in ("claude", "gemini", "none", "broken"):
            http.get(f"/models/{path}")
        http.post("/models/claude")
        for path in (CANARY, "other"):
            http.get(f"/{path}")
        http.request(CANARY, "/models/claude")
        values = request_counts(http)
        assert values == {
            ("GET", "/models/{id_}", "200"): 2,
            ("GET", "/models/{id_}", "404"): 1,
            ("GET", "/models/{id_}", "500"): 1,
            ("POST", "/models/{id_}", "405"): 1,
            ("other", "/models/{id_}", "405"): 1,
            ("GET", "other", "404"): 2,
        }

    def test_log_does_not_contain_client_input(self, http: TestClient, caplog: pytest.LogCaptureFixture):
        with caplog.at_level(logging.INFO, "roster.instance.access"):
            http.get(f"/models/{CANARY}?token={CANARY}", headers={"Authorization": CANARY, "Cookie": CANARY})
            http.post(f"/{CANARY}", content=CANARY)
        records = [vars(record) for record in caplog.records if record.name == "roster.instance.access"]
        assert [(each["message"], each["method"], each["path"], each["status"]) for each in records] == [
            ("GET /models/{id_} 200", "GET", "/models/{id_}", 200),
            ("POST other 404", "POST", "other", 404),
        ]
        assert all(each["milliseconds"] >= 0 for each in records)
        assert CANARY not in json.dumps(records, default=str)

    def test_security_headers_are_set(self, http: TestClient):
        for path in ("/-/liveness", "/nowhere", "/metrics"):
            headers = http.get(path).headers
            assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"
        assert http.get("/models/x").headers["Content-Security-Policy"] == "default-src 'self'"

    def test_registering_the_collector_reads_nothing(self, database: Database):
        with database.write_transaction() as connection:
            connection.execute(text("DROP TABLE instance_ai_sync_runs"))
        assert client(database).get("/-/liveness").status_code == 200

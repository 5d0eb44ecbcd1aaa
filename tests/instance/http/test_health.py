"""What monitors see of an instance, in each of its states; and what every request leaves behind."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Response
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text

from roster.instance.database import feature_flag, tables
from roster.instance.database.connections import Database
from roster.instance.http.access_log import AccessLogMiddleware
from roster.instance.http.health import health_routes
from roster.instance.http.metrics import InstanceMetricsCollector
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret
from tests.download.settings import CANARY
from tests.instance.selection.offered_lists import NOW, list_serving, store_list, store_selection

OFFERED = list_serving({"duo_chat": ["claude", "gemini"], "code-generation": ["claude"], "ended": []}, gone=["old"])


class FakeSyncs:
    """What a process knows of its syncs."""

    is_leader = True
    outcomes = {"replaced": 1, "unreachable": 2}  # noqa: RUF012 (nobody changes it)


def client(database: Database) -> TestClient:
    registry = CollectorRegistry()
    app = FastAPI(openapi_url=None)
    registry.register(InstanceMetricsCollector(database, StateReader(), FakeSyncs()))
    app.include_router(health_routes(database, StateReader(), FakeSyncs(), registry))
    app.add_middleware(AccessLogMiddleware, registry=registry)

    @app.get("/models/{id_}")
    def model(id_: str) -> Response:
        if id_ == "none":
            raise HTTPException(404)
        if id_ == "broken":
            raise RuntimeError
        return Response("x", headers={"Content-Security-Policy": "default-src 'self'"})

    return TestClient(app, raise_server_exceptions=False)


def metric_values(asking: TestClient) -> dict[str, float]:
    """Return the metrics by name and labels, but for those that measure requests."""
    told = asking.get("/metrics")
    assert told.status_code == 200
    return {
        sample.name.removeprefix("roster_instance_")
        + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
        if "request" not in sample.name and not sample.name.endswith("_created")
    }


def request_counts(asking: TestClient) -> dict[tuple[str, str, str], float]:
    """Return how many requests were measured, by method, path and status."""
    return {
        (sample.labels["method"], sample.labels["path"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(asking.get("/metrics").text)
        for sample in family.samples
        if sample.name == "roster_instance_request_seconds_count"
    }


def fill(database: Database) -> None:
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


def fail(database: Database) -> None:
    with database.write_transaction() as connection:
        values = {"outcome": "failed", "reason": "unreachable", "message": "no answer"}
        connection.execute(insert(tables.sync_runs).values(started_at=NOW, finished_at=NOW, **values))


def readiness(asking: TestClient, status: int = 200) -> dict[str, Any]:
    told = asking.get("/-/readiness")
    assert told.status_code == status
    found: dict[str, Any] = told.json()
    return found


class TestReadiness:
    def test_before_anything_happened(self, database: Database):
        assert readiness(client(database)) == {
            "status": "off",
            "database": "reachable",
            "list": None,
            "last_check": None,
            "last_error": None,
            "leader": True,
        }

    def test_with_a_list_and_a_failure(self, database: Database):
        fill(database)
        asking = client(database)
        told = readiness(asking)
        assert told["list"].pop("age_seconds") > 0
        assert told["list"] == {
            "version": 3,
            "kind": "definitions",
            "source": "https://gateway.test/v1/models/definitions",
            "digest": f"{3:064}",
            "since": "2026-08-05T12:00:30+00:00",
            "models": 2,
            "features": 2,
        }
        assert (told["status"], told["last_error"]) == ("ready", None)
        assert told["last_check"].startswith("20")
        fail(database)
        failure = {"reason": "unreachable", "message": "no answer", "at": "2026-08-05T12:00:30+00:00"}
        assert readiness(asking)["last_error"] == failure

    def test_the_flag_acts_at_once(self, database: Database):
        asking = client(database)
        with database.write_transaction() as connection:
            feature_flag.set_enabled(connection, True)
        assert readiness(asking)["status"] == "ready"
        with database.write_transaction() as connection:
            feature_flag.set_enabled(connection, False)
        assert readiness(asking)["status"] == "off"

    def test_no_database(self):
        asking = client(Database(Secret(f"postgresql+psycopg://roster:{CANARY}@127.0.0.1:1/roster")))
        told = readiness(asking, 503)
        assert told["status"] == "not ready"
        assert told["database"].startswith("the postgresql database cannot be used: connection failed")
        assert asking.get("/-/liveness").json() == {"status": "alive"}
        assert metric_values(asking) == {
            "leader": 1,
            "syncs_total replaced": 1,
            "syncs_total unreachable": 2,
            "database_up": 0,
        }
        assert CANARY not in str(told) + asking.get("/metrics").text


class TestMetrics:
    def test_before_anything_happened(self, database: Database):
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
        }

    def test_with_a_list_and_choices_and_a_failure(self, database: Database):
        fill(database)
        fail(database)
        found = metric_values(client(database))
        assert 60 <= found.pop("last_check_age_seconds") < 120
        assert found.pop("list_age_seconds") > 0
        assert found == {
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
        }


class TestRequests:
    @pytest.fixture
    def asking(self, database: Database) -> TestClient:
        return client(database)

    def test_they_are_counted_by_template(self, asking: TestClient):
        for path in ("claude", "gemini", "none", "broken"):
            asking.get(f"/models/{path}")
        asking.post("/models/claude")
        for path in (CANARY, "other"):
            asking.get(f"/{path}")
        asking.request(CANARY, "/models/claude")
        found = request_counts(asking)
        assert found == {
            ("GET", "/models/{id_}", "200"): 2,
            ("GET", "/models/{id_}", "404"): 1,
            ("GET", "/models/{id_}", "500"): 1,
            ("POST", "/models/{id_}", "405"): 1,
            ("other", "/models/{id_}", "405"): 1,
            ("GET", "other", "404"): 2,
        }

    def test_they_are_logged_without_what_clients_say(self, asking: TestClient, caplog: pytest.LogCaptureFixture):
        with caplog.at_level(logging.INFO, "roster.instance.access"):
            asking.get(f"/models/{CANARY}?token={CANARY}", headers={"Authorization": CANARY, "Cookie": CANARY})
            asking.post(f"/{CANARY}", content=CANARY)
        told = [vars(record) for record in caplog.records if record.name == "roster.instance.access"]
        assert [(each["message"], each["method"], each["path"], each["status"]) for each in told] == [
            ("GET /models/{id_} 200", "GET", "/models/{id_}", 200),
            ("POST other 404", "POST", "other", 404),
        ]
        assert all(each["milliseconds"] >= 0 for each in told)
        assert CANARY not in json.dumps(told, default=str)

    def test_answers_tell_browsers_what_not_to_do(self, asking: TestClient):
        for path in ("/-/liveness", "/nowhere", "/metrics"):
            headers = asking.get(path).headers
            assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"
        assert asking.get("/models/x").headers["Content-Security-Policy"] == "default-src 'self'"

    def test_nothing_is_read_before_somebody_asks(self, database: Database):
        with database.write_transaction() as connection:
            connection.execute(text("DROP TABLE instance_ai_sync_runs"))
        assert client(database).get("/-/liveness").status_code == 200

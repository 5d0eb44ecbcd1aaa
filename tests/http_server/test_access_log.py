"""The access log as both servers use it: request ids, default headers, and probes that are left out."""

import logging
import re
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from roster.http_server.access_log import AccessLogMiddleware
from roster.http_server.json_logs import JSONLogFormatter
from tests.download.download_helpers import CANARY

Log = Callable[[], list[str]]


def client(registry: CollectorRegistry | None = None, *, log_probes: bool = True) -> TestClient:
    app = FastAPI()
    registry = registry or CollectorRegistry()
    app.add_middleware(AccessLogMiddleware, registry=registry, server="gateway", log_probes=log_probes)
    status = {"/-/readiness": 503}
    for path in ("/list", "/-/liveness", "/-/readiness", "/metrics"):
        app.add_api_route(path, lambda: None, status_code=status.get(path, 200))

    @app.get("/broken")
    def broken() -> None:
        logging.getLogger("any").warning("something is wrong")
        raise RuntimeError

    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def log() -> Iterator[Log]:
    """Collects the lines of the root logger, formatted when they are logged."""
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JSONLogFormatter().format(record))

    root, access, handler = logging.getLogger(), logging.getLogger("roster.gateway.access"), Handler()
    level = access.level
    root.addHandler(handler)
    access.setLevel(logging.INFO)
    yield lambda: lines
    access.setLevel(level)
    root.removeHandler(handler)


class TestRequestId:
    def test_id_of_caller_is_returned_and_logged(self, log: Log):
        response = client().get("/list", headers={"X-Request-Id": "01HZX-7.a_b:c/d+e=f@g"})
        assert response.headers["X-Request-Id"] == "01HZX-7.a_b:c/d+e=f@g"
        assert '"request_id": "01HZX-7.a_b:c/d+e=f@g"' in log()[-1]

    @pytest.mark.parametrize("sent", [b"", b"a" * 129, b"a b", b'a"b', b"a\tb", "é".encode(), b"<a>", b"{a}"])
    def test_invalid_id_is_replaced(self, sent: bytes):
        response = client().get("/list", headers=[(b"X-Request-Id", sent)])
        assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-Id"])

    def test_every_request_has_an_id_of_its_own(self):
        asking = client()
        assert len({asking.get("/list").headers["X-Request-Id"] for _ in range(5)}) == 5

    def test_id_is_returned_once(self):
        response = client().get("/list", headers=[("X-Request-Id", "one"), ("X-Request-Id", "two")])
        assert response.headers.get_list("X-Request-Id") == ["one"]

    def test_id_is_in_every_line_of_the_request(self, log: Log):
        client().get("/broken", headers={"X-Request-Id": "abc"})
        lines = [line for line in log() if "something is wrong" in line or "/broken" in line]
        assert len(lines) == 2
        assert all('"request_id": "abc"' in line for line in lines)

    def test_missing_path_has_id(self):
        assert client().get("/nowhere").headers["X-Request-Id"]


class TestProbes:
    def test_successful_probes_can_be_left_out(self, log: Log):
        for asking in (client(), client(log_probes=False)):
            for path in ("/-/liveness", "/-/readiness", "/metrics", "/list"):
                asking.get(path)
        assert [re.findall(r"GET \S+ \d+", line)[0] for line in log() if "GET" in line] == [
            "GET /-/liveness 200",
            "GET /-/readiness 503",
            "GET /metrics 200",
            "GET /list 200",
            "GET /-/readiness 503",
            "GET /list 200",
        ]

    def test_probes_are_measured(self):
        registry = CollectorRegistry()
        client(registry, log_probes=False).get("/-/liveness")
        labels = {"method": "GET", "path": "/-/liveness", "status": "200"}
        assert registry.get_sample_value("roster_gateway_request_seconds_count", labels) == 1


def test_labels_and_lines_contain_nothing_of_the_client(log: Log):
    registry = CollectorRegistry()
    asking = client(registry)
    for number in range(50):
        asking.get(f"/{CANARY}-{number}?{CANARY}", headers={"X-Request-Id": f"{CANARY} {number}"})
        asking.request(f"{CANARY}{number}", f"/list?{CANARY}")
    samples = [sample for family in registry.collect() for sample in family.samples]
    assert {(each.labels["method"], each.labels["path"], each.labels["status"]) for each in samples} == {
        ("GET", "other", "404"),
        ("other", "/list", "405"),
    }
    assert CANARY not in str(samples) + "".join(line for line in log() if "roster.gateway" in line)

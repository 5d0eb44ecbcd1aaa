"""Both relays forward requests and responses of the list, and nothing else."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from roster.demo.service_process import ServiceProcess
from roster.demo.services import free_ports, relay
from tests.download.scripted_server import Ending, ScriptedServer, answer, ok
from tests.end_to_end.processes import until
from tests.programs import require

pytestmark = pytest.mark.slow

LIST = "/v1/models/offered"
Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    """A scripted gateway."""
    with ScriptedServer(ok(b"[]")) as server:
        yield server


@pytest.fixture(params=["nginx", "small relay"])
def ask(request: pytest.FixtureRequest, upstream: ScriptedServer, tmp_path: Path) -> Iterator[Ask]:
    """Send a request through a relay."""
    program = require("nginx") if request.param == "nginx" else None
    service = relay(free_ports(None).relay, upstream.port, tmp_path, program)

    def asking(method: str, path: str = LIST, **headers: str) -> urllib3.BaseHTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{service.port}{path}"
        return urllib3.request(method, url, headers=named, retries=False, decode_content=False, timeout=10)

    with ServiceProcess(service, tmp_path, {"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}):
        until(lambda: service.get(LIST)[0] == 200)
        upstream.requests.clear()
        yield asking


def headers_of(response: Any, *names: str) -> list[str]:
    return [response.headers[name] for name in names]


def test_response_is_forwarded_unchanged(upstream: ScriptedServer, ask: Ask):
    body = bytes(range(256)) * 1000
    headers = ("Content-Type: application/json", "Content-Encoding: gzip", 'ETag: "abc"', "Vary: Accept-Encoding")
    upstream.plays = [ok(body, *headers)]
    response = ask("GET", f"{LIST}?feature=duo_chat", Accept_Encoding="gzip", Authorization="Bearer a.b.c")
    assert (response.status, response.data) == (200, body)
    assert [f"{name}: {response.headers[name]}" for name in ("Content-Type", "Content-Encoding", "ETag", "Vary")] == [
        *headers
    ]
    (request,) = upstream.requests
    assert request.path == f"{LIST}?feature=duo_chat"
    assert (request.headers["accept-encoding"], request.headers["authorization"]) == ("gzip", "Bearer a.b.c")


def test_304_is_forwarded(upstream: ScriptedServer, ask: Ask):
    upstream.plays = [[b'HTTP/1.1 304 Not Modified\r\nETag: "abc"\r\n\r\n']]
    response = ask("GET", If_None_Match='"abc"')
    assert (response.status, response.data, response.headers["ETag"]) == (304, b"", '"abc"')
    assert upstream.requests[0].headers["if-none-match"] == '"abc"'


def test_head_has_length_and_no_body(upstream: ScriptedServer, ask: Ask):
    upstream.plays = [answer("200 OK", length=533)]
    response = ask("HEAD")
    assert (response.status, response.data, response.headers["Content-Length"]) == (200, b"", "533")


def test_error_status_is_forwarded(upstream: ScriptedServer, ask: Ask):
    upstream.plays = [answer("503 Service Unavailable", "Retry-After: 30", body=b'{"detail": "no list"}')]
    response = ask("GET")
    assert (response.status, response.data) == (503, b'{"detail": "no list"}')
    assert response.headers["Retry-After"] == "30"


def test_502_without_upstream(upstream: ScriptedServer, ask: Ask):
    upstream.__exit__()
    assert ask("GET").status == 502


def test_502_if_upstream_closes_connection(upstream: ScriptedServer, ask: Ask):
    upstream.plays = [[Ending.CLOSE]]
    assert ask("GET").status == 502


@pytest.mark.parametrize("path", ["/", "/-/readiness", "/metrics", "/docs"])
def test_other_paths_are_not_forwarded(upstream: ScriptedServer, ask: Ask, path: str):
    assert ask("GET", path).status == 404
    assert upstream.requests == []

"""The middleware for the unfiltered list responds like the route, and is off with authentication."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH, PREFIX
from roster.gateway.app import create_app
from roster.gateway.gateway import Gateway
from roster.gateway.router import UnfilteredListMiddleware
from roster.http_paths import OFFERED
from roster.http_server.access_log import AccessLogMiddleware
from tests.accept.example_downloads import KINDS
from tests.download.scripted_server import ScriptedServer, ok


def variables(server: ScriptedServer, folder: Path) -> dict[str, str]:
    cache = {f"{PREFIX}CACHE_FOLDER": str(folder / "cache")}
    return {FILE_PATH: f"{server.origin}/a", ACCESS_TOKEN: "token"} | cache


@pytest.mark.parametrize("request_headers", [{}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("query", ["", "?feature=duo_chat", "?release_state=no"])
def test_middleware_and_route_respond_identically(tmp_path: Path, request_headers: dict[str, str], query: str):
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        gateway = Gateway.from_environment(variables(server, tmp_path))
        long = FastAPI(lifespan=gateway.lifespan)
        long.include_router(gateway.router())
        responses = []
        for app in (long, create_app(variables(server, tmp_path))):
            with TestClient(app) as client:
                answer = client.get(OFFERED + query, headers={"Accept-Encoding": "identity"} | request_headers)
                answer.headers.pop("X-Request-Id", None)
                responses.append((answer.status_code, sorted(answer.headers.items()), answer.content))
    assert responses[0] == responses[1]


def test_middleware_is_off_with_authentication(tmp_path: Path):
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    callers = {
        "ROSTER_GATEWAY_JWKS": str(tmp_path / "jwks.json"),
        "ROSTER_GATEWAY_AUDIENCE": "gateway",
        "ROSTER_GATEWAY_ISSUER": "relay",
    }
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        open_one = create_app(variables(server, tmp_path))
        guarded = create_app(variables(server, tmp_path) | callers)
        with TestClient(guarded) as client:
            assert client.get(OFFERED).status_code == 401
    assert open_one.outer_middleware == [UnfilteredListMiddleware, AccessLogMiddleware]
    assert guarded.outer_middleware == [AccessLogMiddleware]


def test_exception_is_answered_with_request_id():
    app = create_app({})

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    response = TestClient(app, raise_server_exceptions=False).get("/broken", headers={"X-Request-Id": "abc"})
    assert (response.status_code, response.headers["X-Request-Id"]) == (500, "abc")
    text = TestClient(app).get("/metrics").text
    assert 'roster_gateway_request_seconds_count{method="GET",path="/broken",status="500"} 1.0' in text

"""The OpenAPI description matches the implementation: schemathesis generates requests from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from schemathesis.engine import events, from_schema
from schemathesis.openapi import from_asgi

from roster.gateway import Gateway
from roster.gateway.app import create_app
from tests.accept.example_downloads import KINDS
from tests.download.scripted_server import Play, ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, client, updater, variables


def findings(app: FastAPI) -> Iterator[str]:
    """Yield the findings of schemathesis, deterministically."""
    schema = from_asgi("/openapi.json", app)
    schema.config.generation.update(max_examples=25, deterministic=True, database="none")
    # Without a list, 503 is as it should be; the check of status codes holds that it is described.
    schema.config.checks.not_a_server_error.expected_statuses = ["2xx", "3xx", "4xx", "503"]
    requests = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield f"the test itself failed: {event}"
        if isinstance(event, events.ScenarioFinished):
            requests += len(event.recorder.interactions)
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info:
                        yield f"{event.label}: {check.name}: {check.failure_info.failure}"
    if requests < 50:
        yield f"only {requests} requests were made"


def serving(play: Play, folder: Path) -> FastAPI:
    with ScriptedServer(play) as server:
        source = updater(server.origin, folder / "kept")
        source.start()
    app = client(source).app
    assert isinstance(app, FastAPI)
    return app


@pytest.mark.slow
class TestSchemathesis:
    @pytest.mark.parametrize("play", [ok(KINDS["gateway"]), answer("401 Unauthorized")], ids=["ready", "not ready"])
    def test_schemathesis_finds_nothing(self, tmp_path: Path, play: Play):
        assert not list(findings(serving(play, tmp_path)))

    def test_schemathesis_finds_nothing_with_feature_off(self):
        assert not list(findings(create_app({})))

    def test_schemathesis_finds_nothing_with_authentication(self, tmp_path: Path):
        callers = {f"ROSTER_GATEWAY_{name}": "/nowhere" for name in ("JWKS", "AUDIENCE", "ISSUER")}
        app = FastAPI()
        app.include_router(Gateway.from_environment(callers | variables("http://127.0.0.1:9/a", tmp_path)).router())
        assert not list(findings(app))

    def test_schemathesis_finds_undocumented_response(self, tmp_path: Path):
        app = serving(answer("401 Unauthorized"), tmp_path)
        del app.openapi()["paths"][LIST]["get"]["responses"]["503"]
        message = f"GET {LIST}: status_code_conformance: Undocumented status code"
        assert any(finding.startswith(message) for finding in findings(app))


def test_every_response_is_documented():
    paths = create_app({}).openapi()["paths"]
    assert list(paths) == [LIST, DEFINITIONS, "/-/liveness", "/-/readiness", "/metrics"]
    for path, operations in paths.items():
        assert list(operations) == ["get"], path
        assert operations["get"]["summary"], path
    assert {"200", "304", "404", "422", "503"} == paths[LIST]["get"]["responses"].keys()

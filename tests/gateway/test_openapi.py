"""The OpenAPI description matches the implementation: schemathesis generates requests from it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from schemathesis.engine import events, from_schema
from schemathesis.openapi import from_asgi

from roster import http_paths
from roster.gateway import Gateway
from roster.gateway.app import create_app
from tests.accept.example_downloads import KINDS
from tests.conftest import ROOT
from tests.download.scripted_server import Play, ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, updater, variables


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
    gateway = Gateway(None, {})
    gateway.updater = source
    app = FastAPI()
    app.include_router(gateway.router(openai_models=True))
    return app


def authenticated(folder: Path) -> dict[str, str]:
    """Return variables of a gateway that requires authentication."""
    callers = {f"ROSTER_GATEWAY_{name}": "/nowhere" for name in ("JWKS", "AUDIENCE", "ISSUER")}
    return callers | variables("http://127.0.0.1:9/a", folder)


@pytest.mark.slow
class TestSchemathesis:
    @pytest.mark.parametrize("play", [ok(KINDS["gateway"]), answer("401 Unauthorized")], ids=["ready", "not ready"])
    def test_schemathesis_finds_nothing(self, tmp_path: Path, play: Play):
        assert not list(findings(serving(play, tmp_path)))

    def test_schemathesis_finds_nothing_with_feature_off(self):
        assert not list(findings(create_app({})))

    def test_schemathesis_finds_nothing_with_authentication(self, tmp_path: Path):
        app = FastAPI()
        app.include_router(Gateway.from_environment(authenticated(tmp_path)).router())
        assert not list(findings(app))

    def test_schemathesis_finds_undocumented_response(self, tmp_path: Path):
        app = serving(answer("401 Unauthorized"), tmp_path)
        del app.openapi()["paths"][LIST]["get"]["responses"]["503"]
        message = f"GET {LIST}: status_code_conformance: Undocumented status code"
        assert any(finding.startswith(message) for finding in findings(app))


class TestDocument:
    def test_every_response_is_documented(self):
        paths = create_app({}).openapi()["paths"]
        assert list(paths) == [LIST, DEFINITIONS, "/v1/models", "/v1/models/{model_id}", *http_paths.MONITORING_PATHS]
        for path, operations in paths.items():
            assert list(operations) == ["get"], path
            operation = operations["get"]
            assert operation["summary"], path
            assert operation["description"].endswith("."), path
            for status, response in operation["responses"].items():
                schemas = [content["schema"] for content in response.get("content", {}).values()]
                assert bool(schemas) == (status != "304"), (path, status)
                assert all(schemas), (path, status)
        assert {"200", "304", "404", "422", "503"} == paths[LIST]["get"]["responses"].keys()
        assert {"200", "304", "404", "503"} == paths[DEFINITIONS]["get"]["responses"].keys()

    def test_headers_are_documented(self):
        paths = create_app({}).openapi()["paths"]
        (header,) = (each for each in paths[LIST]["get"]["parameters"] if each["in"] == "header")
        assert (header["name"], header["schema"]) == ("If-None-Match", {"type": "string"})
        assert paths[LIST]["get"]["responses"]["200"]["headers"].keys() == {"ETag", "Cache-Control", "Vary"}
        assert paths[LIST]["get"]["responses"]["503"]["headers"].keys() == {"Retry-After"}
        retirement = {"Deprecation", "Sunset", "Link"}
        assert retirement <= paths["/v1/models/{model_id}"]["get"]["responses"]["200"]["headers"].keys()

    def test_authentication_is_documented_where_it_is_required(self, tmp_path: Path):
        document = create_app(authenticated(tmp_path)).openapi()
        assert document["components"]["securitySchemes"]["bearerToken"]["scheme"] == "bearer"
        required = {path for path, each in document["paths"].items() if each["get"].get("security")}
        assert required == {path for path in document["paths"] if path.startswith("/v1/")}
        assert all("401" in document["paths"][path]["get"]["responses"] for path in required)
        assert "securitySchemes" not in create_app({}).openapi()["components"]

    def test_operations_have_names_for_generated_clients(self):
        paths = create_app({}).openapi()["paths"]
        names = [operations["get"]["operationId"] for operations in paths.values()]
        assert all(name.isalpha() for name in names)
        assert len(set(names)) == len(paths)

    def test_mounted_gateway_leaves_names_and_types_to_the_app(self):
        app = FastAPI()
        app.include_router(Gateway.from_environment({}).router())
        document = app.openapi()
        assert list(document["paths"]) == [*http_paths.GATEWAY_PATHS]
        assert document["info"]["title"] == "FastAPI"
        references = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
        assert references == document["components"]["schemas"].keys()

    def test_definitions_have_the_types_of_their_schema(self):
        components = create_app({}).openapi()["components"]["schemas"]
        schema = json.loads((ROOT / "schemas" / "definitions.schema.json").read_bytes())
        assert components["Definitions"]["properties"].keys() == schema["properties"].keys()
        assert components["DefinedModel"]["properties"].keys() == schema["$defs"]["model"]["properties"].keys()
        text = json.dumps(components)
        assert "errorMessage" not in text
        assert "$defs" not in text

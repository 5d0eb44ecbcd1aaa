"""The list in the shape of OpenAI's API, and single models with headers about their retirement."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster.accept.acceptance import accept
from roster.gateway.gateway import Gateway
from roster.http_paths import MODELS
from tests.accept.example_downloads import CRITERIA, KINDS, ROSTER, as_bytes, envelope, model, rendered, retiring
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import PLAIN, updater

Serve = Callable[..., TestClient]
LIMITS = "  context_window: 200000\n  max_output_tokens: 64000\n  capabilities: [tools, vision]\n  provider: Bedrock\n"
REQUIRED_BY_OPENAI = {"id": str, "object": str, "created": int, "owned_by": str}


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Return a client of a gateway that serves a download."""

    def serve(body: bytes = KINDS["gateway"], **options: Any) -> TestClient:
        with ScriptedServer(ok(body)) as server:
            source = updater(server.origin, tmp_path / "kept")
            source.start()
        gateway = Gateway(None, {})
        gateway.updater = source
        app = FastAPI()
        app.include_router(gateway.router(**({"openai_models": True} | options)))
        return TestClient(app, headers=PLAIN, follow_redirects=False)

    return serve


def entries(body: bytes) -> dict[str, dict[str, Any]]:
    content = json.loads(accept(body, CRITERIA, None).openai_models)
    assert content["object"] == "list"
    return {entry["id"]: entry for entry in content["data"]}


class TestEntries:
    @pytest.mark.parametrize("kind", ["roster", "gateway"])
    def test_entry_has_limits_and_capabilities(self, kind: str):
        roster = ROSTER.replace(model("mistral"), model("mistral", LIMITS))
        mistral = entries(roster.encode() if kind == "roster" else rendered(kind, roster))["mistral"]
        assert mistral == {
            "id": "mistral",
            "object": "model",
            "created": 0,
            "owned_by": "Bedrock",
            "shutdown_date": None,
            "name": "GitLab: Mistral",
            "release_state": "GA",
            "features": ["duo_chat"],
            "context_window": 200000,
            "context_length": 200000,
            "max_output_tokens": 64000,
            "capabilities": ["tools", "vision"],
        }

    @pytest.mark.parametrize("kind", KINDS)
    def test_entries_are_the_offered_models(self, kind: str):
        offered = {entry["id"]: entry for entry in json.loads(KINDS["offered_models"])}
        found = entries(KINDS[kind])
        assert list(found) == list(offered)
        for id_, entry in found.items():
            assert {key: entry[key] for key in offered[id_]} == offered[id_]
            assert {key: type(entry[key]) for key in REQUIRED_BY_OPENAI} == REQUIRED_BY_OPENAI

    def test_shutdown_date_is_the_day_after_the_last_one(self):
        retiring_one = ROSTER.replace(model("mistral"), model("mistral", retiring("2026-12-31", "gemini")))
        assert entries(rendered("gateway", retiring_one))["mistral"]["shutdown_date"] == "2027-01-01"

    def test_values_of_another_shape_are_left_out(self):
        """A ``gateway.json`` of another program: only the ids in its definitions are validated."""
        content = envelope()
        described = {
            "provider": [],
            "context_window": True,
            "max_output_tokens": -1,
            "capabilities": "vision",
            "deprecation": {"removal_version": "18.0"},
        }
        content["definitions"]["models"][0] |= described
        first, second, _ = entries(as_bytes(content)).values()
        assert first.keys() == second.keys()
        assert (first["owned_by"], first["shutdown_date"]) == ("unknown", None)

    def test_no_endpoint_and_no_key_is_shown(self):
        roster = ROSTER.replace("claude.example-models.com", f"{CANARY.lower()}.example-models.com")
        text = accept(rendered("gateway", roster), CRITERIA, None).openai_models.decode()
        assert CANARY.lower() not in text
        assert not any(part in text for part in ("https://", "bedrock/", "API_KEY"))


class TestList:
    def test_list_is_served_with_etag(self, serve: Serve):
        asking = serve()
        response = asking.get(MODELS)
        assert [entry["id"] for entry in response.json()["data"]] == ["claude", "gemini", "mistral"]
        assert response.headers["cache-control"] == "private, no-cache"
        for method in ("GET", "HEAD"):
            again = asking.request(method, MODELS, headers={"If-None-Match": response.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        assert asking.get(MODELS, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
        assert asking.head(MODELS).headers == response.headers

    def test_trailing_slash_is_not_redirected(self, serve: Serve):
        response = serve().get(f"{MODELS}/", headers={"Host": "evil.example"})
        assert (response.status_code, response.headers.get("location")) == (404, None)

    def test_apps_have_no_such_paths_unless_they_ask_for_them(self, serve: Serve):
        """Gateways of others often serve ``/v1/models`` themselves."""
        asking = serve(openai_models=False)
        app: Any = asking.app

        @app.get(MODELS)
        def own() -> str:
            return "own"

        @app.get(f"{MODELS}/{{name}}")
        def own_model(name: str) -> str:
            return f"own {name}"

        assert [asking.get(path).json() for path in (MODELS, f"{MODELS}/claude")] == ["own", "own claude"]


class TestModel:
    def test_model_is_found_by_id_and_earlier_id(self, serve: Serve):
        asking = serve(as_bytes(envelope(aliases={"claude_old": "claude"})))
        one, other = asking.get(f"{MODELS}/claude"), asking.get(f"{MODELS}/claude_old")
        assert one.json() == other.json() == asking.get(MODELS).json()["data"][0]
        assert asking.get(f"{MODELS}/claude", headers={"If-None-Match": one.headers["etag"]}).status_code == 304
        assert asking.head(f"{MODELS}/claude").headers == one.headers
        assert "sunset" not in one.headers

    def test_end_of_retiring_model_is_announced(self, serve: Serve):
        roster = ROSTER.replace(model("mistral"), model("mistral", retiring("2100-12-01", "gemini")))
        asking = serve(rendered("gateway", roster, on=date(2026, 6, 15)))
        response = asking.get(f"{MODELS}/mistral")
        expected = ["@1767225600", "Thu, 02 Dec 2100 00:00:00 GMT", '<gemini>; rel="successor-version"']
        assert [response.headers[name] for name in ("Deprecation", "Sunset", "Link")] == expected
        unchanged = asking.get(f"{MODELS}/mistral", headers={"If-None-Match": response.headers["etag"]})
        assert (unchanged.status_code, unchanged.headers["Sunset"]) == (304, expected[1])

    def test_retired_model_leads_to_its_replacement(self, serve: Serve):
        response = serve().get(f"{MODELS}/gpt")
        assert (response.status_code, response.json()) == (
            404,
            {"detail": "gpt was retired after 2026-06-14, and gemini replaces it"},
        )
        assert response.headers["Link"] == '<gemini>; rel="successor-version"'

    @pytest.mark.parametrize("path", ["unheard-of", "%22%0d%0a", "claude/x", "..%2Foffered"])
    def test_unknown_model_is_404(self, serve: Serve, path: str):
        response = serve().get(f"{MODELS}/{path}")
        assert response.status_code == 404
        assert response.json()["detail"] in ("no model has this id", "Not Found")

    def test_names_of_other_lists_are_no_models(self, serve: Serve):
        assert isinstance(serve().get(f"{MODELS}/offered").json(), list)


def test_feature_off_is_404():
    app = FastAPI()
    app.include_router(Gateway(None, {}).router(openai_models=True))
    asking = TestClient(app)
    assert [asking.get(path).status_code for path in (MODELS, f"{MODELS}/claude")] == [404, 404]

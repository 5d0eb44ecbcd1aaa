"""Embedding the gateway in an app: routes, lifespan, and deployments with API keys."""

import logging
import pickle
import re
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster import http_paths
from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH
from roster.findings import ConfigurationError
from roster.gateway import Gateway, ResolvedDeployment
from tests.accept.example_downloads import KINDS, ROSTER, model, rendered, retiring
from tests.conftest import ROOT
from tests.download.download_helpers import CANARY, pointer_to_body
from tests.download.scripted_server import Play, ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, PLAIN, running, until, variables

KEY = "canary-key-of-a-model-8Jw2"
KEYS = {"AIGW_MODEL_CLAUDE_API_KEY": KEY, "AIGW_MODEL_GEMINI_API_KEY": f"{KEY}-too", "AIGW_MODEL_MISTRAL_API_KEY": ""}


def gateway(server: ScriptedServer, folder: Path, **more: str) -> Gateway:
    return Gateway.from_environment(variables(server.origin, folder / "kept", **more) | KEYS)


class TestMounting:
    def test_router_can_have_prefix(self, tmp_path: Path):
        with (
            ScriptedServer(ok(KINDS["gateway"])) as server,
            running(gateway(server, tmp_path), prefix="/ai") as http_client,
        ):
            assert http_client.get(f"/ai{LIST}").content == KINDS["offered_models"]
            assert http_client.get("/ai/-/readiness").json()["status"] == "ready"
            assert http_client.get(LIST).status_code == 404

    @pytest.mark.parametrize("prefix", ["", "/ai"])
    def test_no_response_redirects_to_host_of_request(self, tmp_path: Path, prefix: str):
        with ScriptedServer(ok(KINDS["gateway"])) as server, running(gateway(server, tmp_path), prefix) as http_client:
            for path in http_paths.GATEWAY_PATHS:
                for method in ("GET", "HEAD", "POST"):
                    url, headers = f"{prefix}{path}/", {"Host": "evil.example"}
                    response = http_client.request(method, url, headers=headers, follow_redirects=False)
                    assert response.status_code in (404, 405), (method, url)
                    assert "location" not in response.headers

    def test_lifespan_can_be_nested(self, tmp_path: Path):
        order: list[str] = []
        with ScriptedServer(ok(KINDS["gateway"])) as server:
            embedded = gateway(server, tmp_path)

            @asynccontextmanager
            async def lifespan(app: FastAPI) -> AsyncIterator[None]:
                order.append("start")
                async with embedded.lifespan(app):
                    yield
                order.append("end")

            app = FastAPI(lifespan=lifespan)
            app.include_router(embedded.router())

            @app.get("/chat")
            def chat() -> str:
                return embedded.default_deployment("duo_chat").identifier

            with TestClient(app) as http_client:
                assert http_client.get("/chat").json() == "bedrock/gemini-1"
                assert http_client.get(LIST).status_code == 200
        assert order == ["start", "end"]

    def test_two_gateways_in_one_process(self, tmp_path: Path):
        with ScriptedServer(ok(KINDS["gateway"])) as server:
            for _ in range(2):  # twice in one process: nothing is registered globally
                with running(gateway(server, tmp_path)) as http_client:
                    assert "roster_offered_models 3.0" in http_client.get("/metrics").text

    def test_polling_runs_while_app_runs(self, tmp_path: Path):
        newer = rendered("gateway", ROSTER + model("llama"), sequence=43)
        with ScriptedServer(ok(KINDS["gateway"]), ok(newer)) as server:
            embedded = gateway(server, tmp_path, POLL_SECONDS="5")
            assert embedded.settings
            embedded.settings = embedded.settings._replace(poll_seconds=0.05)
            with running(embedded) as http_client:
                until(lambda: len(server.requests) > 3)
                assert len(http_client.get(LIST).json()) == 4

    def test_feature_off_answers_404(self, caplog: pytest.LogCaptureFixture):
        off = Gateway.from_environment({ACCESS_TOKEN: CANARY})
        assert f"{ACCESS_TOKEN} is set but {FILE_PATH} is not" in caplog.text
        with running(off) as http_client:
            assert http_client.get(LIST).status_code == 404
            assert http_client.get("/-/readiness").json() == {"status": "off"}
        with pytest.raises(KeyError, match="there is no list of models"):
            off.deployment("claude")

    def test_app_starts_without_list(self, tmp_path: Path):
        with ScriptedServer(answer("401 Unauthorized")) as server, running(gateway(server, tmp_path)) as http_client:
            assert http_client.get(LIST).status_code == 503

    def test_invalid_settings_prevent_start(self):
        with pytest.raises(ConfigurationError, match=f"^{ACCESS_TOKEN} is empty"):
            Gateway.from_environment({FILE_PATH: "https://gitlab.example.com/a", ACCESS_TOKEN: ""})


class TestRoutes:
    @pytest.fixture(params=["gateway", "roster"])
    def embedded(self, request: pytest.FixtureRequest, tmp_path: Path) -> Gateway:
        with ScriptedServer(ok(KINDS[request.param])) as server:
            started = gateway(server, tmp_path)
            with running(started):
                return started

    def test_deployment_by_id(self, embedded: Gateway):
        assert embedded.deployment("claude") == ResolvedDeployment(
            "claude", "bedrock/claude-1", "https://claude.example-models.com/v1", KEY, "claude"
        )

    def test_default_deployment_by_feature(self, embedded: Gateway):
        assert embedded.default_deployment("duo_chat") == embedded.deployment("gemini")
        assert embedded.default_deployment("code-completion").id == "claude"

    @pytest.mark.parametrize("model_id", ["gpt", "unheard-of", ""])
    def test_unknown_model_raises_key_error(self, embedded: Gateway, model_id: str):
        with pytest.raises(KeyError):
            embedded.deployment(model_id)
        with pytest.raises(KeyError):
            embedded.default_deployment(model_id)

    def test_missing_api_key_is_named(self, embedded: Gateway):
        with pytest.raises(
            ConfigurationError, match=r"^the API key of mistral .* AIGW_MODEL_MISTRAL_API_KEY is not set$"
        ):
            embedded.deployment("mistral")

    def test_api_key_is_resolved_on_call(self, tmp_path: Path):
        environ = dict(KEYS)
        with ScriptedServer(ok(KINDS["gateway"])) as server:
            environ |= variables(server.origin, tmp_path / "kept")
            embedded = Gateway.from_environment(environ)
            with running(embedded):
                environ["AIGW_MODEL_CLAUDE_API_KEY"] = "renewed"
                assert embedded.deployment("claude").api_key == "renewed"

    def test_list_without_deployments_raises_key_error(self, tmp_path: Path):
        with ScriptedServer(ok(KINDS["offered_models"])) as server:
            embedded = gateway(server, tmp_path)
            with running(embedded), pytest.raises(KeyError):
                embedded.deployment("claude")


class TestSecrets:
    def test_secrets_are_not_shown(self, tmp_path: Path, caplog: pytest.LogCaptureFixture):
        """Neither the token nor an API key is in responses, representations, logs or on disk."""
        caplog.set_level(logging.DEBUG)
        with ScriptedServer(ok(KINDS["gateway"]), answer("401 Unauthorized", body=CANARY.encode())) as server:
            embedded = gateway(server, tmp_path)
            with running(embedded) as http_client:
                route = embedded.deployment("claude")
                assert embedded.updater
                embedded.updater.poll()
                texts = [http_client.get(path).text for path in (LIST, "/-/readiness", "/metrics", "/openapi.json")]
        values: list[Any] = [
            embedded,
            embedded.settings,
            embedded.updater,
            vars(embedded.updater),
            route,
            f"{route}",
            f"{route!r}",
        ]
        texts += [repr(value) for value in values] + [caplog.text]
        texts += [file.read_bytes().decode() for file in (tmp_path / "kept").iterdir()]
        assert len(texts) == 13
        for text in texts:
            assert CANARY not in text
            assert KEY not in text

    TOKEN = "deploy-canary-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-abcdefg"
    """A valid name of an environment; too long to be shown completely in a message."""

    @pytest.mark.parametrize("environment", [None, "production"])
    @pytest.mark.parametrize(
        "play",
        [
            ok(rendered("gateway").replace(b"production", TOKEN.encode())),
            ok(rendered("gateway").replace(b"production", TOKEN.encode()), 'ETag: "a"'),
            ok(rendered("gateway").replace(b"GitLab: Claude", TOKEN.encode())),
            ok(rendered("gateway").replace(b"GitLab: Claude", b"Claude " + TOKEN[:62].encode())),
            ok(rendered("gateway").replace(b"production", TOKEN[:-1].encode())),
            ok(rendered("gateway"), f'ETag: "{TOKEN}"'),
            ok(pointer_to_body().replace(b"production", TOKEN.encode())),
            ok(TOKEN.encode()),
            ok(f"{TOKEN}: [".encode()),
            answer(f"401 {TOKEN}", body=TOKEN.encode()),
        ],
        ids=range(10),
    )
    def test_token_that_source_repeats_is_hidden(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, play: Play, environment: str | None
    ):
        caplog.set_level(logging.DEBUG)
        more = {"ENVIRONMENT": environment} if environment else {}
        with ScriptedServer(play) as server:
            environ = variables(server.origin, tmp_path / "kept", **more) | {ACCESS_TOKEN: self.TOKEN}
            with running(Gateway.from_environment(environ)) as http_client:
                texts = [http_client.get(path).text for path in (LIST, DEFINITIONS, "/-/readiness", "/metrics")]
        files = [*(tmp_path / "kept").glob("*")]
        texts += [caplog.text, *map(str, files), *(file.read_text() for file in files)]
        assert not any(self.TOKEN in text for text in texts)

    def test_error_of_missing_key_shows_no_secret(self, tmp_path: Path):
        with ScriptedServer(ok(KINDS["gateway"])) as server:
            embedded = gateway(server, tmp_path)
            with running(embedded):
                try:
                    embedded.deployment("mistral")
                except ConfigurationError as error:
                    message = "".join(traceback.format_exception(error))
        assert KEY not in message
        assert CANARY not in message

    def test_settings_cannot_be_pickled(self, tmp_path: Path):
        with ScriptedServer(ok(KINDS["gateway"])) as server, pytest.raises(TypeError):
            pickle.dumps(gateway(server, tmp_path).settings)


def test_examples_of_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        for name, value in (variables(server.origin, tmp_path / "kept") | KEYS).items():
            monkeypatch.setenv(name, value)
        for block in blocks:
            names: dict[str, Any] = {}
            exec(blocks[0] if "FastAPI(" not in block else block, names)
            with TestClient(names["app"], headers=PLAIN) as http_client:
                assert http_client.get(LIST).content == KINDS["offered_models"]
                if "FastAPI(" not in block:
                    exec(block, names)
                    assert names["deployment"].api_key.startswith(KEY)


def test_example_of_page_announces_retirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    example = next(part for part in page.split("```python\n") if "retirement_headers(" in part).partition("```")[0]
    roster = model("claude") + model("gemini") + model("mistral", retiring("2100-12-01", "gemini"))
    roster += model("gpt", retiring("2026-06-14", "gemini"))
    with ScriptedServer(ok(rendered("gateway", roster))) as server:
        environ = variables(server.origin, tmp_path / "kept") | KEYS | {"AIGW_MODEL_MISTRAL_API_KEY": KEY}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        names: dict[str, Any] = {}
        exec(example, names)
        with TestClient(names["app"]) as http_client:
            responses = {id_: http_client.get(f"/v1/chat/{id_}") for id_ in ("mistral", "gpt", "gemini", "unheard-of")}
    values = {id_: [r.headers.get(name) for name in ("Deprecation", "Sunset", "Link")] for id_, r in responses.items()}
    link = '</v1/chat/gemini>; rel="successor-version"'
    assert values == {
        "mistral": ["@1767225600", "Thu, 02 Dec 2100 00:00:00 GMT", link],
        "gpt": [None, "Mon, 15 Jun 2026 00:00:00 GMT", link],
        "gemini": [None, None, None],
        "unheard-of": [None, None, None],
    }
    assert [response.status_code for response in responses.values()] == [200, 404, 200, 404]


def test_feature_off_has_no_headers():
    assert Gateway.from_environment({}).retirement_headers("claude") == {}


def test_start_without_source_is_done():
    Gateway.from_environment({}).start().result(timeout=5)


def test_download_after_cached_list_waits_for_the_app(tmp_path: Path):
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        with running(gateway(server, tmp_path)):
            until(lambda: server.requests)
        restarted = gateway(server, tmp_path)
        restarted.start().result(timeout=5)
        assert restarted.updater
        assert (restarted.updater.active is not None, len(server.requests)) == (True, 1)
        with running(restarted):
            until(lambda: len(server.requests) == 2)

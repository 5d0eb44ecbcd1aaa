"""LiteLLM's own proxy, started with what is rendered for it, in front of a provider on loopback.

Rosters may not name a loopback address, so the roster here never goes through a check. Vertex is left out: LiteLLM
needs Google's own packages for it, which the lock does not hold.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from roster.check.pipeline import check
from roster.publishing.sequence import Publication
from roster.render import litellm_config
from roster.repository import Repository
from roster.roster import Roster
from tests.conftest import ROOT
from tests.litellm import python

pytestmark = pytest.mark.slow

DAY = date(2026, 6, 15)
OWN_KEY = "sk-the-key-that-callers-show-litellm-0123456789"
SECONDS_TO_START = 180
ANSWER = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip
ANSWER_OF_BEDROCK = {
    "output": {"message": {"role": "assistant", "content": [{"text": "hello"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
    "metrics": {"latencyMs": 1},
}  # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html


class Call(NamedTuple):
    """What a provider was asked."""

    path: str
    authorization: str
    body: dict[str, Any]


class Provider(ThreadingHTTPServer):
    """Answers as OpenAI and Fireworks do, and as Bedrock does; keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[Call] = []


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(Call(self.path, self.headers["Authorization"], body))
        answer = json.dumps(ANSWER_OF_BEDROCK if self.path.endswith("/converse") else ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


class Proxy(NamedTuple):
    """A running proxy."""

    port: int
    provider: Provider

    def ask(self, path: str, question: dict[str, Any] | None = None) -> Any:
        """Return what the proxy answers, once it did so with 200."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {OWN_KEY}", "Content-Type": "application/json"}
        connection.request("POST" if question else "GET", path, json.dumps(question) if question else None, headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return json.loads(body)

    def chat(self, model: str) -> tuple[str, Call]:
        """Say hello to a model; return its answer, and how the provider was asked."""
        self.provider.calls.clear()
        question = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
        answer = self.ask("/v1/chat/completions", question)
        (call,) = self.provider.calls
        return answer["choices"][0]["message"]["content"], call


def model(name: str, identifier: str, endpoint: str, **keys: Any) -> dict[str, Any]:
    return {
        "name": name,
        "identifier": identifier,
        "api-key": f"AIGW_MODEL_{name.upper()}_API_KEY",
        "endpoint": endpoint,
        "release_state": "GA",
        "family": "claude",
        "features": ["duo_chat"],
    } | keys


def configuration(provider: str) -> bytes:
    over = {"notice": "2026-01-01", "last_day": "2026-06-14", "replacement": "plain"}
    entries = [
        model("Plain", "openai/claude-1", f"{provider}/v1", features=["duo_chat"], default_for=["duo_chat"]),
        model("Fire", "fireworks_ai/codestral-2501", f"{provider}/inference/v1", default_for=["code-completion"],
              features=["code-completion"]),
        model("Bedrock", "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", provider),
        model("Old", "openai/claude-0", f"{provider}/v1", retirement=over),
    ]  # fmt: skip
    roster = Roster.of("env/production/offered_models_metadata.yaml", "production", entries)
    return litellm_config.render(roster, DAY, Publication("unversioned", 0))


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    with server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("litellm")
    executable, provider = python(), Provider()
    (folder / "litellm.yaml").write_bytes(configuration(f"http://127.0.0.1:{provider.server_port}"))
    running = Proxy(free_port(), provider)
    with serving(provider), started(executable, folder, running):
        yield running


@contextmanager
def started(executable: Path, folder: Path, proxy: Proxy) -> Iterator[None]:
    """Run LiteLLM's command until the tests are done with it."""
    # What pip would write as bin/litellm names a folder that the environment has left.
    command = [str(executable), "-c", "import litellm; litellm.run_server()", "--config", "litellm.yaml"]
    options = ["--host", "127.0.0.1", "--port", str(proxy.port), "--telemetry", "False"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, *options], cwd=folder, env=environment(folder), stdout=log, stderr=log)
        try:
            wait_for(process, proxy, folder / "log")
            yield
        finally:
            process.terminate()
            process.wait(30)


def environment(folder: Path) -> dict[str, str]:
    """Return what LiteLLM finds set: the keys, nothing of whoever runs the tests, and no way to any other host."""
    local = ("MODEL_COST_MAP", "ANTHROPIC_BETA_HEADERS", "AUTOROUTER_PRESETS", "BLOG_POSTS", "POLICY_TEMPLATES")
    nowhere = "http://127.0.0.1:9"  # nothing listens at the discard port
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LITELLM_MASTER_KEY": OWN_KEY,
        **{f"LITELLM_LOCAL_{name}": "true" for name in local},
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), nowhere),
        "NO_PROXY": "127.0.0.1",
        **{f"AIGW_MODEL_{name}_API_KEY": f"key-of-{name.lower()}" for name in ("PLAIN", "FIRE", "BEDROCK", "OLD")},
    }


def wait_for(process: "subprocess.Popen[bytes]", proxy: Proxy, log: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            proxy.ask("/health/liveliness")
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"LiteLLM does not answer: {log.read_text()}")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def test_the_models_that_are_offered_are_listed_and_the_features_that_have_a_default(proxy: Proxy):
    listed = {entry["id"] for entry in proxy.ask("/v1/models")["data"]}
    assert listed == {"plain", "fire", "bedrock", "duo_chat", "code-completion"}


@pytest.mark.parametrize(
    ("name", "path", "key", "body"),
    [
        ("plain", "/v1/chat/completions", "key-of-plain", {"model": "claude-1"}),
        (
            "fire",
            "/inference/v1/chat/completions",
            "key-of-fire",
            {"model": "accounts/fireworks/models/codestral-2501"},
        ),
        ("bedrock", "/model/anthropic.claude-3-7-sonnet-20250219-v1%3A0/converse", "key-of-bedrock", {}),
        ("duo_chat", "/v1/chat/completions", "key-of-plain", {"model": "claude-1"}),
        ("code-completion", "/inference/v1/chat/completions", "key-of-fire", {}),
    ],
)
def test_a_call_reaches_the_endpoint_with_the_key_from_the_environment(
    proxy: Proxy, name: str, path: str, key: str, body: dict[str, str]
):
    answer, call = proxy.chat(name)
    assert answer == "hello"
    assert (call.path, call.authorization) == (path, f"Bearer {key}")
    assert call.body.items() >= body.items()


def test_litellm_knows_every_provider_of_the_rosters_here(tmp_path: Path):
    rosters = check(Repository(ROOT), DAY).rosters.values()
    identifiers = sorted({str(model.identifier) for roster in rosters for model in roster})
    script = "import json, litellm, sys; print(json.dumps([litellm.get_llm_provider(name) for name in sys.argv[1:]]))"
    command = [str(python()), "-c", script, *identifiers]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert [f"{provider}/{name}" for name, provider, _, _ in found] == identifiers

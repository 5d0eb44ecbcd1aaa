"""LiteLLM's proxy with a rendered configuration, in front of a provider on the loopback interface.

Loopback addresses are invalid in rosters, so the roster is not checked. Vertex is not tested, because LiteLLM requires
packages from Google for it that are not in the lock file.
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
import yaml

from roster import providers as registry
from roster.check.pipeline import check
from roster.provider_facts import parse_facts
from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render import litellm_config
from roster.repository import Repository
from roster.roster import Roster
from tests.conftest import ROOT
from tests.litellm import python

pytestmark = pytest.mark.slow

DAY = date(2026, 6, 15)
MASTER_KEY = "sk-the-key-that-callers-show-litellm-0123456789"
START_TIMEOUT_SECONDS = 180
PROVIDERS = {
    "fireworks": registry.Provider("fireworks", "", ("fireworks_ai",), "per-provider", hosts=("127.0.0.1",)),
    "bedrock": registry.Provider("bedrock", "", ("bedrock",), "ambient", hosts=("127.0.0.1",)),
}
OPENAI_RESPONSE = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip
BEDROCK_RESPONSE = {
    "output": {"message": {"role": "assistant", "content": [{"text": "hello"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
    "metrics": {"latencyMs": 1},
}  # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html


class Call(NamedTuple):
    """A request that a provider received."""

    path: str
    authorization: str
    body: dict[str, Any]


class Provider(ThreadingHTTPServer):
    """Provider stub: responds like OpenAI and Fireworks, or like Bedrock; records the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[Call] = []


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(Call(self.path, self.headers["Authorization"], body))
        answer = json.dumps(BEDROCK_RESPONSE if self.path.endswith("/converse") else OPENAI_RESPONSE).encode()
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

    def request(self, path: str, content: dict[str, Any] | None = None) -> Any:
        """Send a GET request, or a POST request with content; return the content of the response."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {MASTER_KEY}", "Content-Type": "application/json"}
        connection.request("POST" if content else "GET", path, json.dumps(content) if content else None, headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return json.loads(body)

    def chat(self, model: str) -> tuple[str, Call]:
        """Send a message to a model; return its reply, and the request that the provider received."""
        self.provider.calls.clear()
        content = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
        response = self.request("/v1/chat/completions", content)
        (call,) = self.provider.calls
        return response["choices"][0]["message"]["content"], call


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


def without_key(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a model whose provider supplies the credential."""
    return {key: value for key, value in entry.items() if key != "api-key"}


def configuration(provider: str) -> bytes:
    over = {"notice": "2026-01-01", "last_day": "2026-06-14", "replacement": "plain"}
    entries = [
        model("Plain", "openai/claude-1", f"{provider}/v1", features=["duo_chat"], default_for=["duo_chat"],
              aliases=["earlier"], context_window=200000, max_output_tokens=64000, capabilities=["tools"]),
        model("Fire", "fireworks_ai/codestral-2501", f"{provider}/inference/v1", default_for=["code-completion"],
              features=["code-completion"]),
        model("Bedrock", "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", provider),
        model("One", "openai/one", f"{provider}/v1", features=["review"], default_for={"review": 50}),
        model("Two", "openai/two", f"{provider}/v1", features=["review"], default_for={"review": 50}),
        model("Old", "openai/claude-0", f"{provider}/v1", retirement=over),
        model("Older", "openai/claude-00", f"{provider}/v1", retirement=over | {"replacement": "old"}),
        model("Retiring", "openai/claude-2", f"{provider}/v1", retirement=over | {"last_day": "2027-01-31"}),
        without_key(model("Shared", "fireworks_ai/qwen3", f"{provider}/inference/v1")),
        without_key(model("Ambient", "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", provider)),
    ]  # fmt: skip
    path = "env/production/offered_models_metadata.yaml"
    registries = Registries({}, (), {}, PROVIDERS)
    facts = {"identifier": "openai/two", "ends": "2026-10-14", "sources": []}
    registries.provider_facts = {"openai/two": parse_facts(facts)}
    roster = Roster.of(path, "production", entries, registries=registries)
    return litellm_config.render(roster, DAY, Publication("unversioned", 0), registries)


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
    """Run LiteLLM's command until the end of the block."""
    # Not bin/litellm: the path of Python in it is invalid, because the environment was renamed after the installation.
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
    """Return LiteLLM's environment variables: the keys, and proxies that prevent connections to other hosts."""
    local = ("MODEL_COST_MAP", "ANTHROPIC_BETA_HEADERS", "AUTOROUTER_PRESETS", "BLOG_POSTS", "POLICY_TEMPLATES")
    closed_port = "http://127.0.0.1:9"  # the discard port
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LITELLM_MASTER_KEY": MASTER_KEY,
        **{f"LITELLM_LOCAL_{name}": "true" for name in local},
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), closed_port),
        "NO_PROXY": "127.0.0.1",
        "AIGW_PROVIDER_FIREWORKS_API_KEY": "key-of-fireworks",
        "AWS_ACCESS_KEY_ID": "ambient-identity",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "us-east-1",
        **{
            f"AIGW_MODEL_{name}_API_KEY": f"key-of-{name.lower()}"
            for name in ("PLAIN", "FIRE", "BEDROCK", "RETIRING", "ONE", "TWO")
        },
    }


def wait_for(process: "subprocess.Popen[bytes]", proxy: Proxy, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            proxy.request("/health/liveliness")
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"LiteLLM does not respond: {log.read_text()}")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def test_offered_models_and_features_with_default_are_listed(proxy: Proxy):
    listed = {entry["id"] for entry in proxy.request("/v1/models")["data"]}
    models = {"plain", "fire", "bedrock", "retiring", "one", "two", "shared", "ambient"}
    assert listed == models | {"duo_chat", "code-completion", "review", "old", "older", "earlier"}


def test_last_day_is_reported_as_deprecation(proxy: Proxy):
    reported = proxy.request("/model/deprecations?warn_within_days=0")
    deprecations = [entry for entries in reported.values() if isinstance(entries, list) for entry in entries]
    dates = {entry["model_name"]: entry["deprecation_date"] for entry in deprecations}
    assert (dates["retiring"], dates["two"]) == ("2027-01-31", "2026-10-14")


def test_limits_and_dates_are_reported_as_model_information(proxy: Proxy):
    information = {entry["model_name"]: entry["model_info"] for entry in proxy.request("/model/info")["data"]}
    limits = {"max_input_tokens": 200000, "max_output_tokens": 64000, "supports_function_calling": True}
    assert limits.items() <= information["plain"].items()
    dates = {name: information[name].get("deprecation_date") for name in ("plain", "retiring", "two")}
    assert dates == {"plain": None, "retiring": "2027-01-31", "two": "2026-10-14"}
    (group,) = (each for each in proxy.request("/model_group/info")["data"] if each["model_group"] == "plain")
    assert (group["max_input_tokens"], group["max_output_tokens"]) == (200000, 64000)
    assert group["supports_function_calling"] is True


def test_location_leads_to_the_same_vertex_host(tmp_path: Path):
    hosts = ("us-central1-aiplatform", "aiplatform", "aiplatform.us.rep", "aiplatform.eu.rep")
    endpoints = [f"https://{host}.googleapis.com" for host in hosts]
    entries = [model(f"M{index}", "vertex_ai/gemini", endpoint) for index, endpoint in enumerate(endpoints)]
    roster = Roster.of("env/production/offered_models_metadata.yaml", "production", entries)
    rendered = yaml.safe_load(litellm_config.render(roster, DAY, Publication("unversioned", 0)))["model_list"]
    locations = [entry["litellm_params"]["vertex_location"] for entry in rendered]
    script = (
        "import json, sys; from litellm.llms.vertex_ai.common_utils import get_vertex_base_url; "
        "print(json.dumps([get_vertex_base_url(location) for location in sys.argv[1:]]))"
    )
    command = [str(python()), "-c", script, *locations]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == endpoints


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
        ("old", "/v1/chat/completions", "key-of-plain", {"model": "claude-1"}),
        ("earlier", "/v1/chat/completions", "key-of-plain", {"model": "claude-1"}),
        ("older", "/v1/chat/completions", "key-of-plain", {"model": "claude-1"}),
        ("shared", "/inference/v1/chat/completions", "key-of-fireworks", {}),
    ],
)
def test_request_reaches_endpoint_with_key_from_environment(
    proxy: Proxy, name: str, path: str, key: str, body: dict[str, str]
):
    reply, call = proxy.chat(name)
    assert reply == "hello"
    assert (call.path, call.authorization) == (path, f"Bearer {key}")
    assert call.body.items() >= body.items()


def test_ambient_credentials_are_those_of_the_process(proxy: Proxy):
    """LiteLLM signs with the identity of AWS in its environment (Signature Version 4)."""
    reply, call = proxy.chat("ambient")
    assert reply == "hello"
    assert call.authorization.startswith("AWS4-HMAC-SHA256 Credential=ambient-identity/")


def test_defaults_of_one_feature_share_its_requests(proxy: Proxy):
    keys = {proxy.chat("review")[1].authorization for _ in range(40)}
    assert keys == {"Bearer key-of-one", "Bearer key-of-two"}  # by chance only one, once in 10**11 runs


def test_every_provider_of_our_rosters_is_supported(tmp_path: Path):
    rosters = check(Repository(ROOT), DAY).rosters.values()
    identifiers = sorted({str(model.identifier) for roster in rosters for model in roster})
    script = "import json, litellm, sys; print(json.dumps([litellm.get_llm_provider(name) for name in sys.argv[1:]]))"
    command = [str(python()), "-c", script, *identifiers]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=True)
    providers = json.loads(done.stdout.splitlines()[-1])
    assert [f"{provider}/{name}" for name, provider, _, _ in providers] == identifiers

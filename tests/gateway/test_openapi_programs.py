"""The OpenAPI document in programs of others: linters, generators of clients, and the generated clients."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from roster.gateway.app import create_app
from tests.accept.example_downloads import rendered
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import variables
from tests.gateway.test_openapi import authenticated
from tests.gateway.test_openapi_examples import ROSTER
from tests.locked_environment import python_of
from tests.node import program
from tests.server_process import ServerProcess, run_server

pytestmark = pytest.mark.slow

Document = dict[str, Any]
Lint = Callable[[Document], "subprocess.CompletedProcess[str]"]
LINTERS = {
    "spectral": (
        partial(program, "@stoplight/spectral-cli", "spectral"),
        ("--ruleset", "rules.yaml", "--fail-severity", "hint"),
    ),
    "redocly": (
        partial(program, "@redocly/cli", "redocly"),
        # Probes and Prometheus are never refused.
        ("--skip-rule", "operation-4xx-response", "--format", "json"),
    ),
}
TYPESCRIPT_OPTIONS = {
    "strict": True,
    "target": "ES2022",
    "module": "commonjs",
    "moduleResolution": "node10",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "types": [],
    "outDir": "out",
}
TYPESCRIPT = """\
import {client} from "./client/client.gen";
import {getDefinitions, listModels, listOfferedModels, retrieveModel} from "./client/sdk.gen";

declare const process: {argv: string[]};

async function main(): Promise<void> {
  client.setConfig({baseUrl: process.argv[2]!});
  const listed = await listModels({throwOnError: true});
  const first = listed.data.data[0]!;
  const size: number | undefined = first.context_window;
  const offered = await listOfferedModels({query: {feature: ["duo_chat"], release_state: ["GA"]}, throwOnError: true});
  const definitions = await getDefinitions({throwOnError: true});
  const titles: (string | undefined)[] = definitions.data.unit_primitives.map((feature) => feature.title);
  const retrieved = await retrieveModel({path: {model_id: "unheard-of"}});
  const problem: string | undefined = retrieved.error && String(retrieved.error.detail);
  const etag: string | null = listed.response.headers.get("ETag");
  const again = await listModels({headers: {"If-None-Match": etag ?? ""}});
  const names: string[] = offered.data.map((model) => model.name);
  console.log(JSON.stringify([first.id, size, names, titles, problem, again.response.status]));
}

main();
"""
PYTHON = """\
import json, sys
from client import Client
from client.api.models import get_definitions, list_models, list_offered_models, retrieve_model
from client.api.health import get_readiness
from client.models import GatewayError, OpenAIModelList, ReleaseState

client = Client(base_url=sys.argv[1])
listed = list_models.sync(client=client)
assert isinstance(listed, OpenAIModelList)
first = listed.data[0]
offered = list_offered_models.sync(client=client, feature=["duo_chat"], release_state=[ReleaseState.GA])
definitions = get_definitions.sync(client=client)
error = retrieve_model.sync("unheard-of", client=client)
assert isinstance(error, GatewayError)
again = list_models.sync_detailed(client=client, if_none_match=list_models.sync_detailed(client=client).headers["ETag"])
print(json.dumps([
    first.id, first.context_window, [model.name for model in offered],
    [feature.title for feature in definitions.unit_primitives], error.detail, again.status_code,
]))
assert get_readiness.sync(client=client).active.models == len(offered)
"""
EXPECTED = [
    "claude_3_7_sonnet",
    200000,
    ["GitLab: Claude 3.7 Sonnet", "GitLab: Claude Sonnet 4"],
    ["Code Generation", "General Chat"],
    "no model has this id",
    304,
]
"""What both generated clients read from the gateway."""


@pytest.fixture(params=["open", "authenticated"])
def document(request: pytest.FixtureRequest, tmp_path: Path) -> Document:
    return create_app({} if request.param == "open" else authenticated(tmp_path)).openapi()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("gateway")
    source = ScriptedServer(ok(rendered("gateway", ROSTER)))
    with source, run_server(variables(source.origin, folder / "kept"), "gateway") as server:
        server.wait_for_log("activated version")
        yield server


def run(command: "Sequence[str | Path]", folder: Path, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=folder, env=os.environ | quiet, capture_output=True, text=True, timeout=120, check=False
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


class TestLinters:
    @pytest.fixture(params=LINTERS)
    def lint(self, request: pytest.FixtureRequest, tmp_path: Path) -> Lint:
        """Return a function that runs a linter with its recommended rules."""

        def lint(document: Document) -> "subprocess.CompletedProcess[str]":
            (tmp_path / "openapi.json").write_text(json.dumps(document))
            (tmp_path / "rules.yaml").write_text('extends: ["spectral:oas"]\n')
            command, options = LINTERS[request.param]
            return run([*command(), "lint", *options, "openapi.json"], tmp_path, check=False)

        return lint

    def test_linter_finds_nothing(self, document: Document, lint: Lint):
        done = lint(document)
        assert done.returncode == 0, done.stdout
        assert "No results" in done.stdout or not any(json.loads(done.stdout)["totals"].values())

    def test_linter_finds_missing_type(self, document: Document, lint: Lint):
        document = json.loads(json.dumps(document))
        del document["components"]["schemas"]["OpenAIModel"]
        assert lint(document).returncode != 0


def test_typescript_client_compiles_and_reads_lists(gateway: ServerProcess, tmp_path: Path):
    (tmp_path / "openapi.json").write_text(gateway.request("/openapi.json").text)
    (tmp_path / "main.ts").write_text(TYPESCRIPT)
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": TYPESCRIPT_OPTIONS}))
    options = ("--input", "openapi.json", "--output", "client", "--client", "@hey-api/client-fetch", "--no-log-file")
    run([*program("@hey-api/openapi-ts", "openapi-ts"), *options], tmp_path)
    run([*program("typescript", "tsc"), "--project", "."], tmp_path)
    assert json.loads(run(["node", "out/main.js", gateway.origin], tmp_path).stdout) == EXPECTED


def test_python_client_reads_lists(gateway: ServerProcess, tmp_path: Path):
    python = python_of("openapi-client")
    (tmp_path / "openapi.json").write_text(gateway.request("/openapi.json").text)
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")
    generate = ["generate", "--path", "openapi.json", "--output-path", "client", "--meta", "none"]
    command = [str(python), "-m", "openapi_python_client", *generate, "--config", "config.yaml", "--fail-on-warning"]
    run(command, tmp_path)
    (tmp_path / "main.py").write_text(PYTHON)
    assert json.loads(run([python, "main.py", gateway.origin], tmp_path).stdout) == EXPECTED


OPENAI = """\
import json, sys
from openai import NotFoundError, OpenAI

client = OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none")
models = client.models.list().data
print([model.id for model in models], models[0].model_extra["context_window"])
print(client.models.retrieve("claude_sonnet_4").owned_by)
try:
    client.models.retrieve("unheard-of")
except NotFoundError as error:
    print(error.body)
"""
LITELLM = """\
import sys
import litellm

print(litellm.get_valid_models(
    check_provider_endpoint=True, custom_llm_provider="openai",
    litellm_params=litellm.types.router.LiteLLM_Params(model="*", api_base=f"{sys.argv[1]}/v1", api_key="none"),
))
"""


def test_openai_client_lists_models(gateway: ServerProcess, tmp_path: Path):
    done = run([python_of("litellm"), "-c", OPENAI, gateway.origin], tmp_path)
    assert done.stdout.splitlines() == [
        "['claude_3_7_sonnet', 'claude_sonnet_4'] 200000",
        "Amazon Bedrock",
        "{'detail': 'no model has this id'}",
    ]


def test_litellm_lists_models(gateway: ServerProcess, tmp_path: Path):
    done = run([python_of("litellm"), "-c", LITELLM, gateway.origin], tmp_path)
    assert done.stdout.splitlines()[-1] == "['claude_3_7_sonnet', 'claude_sonnet_4']"

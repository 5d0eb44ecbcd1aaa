"""``roster gateway probe`` with LiteLLM, asking a provider that does everything wrong.

The environment with LiteLLM lacks the toolkit and one of its packages, which PYTHONPATH adds.
"""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from roster.roster import roster_path
from tests.conftest import ROOT
from tests.litellm import python
from tests.litellm.fake_provider import CANARY, FakeProvider, fake_provider

pytestmark = pytest.mark.slow

PROXY_PACKAGES = ("fastapi", "mcp")
"""Packages of LiteLLM's proxy, which the extra does not install: their import fails."""
REQUIRES = {
    "duo_chat": ["tools", "vision", "pdf"],
    "code-completion": ["fim"],
    "review_merge_request": ["structured_output", "reasoning"],
    "embeddings_code": ["embeddings"],
}
POLICY = {"name": "production", "release_states": ["GA"], "default_release_states": ["GA"], "retirement_notice_days": 0}
KEY = "canary-of-a-key-{}-0123456789"
_WITH_VERSION = ("openai/", "fireworks_ai/")
DEADLINE = "20"
CLOSED = "http://127.0.0.1:9"
PLAIN = ["generate_commit_message"]
MODELS: dict[str, tuple[str, list[str], list[str]]] = {
    "capable": ("openai/capable", ["duo_chat", "code-completion", "review_merge_request"], ["duo_chat"]),
    "incapable": ("openai/incapable", ["duo_chat"], []),
    "embedder": ("openai/embedder", ["embeddings_code"], []),
    "claude": ("anthropic/claude", PLAIN, PLAIN),
    "claude_on_bedrock": ("bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0", PLAIN, []),
    "gemini": ("gemini/gemini-2.5-pro", PLAIN, []),
    "other": ("fireworks_ai/other", PLAIN, []),
    "secretive": ("openai/secretive", PLAIN, []),
    "refuse_401": ("openai/refuse-401", PLAIN, []),
    "refuse_404": ("openai/refuse-404", ["glab_ask_git_command"], ["glab_ask_git_command"]),
    "refuse_429": ("openai/refuse-429", PLAIN, []),
    "refuse_500": ("openai/refuse-500", PLAIN, []),
    "hang": ("openai/hang", PLAIN, []),
    "drip": ("openai/drip", PLAIN, []),
    "drop": ("openai/drop", PLAIN, []),
    "garbage": ("openai/garbage", PLAIN, []),
    "endless": ("openai/endless", PLAIN, []),
    "broken_stream": ("openai/broken-stream", PLAIN, []),
    "empty": ("openai/empty", PLAIN, []),
    "redirect": ("anthropic/redirect", PLAIN, []),
    "no_key": ("openai/no-key", PLAIN, []),
    "closed": ("openai/closed", PLAIN, []),
    "bedrock": ("bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", PLAIN, []),
    "vertex": ("vertex_ai/codestral-2501", PLAIN, []),
}
"""The identifiers, features and features in ``default_for`` of models by id."""
ENDPOINTS = {
    "closed": CLOSED,
    "bedrock": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "vertex": "https://us-central1-aiplatform.googleapis.com/v1",
}
EXPECTED = {
    "capable": "works",
    "incapable": "no capability",
    "embedder": "works",
    "claude": "works",
    "claude_on_bedrock": "works",
    "gemini": "works",
    "other": "wrong model",
    "secretive": "wrong model",
    "refuse_401": "refused 401 unauthorized",
    "refuse_404": "refused 404 unknown model",
    "refuse_429": "refused 429 quota",
    "refuse_500": "refused 500 provider error",
    "hang": f"slow no answer within {DEADLINE} s",
    "drip": f"slow no answer within {DEADLINE} s",
    "drop": "unreachable connection closed",
    "garbage": "invalid answer not a complete answer",
    "endless": "invalid answer not a complete answer",
    "broken_stream": "invalid answer the stream ended early",
    "empty": "invalid answer empty answer",
    "redirect": "refused 307 redirect",
    "no_key": "no key AIGW_MODEL_NO_KEY_API_KEY is not set",
    "closed": "unreachable connection refused",
    "bedrock": "no key no valid credentials of the cloud",
    "vertex": "not asked LiteLLM rejects its keys or settings",
}
"""The verdict on each model with its details: a status and a reason."""


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider() as server:
        yield server


class Probe:
    """A repository whose models are at a fake provider, and the command in it."""

    def __init__(self, folder: Path, provider: FakeProvider, models: "list[str] | None" = None) -> None:
        self.folder, self._provider = folder, provider
        self._models = {name: MODELS[name] for name in models or MODELS}
        for path, content in self._files().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        (folder / "schemas" / "families.yaml").write_bytes((ROOT / "schemas" / "families.yaml").read_bytes())
        (folder / "packages").mkdir()
        for name in PROXY_PACKAGES:
            (folder / "packages" / f"{name}.py").write_text(f"raise ModuleNotFoundError(name={name!r})\n")
        (folder / "packages" / "jsonschema_rs").symlink_to(Path(jsonschema_rs.__file__).parent)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [str(python()), "-m", "roster", "gateway", "probe", "production", *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=self.folder, env=self._environment(), **pipes)  # type: ignore[call-overload]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments) as process:
            output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def _files(self) -> dict[str, Any]:
        features = yaml.safe_load((ROOT / "schemas" / "features.yaml").read_text(encoding="utf-8"))
        for feature in features:
            feature["required"] = False
            feature |= {"requires": REQUIRES[feature["name"]]} if feature["name"] in REQUIRES else {}
        return {
            "env/environments.yaml": [POLICY],
            "schemas/features.yaml": features,
            roster_path("production"): [self._model(name, *values) for name, values in self._models.items()],
        }

    def _model(self, name: str, identifier: str, features: list[str], defaults: list[str]) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self._provider.server_port}"
        has_key = name != "bedrock"
        return {
            "name": name,
            "id": name,
            "identifier": identifier,
            **({"api-key": f"AIGW_MODEL_{name.upper()}_API_KEY"} if has_key else {}),
            "endpoint": ENDPOINTS.get(name) or address + ("/v1" if identifier.startswith(_WITH_VERSION) else ""),
            "release_state": "GA",
            "family": "gpt",
            "gateway": {"litellm_params": {"stream": name == "claude", "max_completion_tokens": 5}},
            "features": features,
            "capabilities": sorted({each for feature in features for each in REQUIRES.get(feature, ["tools"])}),
            **({"default_for": defaults} if defaults else {}),
        }

    def _environment(self) -> dict[str, str]:
        """Return the keys, and variables that would make LiteLLM print requests and ask others."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "PYTHONPATH": f"{ROOT / 'tools'}{os.pathsep}{self.folder / 'packages'}",
            "LITELLM_LOG": "DEBUG",
            "OPENAI_API_BASE": CLOSED,
            "OPENAI_BASE_URL": CLOSED,
            "ANTHROPIC_API_BASE": CLOSED,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "us-east-1",
            **{f"AIGW_MODEL_{name.upper()}_API_KEY": KEY.format(name) for name in MODELS if name != "no_key"},
        }


def test_verdict_on_every_kind_of_wrong_answer(provider: FakeProvider, tmp_path: Path):
    formats = [f"--format={name}={tmp_path / name}" for name in ("json", "junit")]
    done = Probe(tmp_path / "repository", provider).run("--deadline", DEADLINE, "--format", "text", *formats)
    report = json.loads((tmp_path / "json").read_text())
    details = {each["model"]: details_of(each["verdict"], each["questions"]) for each in report["models"]}
    assert details == EXPECTED
    capabilities = {each["question"]: each["verdict"] for each in report["models"][0]["questions"]}
    assert capabilities == dict.fromkeys(
        ("answer", "streaming", "tools", "vision", "fim", "structured_output", "reasoning"), "works"
    ) | {"pdf": "not probed"}
    assert re.search(r"  other +wrong model +answers as gpt-4o-mini\n", done.stdout)
    assert "tools: answered without a tool call\n" in done.stdout
    assert "vision: does not see the image\n" in done.stdout
    assert (done.returncode, done.stderr.splitlines()[:-1]) == (
        1, ["production: refuse_404 does not work as default for glab_ask_git_command"]
    )  # fmt: skip
    printed = done.stdout + done.stderr + (tmp_path / "json").read_text() + (tmp_path / "junit").read_text()
    assert "canary" not in printed.lower()
    assert CANARY not in printed
    assert provider.redirected == []
    assert provider.requests["refuse-500"] == 1


def details_of(verdict: str, questions: list[dict[str, Any]]) -> str:
    """Return a verdict on a model, with the details of its last question; only the verdict if several were answered."""
    if verdict in ("works", "wrong model", "no capability"):
        return verdict
    question = questions[-1]
    return " ".join(filter(None, (verdict, str(question.get("status", "")), question.get("reason"))))


def test_model_that_never_answers_does_not_keep_others_from_being_asked(provider: FakeProvider, tmp_path: Path):
    probe = Probe(tmp_path / "repository", provider, ["hang", "drip", "claude"])
    done = probe.run("--deadline", DEADLINE, "--jobs", "1", "--slow", "0.5", "--format", "json")
    verdicts = {each["model"]: each["questions"][-1] for each in json.loads(done.stdout)["models"]}
    assert "canary" not in (done.stdout + done.stderr).lower()
    assert verdicts["hang"]["verdict"] == verdicts["drip"]["verdict"] == "slow"
    assert "seconds" in verdicts["claude"]
    assert done.returncode == 0


def test_models_whose_turn_does_not_come_are_not_asked(provider: FakeProvider, tmp_path: Path):
    probe = Probe(tmp_path / "repository", provider, ["hang", "claude"])
    done = probe.run("--deadline", "1", "--jobs", "1")
    assert "not asked  " in done.stdout
    assert "the deadline came before its" in done.stdout
    assert (done.returncode, provider.requests["claude"]) == (1, 0)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_signal_ends_command_and_its_requests(
    provider: FakeProvider, tmp_path: Path, number: signal.Signals, status: int
):
    with Probe(tmp_path / "repository", provider, ["hang"]).start("--deadline", "600") as process:
        while not provider.waiting.wait(0.05):
            assert process.poll() is None, process.communicate()
        process.send_signal(number)
        output, errors = process.communicate(timeout=5)
    assert process.returncode == status
    assert "canary" not in (output + errors).lower()
    assert "Traceback" not in errors
    assert provider.hung_up.wait(60)

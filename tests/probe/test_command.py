"""``roster gateway probe`` without LiteLLM: which models are asked what, reports, and exit statuses."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from roster.check.loading import load_schema
from roster.cli.operate.gateway import probe as command
from roster.probe.client import Answers, Deployment, Limits
from roster.probe.verdict import Result, Verdict
from roster.registries import PROVIDER_FACTS
from roster.repository import Repository
from roster.roster import roster_path
from roster.rules.all_rules import RULES
from tests.conftest import ROOT, Run, edit, git

PRODUCTION = roster_path("production")
DAY = ("--at", "2026-06-15")
ROSTER = """\
- name: Codestral on Fireworks
  identifier: fireworks_ai/codestral-2501
  api-key: AIGW_MODEL_CODESTRAL_ON_FIREWORKS_API_KEY
  endpoint: https://api.fireworks.ai/inference/v1
  release_state: GA
  family: codestral
  features: [code-completion]
  default_for: [code-completion]

- name: Codestral on Vertex
  identifier: vertex_ai/codestral-2501
  api-key: AIGW_MODEL_CODESTRAL_ON_VERTEX_API_KEY
  endpoint: https://us-central1-aiplatform.googleapis.com/v1
  release_state: GA
  family: codestral
  features: [code-completion]

- name: Qwen 2.5 7B on Fireworks
  identifier: fireworks_ai/qwen2p5-coder-7b
  api-key: AIGW_MODEL_QWEN_2_5_7B_ON_FIREWORKS_API_KEY
  endpoint: https://api.fireworks.ai/inference/v1
  release_state: GA
  family: qwen
  features: [code-completion]
  description: Small coding model

- name: Claude 3.7 Sonnet
  identifier: bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: GA
  family: claude
  features: [code-generation, duo_chat]
  default_for: [code-generation, duo_chat]
"""
KEYS = {name: f"canary-key-in-{name}" for name in re.findall(r"AIGW\w+", ROSTER)}
QWEN, CLAUDE = "fireworks_ai/qwen2p5-coder-7b", "bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0"
WORKS = Result(Verdict.WORKS, seconds=0.41)


class FakeProviders:
    """Answers questions with prepared results by identifier and question; everything else works."""

    def __init__(self) -> None:
        self.results: dict[tuple[str, str], Result] = {}
        self.asked: list[Deployment] = []

    def ask(
        self, deployments: Sequence[Deployment], _: Limits, public_names: Iterable[str], progress: Any
    ) -> list[Answers]:
        assert CLAUDE in public_names
        self.asked += deployments
        return [{name: self._result(each, name) for name in each.questions} for each in deployments]

    def _result(self, deployment: Deployment, question: str) -> Result:
        return self.results.get((deployment.parameters["model"], question), WORKS)

    @property
    def identifiers(self) -> list[str]:
        return [each.parameters["model"] for each in self.asked]


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> FakeProviders:
    fake = FakeProviders()
    monkeypatch.setattr(command, "ask", fake.ask)
    monkeypatch.setattr(command, "find_spec", lambda _: True)
    return fake


@pytest.fixture(autouse=True)
def rosters(checkout: Path) -> None:
    """Offer the same models in every environment, and know nothing of their providers."""
    for name in ("staging-ref", "staging", "production"):
        (checkout / roster_path(name)).write_text(ROSTER, encoding="utf-8")
    (checkout / PROVIDER_FACTS).unlink(missing_ok=True)


@pytest.fixture
def probe(roster: Run, providers: FakeProviders) -> Callable[..., Any]:
    """Runs the command with all keys; asserts that it prints none."""

    def run(*arguments: str, **environment: str) -> Any:
        done = roster("gateway", "probe", *arguments, *DAY, **KEYS | environment)
        assert "canary-key" not in done.stdout + done.stderr
        return done

    return run


def requires(checkout: Path, feature: str, capabilities: str, *models: str) -> None:
    """Make a feature require capabilities, and models of production state them."""
    edit(checkout / "schemas/features.yaml", f"- name: {feature}\n", f"- name: {feature}\n  requires: {capabilities}\n")
    for name in models:
        edit(checkout / PRODUCTION, f"- name: {name}\n", f"- name: {name}\n  capabilities: {capabilities}\n")


def test_all_models_work(probe: Any):
    done = probe("production")
    assert (done.returncode, done.stderr) == (0, "4 models probed, no problems found\n")
    assert done.stdout == (
        "production\n"
        "  codestral_on_fireworks *  works           0.4 s\n"
        "  codestral_on_vertex       works           0.4 s\n"
        "  qwen_2_5_7b_on_fireworks  works           0.4 s\n"
        "  claude_3_7_sonnet *       works           0.4 s\n"
        "* default of a feature\n"
    )


def test_deployment_of_several_environments_is_asked_once(probe: Any, providers: FakeProviders):
    assert "staging-ref\n" in probe().stdout
    assert len(providers.identifiers) == 4


def test_request_is_that_of_the_rendered_proxy(probe: Any, providers: FakeProviders):
    probe("production", "--model", "claude_3_7_sonnet", "--model", "codestral_on_vertex")
    vertex, claude = providers.asked
    assert claude.parameters == {
        "model": CLAUDE,
        "api_base": "https://bedrock-runtime.us-east-1.amazonaws.com",
        "api_key": "os.environ/AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY",
        "aws_region_name": "us-east-1",
    }
    assert vertex.parameters["vertex_location"] == "us-central1"


def test_default_that_does_not_work_exits_1(probe: Any, providers: FakeProviders):
    providers.results[CLAUDE, "answer"] = Result(Verdict.REFUSED, "ended at the provider", 404, 0.2)
    done = probe("production")
    assert done.returncode == 1
    assert "  claude_3_7_sonnet *       refused         404, ended at the provider\n" in done.stdout
    assert done.stderr == (
        "production: claude_3_7_sonnet does not work as default for code-generation and duo_chat\n"
        "4 models probed, 1 with problems\n"
    )


def test_other_model_that_does_not_work_exits_0(probe: Any, providers: FakeProviders):
    providers.results[QWEN, "streaming"] = Result(Verdict.INVALID_ANSWER, "the stream ended early", seconds=1)
    done = probe("production")
    assert done.returncode == 0
    assert "invalid answer  streaming: the stream ended early\n" in done.stdout


@pytest.mark.parametrize(("seconds", "status"), [(12.0, 0), (None, 1)])
def test_slow_default_works_if_it_answered(probe: Any, providers: FakeProviders, seconds: float | None, status: int):
    providers.results[CLAUDE, "answer"] = Result(Verdict.SLOW, "no answer within 60 s", seconds=seconds)
    done = probe("production")
    assert done.returncode == status
    assert ("answered in 12.0 s" if seconds else "no answer within 60 s") in done.stdout


def test_default_depends_only_on_capabilities_of_its_own_features(probe: Any, providers: FakeProviders, checkout: Path):
    requires(checkout, "duo_chat", "[tools, pdf]", "Claude 3.7 Sonnet")
    providers.results[CLAUDE, "tools"] = Result(Verdict.NO_CAPABILITY, "answered without a tool call", seconds=1)
    done = probe("production", "--format", "json")
    (claude,) = (each for each in json.loads(done.stdout)["models"] if each["model"] == "claude_3_7_sonnet")
    assert done.returncode == 1
    assert (claude["verdict"], claude["failing_default_for"]) == ("no capability", ["duo_chat"])
    assert [(each["question"], each["verdict"]) for each in claude["questions"]] == [
        ("answer", "works"), ("streaming", "works"), ("tools", "no capability"), ("pdf", "not probed")
    ]  # fmt: skip
    text = probe("production").stdout
    assert "no capability   tools: answered without a tool call\n" in text
    assert "not probed      pdf\n" in text


def test_model_of_embeddings_is_asked_for_embeddings_only(probe: Any, providers: FakeProviders, checkout: Path):
    requires(checkout, "code-completion", "[embeddings]", "Codestral on Fireworks")
    probe("production", "--model", "codestral_on_fireworks")
    assert providers.asked[0].questions == ("embeddings",)


def test_model_without_key_is_not_asked(probe: Any, providers: FakeProviders):
    done = probe("production", AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY="")
    assert CLAUDE not in providers.identifiers
    assert done.returncode == 1
    assert "  claude_3_7_sonnet *       no key          AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY\n" in done.stdout
    done = probe("production", AIGW_MODEL_CODESTRAL_ON_FIREWORKS_API_KEY="")
    row = "  codestral_on_fireworks *  no key\n      AIGW_MODEL_CODESTRAL_ON_FIREWORKS_API_KEY is not set\n"
    assert row in done.stdout  # at most 80 columns


def test_key_with_white_space_is_not_sent(probe: Any, providers: FakeProviders):
    done = probe("production", AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY="canary-key\n")
    assert CLAUDE not in providers.identifiers
    assert "contains characters that no key has" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("https://bedrock-runtime.us-east-1.amazonaws.com", "https://api.fireworks.ai/inference/v1",
         "endpoint-mismatch"),
        ("https://bedrock-runtime.us-east-1.amazonaws.com", "http://example-models.com/v1", "insecure-endpoint"),
        ("  family: claude", "  gateway: {litellm_params: {base_url: https://example.com}}\n  family: claude",
         "gateway.litellm_params has base_url"),
    ],
)  # fmt: skip
def test_model_whose_deployment_is_invalid_is_not_asked(
    probe: Any, providers: FakeProviders, checkout: Path, old: str, new: str, reason: str
):
    edit(checkout / PRODUCTION, old, new)
    done = probe("production", "--format", "json")
    claude = json.loads(done.stdout)["models"][-1]
    assert CLAUDE not in providers.identifiers
    assert claude["verdict"] == "not asked"
    assert reason in claude["questions"][0]["reason"]


def test_model_that_ended_at_its_provider_is_asked(probe: Any, providers: FakeProviders, checkout: Path):
    """The provider decides."""
    facts = {"identifier": CLAUDE, "ends": "2026-04-28", "sources": [{"name": "litellm", "read": "2026-05-01"}]}
    (checkout / PROVIDER_FACTS).write_text(json.dumps([facts]))
    assert {"offered-after-provider-end", "needs-inference-profile", "endpoint-mismatch"} <= RULES.keys()
    probe("production", "--model", "claude_3_7_sonnet")
    assert providers.identifiers == [CLAUDE]


def test_retired_and_suspended_models_are_not_asked(probe: Any, providers: FakeProviders, checkout: Path):
    suspended = "  suspended: {since: 2026-06-01, reason: incident}\n"
    edit(checkout / PRODUCTION, "- name: Qwen 2.5 7B on Fireworks\n", f"- name: Qwen 2.5 7B on Fireworks\n{suspended}")
    assert "qwen" not in probe("production").stdout
    done = probe("production", "--model", "qwen_2_5_7b_on_fireworks")
    assert done.stderr == ("qwen_2_5_7b_on_fireworks is not offered in production today: not asked\nno models to ask\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prodution"], 'there is no environment "prodution": did you mean "production"?'),
        (["--model", "claude_3_7_sonet"], 'there is no model "claude_3_7_sonet": did you mean "claude_3_7_sonnet"?'),
        (["--model", "x", "production"], 'no model "x": choose from codestral_on_fireworks, codestral_on_vertex'),
        (["--jobs", "0"], "0 is not in the range 1<=x<=64"),
        (["--changed-since", "main"], "cannot compare: not a git repository"),
    ],
)
def test_wrong_usage_exits_2(probe: Any, providers: FakeProviders, arguments: list[str], message: str):
    done = probe(*arguments)
    assert (done.returncode, done.stdout, providers.asked) == (2, "", [])
    assert message in done.stderr


def test_roster_that_cannot_be_read_exits_2(probe: Any, checkout: Path):
    (checkout / PRODUCTION).write_text("- name: [")
    done = probe("production")
    assert done.stderr == f"roster: {PRODUCTION} is missing or cannot be read; run roster check\n"
    assert done.returncode == 2


def test_missing_extra_exits_2(roster: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    done = roster("gateway", "probe", "production")
    assert done.returncode == 2
    assert "litellm is not installed; install the extra 'probe': " in done.stderr


def test_changed_since_asks_only_changed_models(probe: Any, providers: FakeProviders, checkout: Path):
    git(checkout, "init", "--quiet")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "Base")
    assert probe("--changed-since", "HEAD").stderr == "no models to ask\n"
    edit(checkout / PRODUCTION, "  description: Small coding model\n", "")
    assert probe("--changed-since", "HEAD").stderr == "no models to ask\n"
    edit(checkout / PRODUCTION, QWEN, f"{QWEN}-instruct")
    requires(checkout, "duo_chat", "[tools]", "Claude 3.7 Sonnet")
    done = probe("--changed-since", "HEAD", "--format", "json")
    changed = {(each["environment"], each["model"]) for each in json.loads(done.stdout)["models"]}
    assert ("production", "qwen_2_5_7b_on_fireworks") in changed
    assert ("production", "claude_3_7_sonnet") in changed
    assert ("production", "codestral_on_fireworks") not in changed


def test_json_is_valid_against_schema(probe: Any, providers: FakeProviders):
    providers.results[CLAUDE, "answer"] = Result(Verdict.REFUSED, "quota", 429, 0.2)
    providers.results[QWEN, "answer"] = Result(Verdict.WRONG_MODEL, answered_as="gpt-4o-mini", seconds=0.1)
    done = probe("--format", "json")
    load_schema(Repository(ROOT), "schemas/probe.schema.json").require_valid(done.stdout.encode(), "report")
    schema = json.loads((ROOT / "schemas/probe.schema.json").read_bytes())
    assert schema["$defs"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]


def test_junit_has_a_case_for_each_question(probe: Any, providers: FakeProviders):
    providers.results[CLAUDE, "answer"] = Result(Verdict.REFUSED, "quota", 429, 0.2)
    done = probe("production", "--format", "junit", AIGW_MODEL_CODESTRAL_ON_VERTEX_API_KEY="")
    suite = ElementTree.fromstring(done.stdout)[0]
    assert (suite.get("name"), suite.get("failures"), suite.get("skipped")) == ("production", "1", "1")
    outcomes = {case.get("name"): [child.tag for child in case] for case in suite}
    assert outcomes["claude_3_7_sonnet: answer"] == ["failure"]
    assert outcomes["codestral_on_vertex: answer"] == ["skipped"]
    assert outcomes["qwen_2_5_7b_on_fireworks: streaming"] == []
    assert suite.findtext(".//failure") == "refused: 429, quota"

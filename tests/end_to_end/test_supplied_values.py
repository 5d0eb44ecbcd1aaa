"""Endpoints and credentials that a provider supplies, through the commands and the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList
from roster.download.rejection import Rejected
from roster.gateway.gateway import Gateway
from roster.roster import roster_path
from tests.accept.example_downloads import CRITERIA
from tests.conftest import Run

PRODUCTION = roster_path("production")
LEFT_OUT = (
    "  api-key: AIGW_MODEL_CODESTRAL_ON_FIREWORKS_API_KEY\n  endpoint: https://api.fireworks.ai/inference/v1\n",
    "  api-key: AIGW_MODEL_CODESTRAL_ON_VERTEX_API_KEY\n",
    "  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY\n",
)
FIREWORKS, QWEN = "AIGW_PROVIDER_FIREWORKS_API_KEY", "AIGW_MODEL_QWEN_2_5_7B_ON_FIREWORKS_API_KEY"


@pytest.fixture
def supplied(checkout: Path) -> Path:
    """A repository whose models leave out keys."""
    text = (checkout / PRODUCTION).read_text()
    for lines in LEFT_OUT:
        assert lines in text
        text = text.replace(lines, "")
    (checkout / PRODUCTION).write_text(text)
    return checkout


def rendered(roster: Run, folder: Path, name: str) -> Any:
    done = roster("render", "production", "--target", "gateway", "--target", "litellm")
    assert done.returncode == 0, done.stderr
    return yaml.safe_load((folder / "dist/production" / name).read_text())


def test_roster_has_no_findings(roster: Run, supplied: Path):
    assert roster("check", "--strict").returncode == 0
    assert roster("drift").returncode == 0


def test_routes_have_the_effective_values(roster: Run, supplied: Path):
    routes = rendered(roster, supplied, "gateway.json")["routes"]
    assert {id_: (route["endpoint"], route["api_key"]) for id_, route in routes.items()} == {
        "codestral_on_fireworks": ("https://api.fireworks.ai/inference/v1", FIREWORKS),
        "codestral_on_vertex": ("https://us-central1-aiplatform.googleapis.com/v1", None),
        "qwen_2_5_7b_on_fireworks": ("https://api.fireworks.ai/inference/v1", QWEN),
        "claude_3_7_sonnet": ("https://bedrock-runtime.us-east-1.amazonaws.com", None),
    }


def test_litellm_gets_no_key_for_ambient_credentials(roster: Run, supplied: Path):
    models = rendered(roster, supplied, "litellm.yaml")["model_list"]
    parameters = {model["model_name"]: model["litellm_params"] for model in models}
    assert parameters["codestral_on_fireworks"]["api_key"] == f"os.environ/{FIREWORKS}"
    assert parameters["codestral_on_vertex"].keys() == {"model", "api_base", "vertex_location"}
    assert parameters["claude_3_7_sonnet"].keys() == {"model", "api_base", "aws_region_name"}


def test_gateway_resolves_the_key_of_a_provider_and_ambient_credentials(roster: Run, supplied: Path):
    rendered(roster, supplied, "gateway.json")
    body = (supplied / "dist/production/gateway.json").read_bytes()
    gateway, accepted = Gateway(None, {FIREWORKS: "secret"}), accept(body, CRITERIA, None)
    assert isinstance(accepted, AcceptedList)
    assert gateway._resolve(accepted, "codestral_on_fireworks").api_key == "secret"
    assert gateway._resolve(accepted, "claude_3_7_sonnet").api_key is None


def test_preflight_checks_the_variable_of_a_provider_once(roster: Run, supplied: Path):
    text = (supplied / PRODUCTION).read_text()
    (supplied / PRODUCTION).write_text(text.replace(f"  api-key: {QWEN}\n", ""))
    done = roster("gateway", "preflight", "production", **{FIREWORKS: "x"})
    assert (done.returncode, done.stdout) == (
        0,
        (
            f"{FIREWORKS}  set      codestral_on_fireworks and qwen_2_5_7b_on_fireworks\n"
            "(ambient credentials)            no key   codestral_on_vertex and claude_3_7_sonnet\n"
        ),
    )


def test_gateway_that_downloads_the_roster_itself_rejects_it(supplied: Path):
    with pytest.raises(Rejected, match=r"line \d+: this model has no .*download gateway\.json instead of the roster"):
        accept((supplied / PRODUCTION).read_bytes(), CRITERIA, None)


def test_own_schema_may_require_the_keys(roster: Run, supplied: Path):
    path = supplied / "schemas/offered_models_metadata.schema.json"
    path.write_text(path.read_text().replace('"required": ["name", ', '"required": ["name", "api-key", ', 1))
    (supplied / PRODUCTION).write_text(
        (supplied / PRODUCTION).read_text().replace("https://us-central1-aiplatform.googleapis", "https://llm.example")
    )
    findings = [line for line in roster("check", PRODUCTION).stdout.splitlines() if "[missing-key]" in line]
    assert len(findings) == 3, findings


def test_own_registry_decides(roster: Run, supplied: Path):
    path = supplied / "schemas/providers.yaml"
    path.write_text(path.read_text().replace("https://api.fireworks.ai/inference/v1", "https://acme.fireworks.ai/v1"))
    routes = rendered(roster, supplied, "gateway.json")["routes"]
    assert routes["codestral_on_fireworks"]["endpoint"] == "https://acme.fireworks.ai/v1"
    assert '"api.fireworks.ai" is not a host of Fireworks' in roster("check", PRODUCTION).stdout


def test_diff_names_ambient_credentials(roster: Run, supplied: Path):
    before = supplied / "before.yaml"
    before.write_text((supplied / PRODUCTION).read_text().replace("family: claude\n", f"family: claude\n{LEFT_OUT[2]}"))
    done = roster("diff", str(before), PRODUCTION)
    assert "gateways use ambient credentials instead of a key" in done.stdout, done.stdout + done.stderr

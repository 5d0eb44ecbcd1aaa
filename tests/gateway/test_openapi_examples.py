"""The examples in the OpenAPI document: the responses of a gateway that serves a rendered roster."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from roster import http_paths
from roster.gateway.app import create_app
from roster.gateway.gateway import Gateway
from tests.accept.example_downloads import rendered
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import PLAIN, updater

EXAMPLES = Path(str(files("roster.gateway") / "openapi_examples.json"))
ROSTER = """\
- name: Claude 3.7 Sonnet
  identifier: bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  provider: Amazon Bedrock
  release_state: GA
  family: claude
  features: [duo_chat, code-generation]
  context_window: 200000
  max_output_tokens: 64000
  capabilities: [tools, vision]
  retirement:
    notice: 2026-06-01
    last_day: 2026-12-01
    replacement: claude_sonnet_4
- name: Claude Sonnet 4
  identifier: bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0
  api-key: AIGW_MODEL_CLAUDE_SONNET_4_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  provider: Amazon Bedrock
  release_state: GA
  family: claude
  features: [duo_chat, code-generation]
  default_for: [duo_chat, code-generation]
  context_window: 200000
  max_output_tokens: 64000
  capabilities: [tools, vision]
"""
SEQUENCE = 812_00_20260615


def responses(folder: Path) -> dict[str, Any]:
    """Return the response for each documented path, except for the metrics; the single model is the retiring one."""
    with ScriptedServer(ok(rendered("gateway", ROSTER, sequence=SEQUENCE))) as server:
        source = updater(server.origin, folder / "kept")
        source.start()
    gateway = Gateway(None, {})
    gateway.updater = source
    app = FastAPI()
    app.include_router(gateway.router(openai_models=True))
    asking = TestClient(app, headers=PLAIN)
    paths = [path for path in create_app({}).openapi()["paths"] if path != http_paths.METRICS]
    return {path: asking.get(path.format(model_id="claude_3_7_sonnet")).json() for path in paths}


def test_examples_are_responses_for_rendered_roster(tmp_path: Path, request: pytest.FixtureRequest):
    current = responses(tmp_path)
    current[http_paths.READINESS]["active"]["age_seconds"] = 3600.0
    text = json.dumps(current, indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--regenerate"):
        EXAMPLES.write_text(text, encoding="utf-8")
    assert EXAMPLES.read_text(encoding="utf-8") == text, "run make fixtures to update it"


def test_examples_match_types():
    """Every key of an example is documented, and every required key is there."""
    document = create_app({}).openapi()
    Draft202012Validator.check_schema(document["components"]["schemas"]["Definitions"])
    for path, operations in document["paths"].items():
        (content,) = operations["get"]["responses"]["200"]["content"].values()
        if path != http_paths.METRICS:
            schema = {**closed(content["schema"]), "components": closed(document["components"])}
            Draft202012Validator(schema).validate(content["example"])


def closed(schema: Any) -> Any:
    """Return a schema in which no object may have keys that are not documented."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return inner | ({"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {})

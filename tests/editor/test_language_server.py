"""Diagnostics and completion in editors, from the npm package yaml-language-server.

The first line of each file contains the URL of its JSON Schema; no other configuration is needed.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Run, edit
from tests.editor.language_server import LanguageServer, Position
from tests.node import program

pytestmark = pytest.mark.slow

PRODUCTION = "env/production/offered_models_metadata.yaml"
ENVIRONMENTS = "env/environments.yaml"
FEATURES = "schemas/features.yaml"
FILES = sorted(
    path.relative_to(ROOT).as_posix() for pattern in ("env/**/*.yaml", "schemas/*.yaml") for path in ROOT.glob(pattern)
)
MODEL = """# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json
- name: Claude 3.7 Sonnet
  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://example-models.com/v1
  family: claude
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    with LanguageServer([*program("yaml-language-server"), "--stdio"]) as server:
        yield server


def feature_names() -> set[str]:
    return {feature["name"] for feature in yaml.safe_load((ROOT / FEATURES).read_text())}


def described(schema: str, *keys: str) -> Any:
    """Return a part of one of our schemas."""
    part = json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text())
    for key in keys:
        part = part[key]
    return part


def marked(server: LanguageServer, path: Path) -> list[tuple[str, str]]:
    """Return the marked text of each diagnostic in a file, with its message."""
    lines = path.read_text(encoding="utf-8").splitlines()
    results = []
    for diagnostic in server.open(path):
        start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
        assert start["line"] == end["line"]
        results.append((lines[start["line"]][start["character"] : end["character"]], diagnostic["message"]))
    return results


@pytest.mark.parametrize("file", FILES)
def test_repository_files_have_no_diagnostics(server: LanguageServer, file: str, checkout: Path):
    shutil.copyfile(ROOT / file, checkout / file)
    assert marked(server, checkout / file) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("  features: [", "]\n"), ("  features: [duo_chat, ", "]\n"), ("  features:\n    - ", "\n")],
    ids=["alone", "after-another", "on-its-own-line"],
)
def test_feature_name_is_completed(server: LanguageServer, checkout: Path, before: str, after: str):
    roster = checkout / PRODUCTION
    roster.write_text(f"{MODEL}{before}{after}")
    server.open(roster)
    start = before.rpartition("\n")[2]
    position = Position(MODEL.count("\n") + before.count("\n"), len(start))
    assert server.completions(roster, position) >= feature_names() - {"duo_chat"}


def test_own_registries_are_completed_after_schema_command(server: LanguageServer, checkout: Path, roster: Run):
    """A repository with registries and without JSON Schemas, as roster init creates it."""
    for path in (*checkout.glob("schemas/*.json"), *checkout.glob("env/*/*.yaml")):
        path.unlink()
    edit(checkout / FEATURES, "- name: duo_chat\n", "- name: our_chat\n")
    (checkout / PRODUCTION).write_text(MODEL.partition("\n")[2] + "  features: [our_chat]\n  release_state: GA\n")
    assert roster("schema").returncode == 0
    roster("check", "--fix")  # the other environments have no roster
    text = (checkout / PRODUCTION).read_text()
    assert text.startswith(MODEL.partition("\n")[0])
    assert marked(server, checkout / PRODUCTION) == []
    position = Position(text.splitlines().index("  features: [our_chat]"), len("  features: ["))
    assert "our_chat" in server.completions(checkout / PRODUCTION, position)


def test_key_is_completed(server: LanguageServer, checkout: Path):
    roster = checkout / PRODUCTION
    roster.write_text(f"{MODEL}  \n")
    server.open(roster)
    keys = described("offered_models_metadata", "$defs", "model", "properties").keys()
    assert server.completions(roster, Position(MODEL.count("\n"), 2)) >= keys - yaml.safe_load(MODEL)[0].keys()


@pytest.mark.parametrize(
    ("file", "line", "offered"),
    [
        (PRODUCTION, "  release_state: ", {"GA", "BETA", "EXPERIMENT"}),
        (PRODUCTION, "  family: ", {"claude", "codestral", "gemini"}),
        (ENVIRONMENTS, "  default_release_states: [", {"GA", "BETA", "EXPERIMENT"}),
        (FEATURES, "  required: ", {"true", "false"}),
    ],
    ids=lambda value: value.strip(" :[") if isinstance(value, str) and value.startswith("  ") else None,
)
def test_value_is_completed(server: LanguageServer, checkout: Path, file: str, line: str, offered: set[str]):
    path = checkout / file
    first = path.read_text().splitlines()[0]
    path.write_text(f"{first}\n- name: x\n{line}{']' if line.endswith('[') else ''}\n")
    server.open(path)
    assert server.completions(path, Position(2, len(line))) >= offered


@pytest.mark.parametrize(
    ("file", "schema", "key"),
    [
        (PRODUCTION, ("offered_models_metadata", "model"), "release_state"),
        (PRODUCTION, ("offered_models_metadata", "model"), "default_for"),
        (ENVIRONMENTS, ("environments", "environment"), "retirement_notice_days"),
        (FEATURES, ("features", "feature"), "unit_primitives"),
    ],
)
def test_hover_explains_key(server: LanguageServer, checkout: Path, file: str, schema: tuple[str, str], key: str):
    path = checkout / file
    lines = path.read_text().splitlines()
    server.open(path)
    line = next(number for number, line in enumerate(lines) if line.startswith(f"  {key}:"))
    text = server.hover(path, Position(line, 4))
    explained = described(schema[0], "$defs", schema[1], "properties", key)
    assert explained["title"] in text
    # The server writes prose as markdown; comparing words is enough.
    assert " ".join(explained["description"].split()) in text.replace("\\", "")


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (PRODUCTION, "  family: qwen\n", "  familly: qwen\n", "familly"),
        (ENVIRONMENTS, "  retirement_notice_days: 30\n", "  retirement_notice_days: 30\n  owner: us\n", "owner"),
        (FEATURES, "  category: code_suggestions\n  setting: code_completions\n", "  setings: x\n", "setings"),
    ],
    ids=["roster", "environments", "features"],
)
def test_unknown_key_is_marked(server: LanguageServer, checkout: Path, file: str, old: str, new: str, key: str):
    edit(checkout / file, old, new)
    assert (key, f"Property {key} is not allowed.") in marked(server, checkout / file)


@pytest.mark.parametrize(
    ("file", "line", "wrong", "message"),
    [
        (PRODUCTION, "  release_state: BETA", "Beta", "GA, BETA or EXPERIMENT"),
        (PRODUCTION, "  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com", "http://x.com", "an https address"),
        (PRODUCTION, "  default_for: [code-generation, duo_chat]", "code-generatoin", "a feature from schemas"),
        (ENVIRONMENTS, "  default_release_states: [GA]", "Ga", "a release state: GA, BETA or EXPERIMENT"),
        (FEATURES, "  setting: code_completions", "codeCompletions", "the name of a GitLab setting in snake case"),
    ],
)  # fmt: skip
def test_invalid_value_is_marked_with_our_message(
    server: LanguageServer, checkout: Path, file: str, line: str, wrong: str, message: str
):
    key, _, value = line.partition(": ")
    edit(checkout / file, f"{line}\n", f"{key}: {f'[{wrong}]' if value.startswith('[') else wrong}\n")
    [(text, shown)] = marked(server, checkout / file)
    assert text == wrong
    assert shown.startswith(message)


def test_missing_key_is_marked(server: LanguageServer, checkout: Path):
    edit(checkout / PRODUCTION, "  family: qwen\n", "")
    assert [message for _, message in marked(server, checkout / PRODUCTION)] == ['Missing property "family".']

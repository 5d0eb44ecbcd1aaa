"""Every command in repositories whose schemas are older or newer than the toolkit, extended or broken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from tests.command import run_command
from tests.conftest import ROOT, Run, git

COMMANDS = [
    ("check",),
    ("check", "--diff", "--format", "text=report.txt"),
    ("check", "--changed-since", "HEAD"),
    ("diff",),
    ("drift",),
    ("timeline",),
    ("explain", "duo_chat"),
    ("schema", "--check"),
    ("schema",),
    ("render",),
    ("promote", "codestral_on_fireworks", "--from", "staging-ref", "--to", "staging", "--dry-run"),
    ("new", "--environment=staging", "--name=New", "--identifier=bedrock/new-1", "--endpoint=https://example-models.com",
     "--release-state=BETA", "--family=claude", "--feature=duo_chat", "--cost-indicator=$", "--dry-run"),
]  # fmt: skip
SCHEMAS = ("offered_models_metadata", "features", "families", "environments")
CONTENTS = (
    "",
    "[]",
    "{}",
    "true",
    "false",
    "null",
    "5",
    "{",
    "\ufeff{}",
    '{"$ref": "other.json"}',
    '{"$schema": "x:"}',
)
KEYWORDS: Mapping[str, Any] = {
    "type": "object",
    "items": False,
    "not": {},
    "anyOf": [{"type": "string"}],
    "const": 5,
    "maxItems": 0,
    "minItems": 99,
    "contains": {"const": 5},
    "$defs": [],
    "title": "",
    "$schema": "http://json-schema.org/draft-07/schema#",
}
OBJECT_KEYWORDS: Mapping[str, Any] = {
    "additionalProperties": True,
    "required": ["unknown"],
    "properties": {},
    "patternProperties": {".*": {"type": "number"}},
    "propertyNames": {"pattern": "^q"},
    "dependentRequired": {"name": ["unknown"]},
    "minProperties": 99,
    "title": "",
}
PROPERTY_SCHEMAS: tuple[Any, ...] = (True, False, {"type": "number"}, {"oneOf": [{"const": 1}, {"type": "null"}]})


def contents(name: str) -> Iterator[tuple[str, str]]:
    """Yield changed versions of a whole schema: what was changed, and the text."""
    yield from ((f"content {text!r}", text) for text in CONTENTS)
    content = json.loads((ROOT / f"schemas/{name}.schema.json").read_bytes())
    yield from ((f"{keyword}: {value}", json.dumps(content | {keyword: value})) for keyword, value in KEYWORDS.items())


def properties(name: str) -> Iterator[tuple[str, str]]:
    """Yield versions of a schema with changed mappings and keys."""
    content = json.loads((ROOT / f"schemas/{name}.schema.json").read_bytes())
    definitions = content.get("$defs", {})
    for key, definition in definitions.items():
        if "properties" in definition:
            for what, changed in changed_objects(definition):
                yield f"{key} {what}", json.dumps(content | {"$defs": definitions | {key: changed}})


def changed_objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield changed versions of the schema of a mapping."""
    for keyword, value in OBJECT_KEYWORDS.items():
        yield f"{keyword}: {value}", schema | {keyword: value}
        yield f"without {keyword}", {key: value for key, value in schema.items() if key != keyword}
    for key, value in schema["properties"].items():
        others = {other: each for other, each in schema["properties"].items() if other != key}
        optional = [other for other in schema["required"] if other != key]
        yield f"without {key}", schema | {"properties": others, "required": optional}
        yield f"{key} renamed", schema | {"properties": others | {f"{key}_2": value}}
        yield f"{key} optional", schema | {"required": optional}
        for changed in PROPERTY_SCHEMAS:
            yield f"{key}: {changed}", schema | {"properties": others | {key: changed}}


def failures(checkout: Path, name: str, text: str, commands: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield the commands that fail other than by reporting what is wrong."""
    schema = checkout / f"schemas/{name}.schema.json"
    for command in commands:
        schema.write_text(text, encoding="utf-8")
        done = run_command(command, checkout, {})
        message = done.stderr.strip().rpartition("Error: ")[2]  # after click's lines about the usage
        is_one_sentence = len(message.splitlines()) == 1
        if done.returncode not in (0, 1, 2) or (done.returncode == 2 and not is_one_sentence):
            yield f"{' '.join(command[:2])} → {done.returncode}: {done.stderr}"


@pytest.fixture
def repository(checkout: Path) -> Path:
    """The checkout, committed to git."""
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Add rosters"]):
        git(checkout, *arguments)
    return checkout


def test_content_of_schema_is_no_defect(repository: Path):
    commands = cycle(COMMANDS)
    messages = [
        f"{name}, {what}: {failure}"
        for name in SCHEMAS
        for what, text in contents(name)
        for failure in failures(repository, name, text, [next(commands)])
    ]
    assert not messages, "\n".join(messages)


@pytest.mark.slow
def test_version_of_schema_is_no_defect(repository: Path):
    commands = cycle(COMMANDS)
    messages = [
        f"{name}, {what}: {failure}"
        for name in SCHEMAS
        for what, text in [*contents(name), *properties(name)]
        for failure in failures(repository, name, text, list(islice(commands, 5)))
    ]
    assert not messages, "\n".join(messages)


def test_schemas_of_artifacts_come_with_the_toolkit(checkout: Path, roster: Run):
    for name in ("offered_models", "gateway", "definitions", "litellm"):
        (checkout / f"schemas/{name}.schema.json").write_text('{"type": "string"}', encoding="utf-8")
    done = roster("render", "--target=offered_models", "--target=gateway", "--target=definitions", "--target=litellm")
    assert done.returncode == 0, done.stderr
    for path in checkout.glob("schemas/*.schema.json"):
        path.unlink() if path.name.removesuffix(".schema.json") not in SCHEMAS else None
    assert roster("render", "--check").returncode == 0

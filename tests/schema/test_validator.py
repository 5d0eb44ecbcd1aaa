"""Validation against a JSON Schema."""

from __future__ import annotations

import json
import socket

import pytest

from roster.check.loading import load_registries
from roster.findings import ConfigurationError
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA
from roster.schema.validator import Schema
from tests.conftest import ROOT
from tests.schema.sample_model import MODEL
from tests.single_roster import PATH

REGISTRIES = load_registries(Repository(ROOT))
SCHEMA = Schema((ROOT / ROSTER_SCHEMA).read_bytes())
SCHEMA_TEXT = (ROOT / ROSTER_SCHEMA).read_text(encoding="utf-8")


def test_invalid_items_are_found_in_every_position():
    for count in (1, 9, 1_000, 1_001, 2_500):
        for invalid in ([], [0], [count - 1], [count // 2], list(range(0, count, 7))):
            items = [1 if index in invalid else MODEL for index in range(count)]
            assert SCHEMA.invalid_items(items) == invalid, count
    assert SCHEMA.invalid_items({"models": 1}) == []


def test_long_roster_is_validated_in_batches():
    many = [MODEL] * 2_500
    assert SCHEMA.is_valid(many)
    assert not SCHEMA.is_valid([*many, 1])
    (finding,) = SCHEMA.explain(PATH, [*many, 1])[0]
    assert finding.place.pointer == (2_500,)


def test_violations_of_a_whole_list_are_explained():
    schema = Schema('{"type": "array", "uniqueItems": true, "items": {"type": "string"}}')
    (finding,) = schema.explain("file", ["a", "b", "a"])[0]
    assert (finding.rule, finding.place.pointer) == ("invalid-value", (2,))
    assert finding.message == '"a" is in this registry twice'
    (finding,) = Schema('{"type": "object"}').explain("file", ["a", "b"])[0]
    assert (finding.rule, finding.place.pointer) == ("wrong-type", ())


def test_require_valid_rejects_invalid_output():
    schema = Schema((ROOT / "schemas/offered_models.schema.json").read_bytes())
    schema.require_valid(json.dumps(schema.content["examples"][0]).encode(), "offered_models.json")
    with pytest.raises(AssertionError, match=r"offered_models\.json is not valid under its own schema"):
        schema.require_valid(b'[{"name": "Claude"}]', "offered_models.json")
    litellm = Schema((ROOT / "schemas/litellm.schema.json").read_bytes())
    litellm.require_valid(json.dumps(litellm.content["examples"][0]).encode(), "litellm.yaml")
    with pytest.raises(AssertionError, match=r"litellm\.yaml is not valid under its own schema"):
        litellm.require_valid(b"model_list: []", "litellm.yaml")


def test_wrong_type_names_all_allowed_types():
    schema = Schema('{"type": "object", "properties": {"provider": {"type": ["string", "null"]}}}')
    (finding,) = schema.explain("file", {"provider": 1})[0]
    assert (finding.rule, finding.message) == ("wrong-type", '"provider" must be text or nothing, not a number')


def test_registered_names_replace_outdated_enums():
    stale = SCHEMA_TEXT.replace('"codestral",', "")
    assert not Schema(stale).is_valid([MODEL | {"family": "codestral"}])
    assert Schema(stale, REGISTRIES).is_valid([MODEL | {"family": "codestral"}])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "5", "null", '{"type": 5}', '{"pattern": "("}', '{"$ref": "#/nowhere"}', '{"$ref": "urn:x"}',
     '{"$schema": "urn:x"}', '{"$ref": "file:///etc/hosts"}', '{"$ref": "other.json"}', "[" * 100_000, b"\xff"],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_invalid_schema_is_rejected(text: str | bytes):
    with pytest.raises(ValueError, match=r"\S"):
        Schema(text)


def test_schema_without_enums_is_rejected():
    with pytest.raises(ConfigurationError, match=r"no \$defs/feature"):
        Schema('{"type": "array"}', REGISTRIES)


def test_schema_is_not_completed_from_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        with pytest.raises(ValueError, match=f'refers to "{url}", which is outside the file'):
            Schema(json.dumps({"items": {"$ref": url}}))
        with pytest.raises(BlockingIOError):
            server.accept()


def test_reference_in_schema_with_urn_is_named():
    with pytest.raises(ValueError, match=r'refers to "other\.json", which is outside the file'):
        Schema('{"$id": "urn:rosters", "items": {"$ref": "other.json"}}')


@pytest.mark.parametrize("draft", ["https://json-schema.org/draft/2040-01/schema", "https://example.com/draft"])
def test_unknown_draft_is_named(draft: str):
    with pytest.raises(ValueError, match=rf'does not support "\$schema" "{draft}": upgrade roster-toolkit'):
        Schema(json.dumps({"$schema": draft}))


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"properties": {"a": False}}, {"a": 1}, '"a" cannot be "1"; expected: what the JSON Schema allows'),
        ({"not": {}}, ["a"], 'the file is invalid; expected: what "not" in the JSON Schema requires'),
        ({"minItems": 2}, ["a"], "the file is invalid; expected: at least one"),
        ({"items": {"const": 5}}, [6], 'an item of the list cannot be "6"; expected: 5'),
        ({"items": {"enum": ["a", 1]}}, [6], 'an item of the list cannot be "6"; expected: "a" or 1'),
        (
            {"items": {"pattern": "^\\p{Lu}"}},
            ["a"],
            'an item of the list cannot be "a"; expected: what the JSON Schema',
        ),
        ({"items": {"required": ["a"]}}, [{}], 'this mapping has no "a"; add "a:"'),
        ({"items": {"additionalProperties": False}}, [{"a": 1}], 'unknown key "a"; allowed keys: none'),
        ({"items": {"x-explained-by": 5, "type": "string"}}, [6], "an item of the list must be text, not a number"),
        (
            {"items": {"patternProperties": {"^x-": {}}, "additionalProperties": False}},
            [{"x-a": 1, "b": 2}],
            'unknown key "b"; allowed keys: none',
        ),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]},
            [6],
            "an item of the list must be text, not a number",
        ),
    ],
)
def test_keyword_of_own_schema_is_explained(schema: object, value: object, expected: str):
    (finding,) = Schema(json.dumps(schema)).explain("file", value)[0]
    assert f"{finding.message}; {finding.hint or finding.note}".startswith(expected)

"""The JSON Schema files: valid, described for editors, and read alike by both validators."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from roster.roster import ROSTER_SCHEMA
from roster.rules.all_rules import RULE_MODULES
from roster.schema.validator import Schema
from tests.conftest import ROOT
from tests.properties import examples

SCHEMAS = sorted((ROOT / "schemas").glob("*.schema.json"))
NEVER_EXPLAINED = {
    "check_report",
    "diff",
    "drift",
    "gitlab_models",
    "gitlab_unit_primitives",
    "import_report",
    "probe",
    "timeline",
    "tokens",
}
"""Schemas of data that only programs write: violations need no explanation."""
SCHEMA = Schema((ROOT / ROSTER_SCHEMA).read_bytes())


EACH_FILE = pytest.mark.parametrize(
    "content", [json.loads(path.read_bytes()) for path in SCHEMAS], ids=[p.stem for p in SCHEMAS]
)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all its subschemas."""
    if isinstance(schema, dict):
        yield schema
        for key in ("items", "additionalProperties", "propertyNames", "then", "else"):
            yield from parts(schema.get(key))
        for key in ("$defs", "properties"):
            for part in schema.get(key, {}).values():
                yield from parts(part)


@EACH_FILE
class TestSchemaFile:
    def test_is_a_json_schema(self, content: Any):
        assert content["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
        Draft202012Validator.check_schema(content)

    def test_uses_only_keywords_that_the_tests_cover(self, content: Any):
        keywords = {
            "title",
            "description",
            "type",
            "examples",
            "errorMessage",
            "x-explained-by",
            "$ref",
            "$schema",
            "$id",
        }
        keywords |= {"items", "properties", "$defs", "additionalProperties", "propertyNames", "required", "const"}
        keywords |= {"if", "then", "else", "maxProperties"}
        keywords |= {
            "pattern",
            "enum",
            "format",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "uniqueItems",
        }
        for part in parts(content):
            assert part.keys() <= keywords

    def test_examples_are_valid(self, content: Any):
        validator = Schema(json.dumps(content))._explaining
        for part in parts(content):
            for value in part.get("examples", ()):
                assert list(validator.evolve(schema=part).iter_errors(value)) == []

    def test_constraints_have_an_error_message(self, content: Any):
        if content["$id"].rpartition(":")[2] in NEVER_EXPLAINED:
            return
        for part in parts(content):
            if part.keys() & {"pattern", "enum", "format", "const", "minimum", "maxLength"}:
                assert part["errorMessage"], part
                assert not re.search(r"\^|\]\+|\\", part["errorMessage"])

    def test_properties_have_title_and_description(self, content: Any):
        for part in parts(content):
            for key, value in part.get("properties", {}).items():
                shown = value if "title" in value else resolved(content, value)
                assert shown["title"], key
                assert shown["description"].endswith(".")

    @pytest.mark.hypothesis
    def test_validators_agree_on_patterns(self, content: Any):
        patterns = {part["pattern"] for part in parts(content) if "pattern" in part}
        for pattern in patterns:
            assert_validators_agree(pattern)


def resolved(content: Any, part: Any) -> Any:
    return content["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


@cache  # several schemas have the same patterns
def assert_validators_agree(pattern: str) -> None:
    """Compare the two validators on texts that match a pattern or nearly do."""
    schema = Schema(json.dumps({"type": "string", "pattern": pattern}))
    blanks = "".join(map(chr, [*range(0x21), 0x7F, 0x85, 0xA0, 0x180E, 0x200B, 0x2028, 0x2029, 0x202F, 0x3000, 0xFEFF]))
    # for Hypothesis, "$" also matches before a final line break
    near = (
        st.from_regex(pattern) | st.text(blanks + "aZ09_-/.:@?#") | st.from_regex(pattern).map(lambda text: text + "\n")
    )

    @examples(30, database=None)
    @given(near)
    def agree(text: str) -> None:
        assert schema.is_valid(text) == schema._explaining.is_valid(text)

    agree()
    for blank in blanks:
        for text in (blank, f"a{blank}a", f"a/{blank}", f"{blank}/a", f"https://{blank}", f"https://a/{blank}"):
            assert schema.is_valid(text) == schema._explaining.is_valid(text), (pattern, text)


def test_every_text_and_list_that_people_write_has_a_limit():
    """Dates are limited by their pattern, and lists of enumerated values by these: no item may be repeated."""
    for name in ("offered_models_metadata", "features", "families", "providers", "environments"):
        for part in parts(json.loads((ROOT / f"schemas/{name}.schema.json").read_bytes())):
            if part.get("type") == "string":
                assert part.keys() & {"maxLength", "enum", "format"}, part
            if part.get("type") == "array":
                assert "maxItems" in part or part["uniqueItems"], part


def test_properties_of_rosters_have_examples():
    for part in parts(SCHEMA.content):
        for key, value in part.get("properties", {}).items():
            described = resolved(SCHEMA.content, value)
            assert described.get("examples") or described.get("properties"), key


def test_artifacts_share_definitions():
    offered, gateway = (
        json.loads((ROOT / f"schemas/{name}.schema.json").read_bytes())["$defs"]
        for name in ("offered_models", "gateway")
    )
    assert offered.keys() <= gateway.keys()
    for name in offered:
        assert offered[name] == gateway[name]


def test_violations_are_explained_by_existing_families_of_rules():
    families = {family.__name__.rpartition(".")[2] for family in RULE_MODULES}
    for part in parts(SCHEMA.content):
        assert set(part.get("x-explained-by", {}).values()) <= families

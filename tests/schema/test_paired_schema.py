"""Repositories that are older or newer than the toolkit, or extend its schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from roster import __version__
from roster.check.loading import load_registries, load_schema
from roster.check.pipeline import check
from roster.findings import ConfigurationError, Severity
from roster.registries import ENVIRONMENTS, FAMILIES, FEATURES
from roster.roster import ROSTER_SCHEMA
from tests.conftest import ROOT
from tests.single_roster import CLEAN, PROMOTION_PATH, TODAY, OneRoster, repository

NEWER = f"allows it, but roster {__version__} does not support it"
SCHEMAS = {
    FEATURES: "schemas/features.schema.json",
    FAMILIES: "schemas/families.schema.json",
    ENVIRONMENTS: "schemas/environments.schema.json",
}


def with_schema(path: str, change: Callable[[Any], object], roster: str = CLEAN) -> OneRoster:
    """Return a repository with a change to one of its schemas."""
    changed = repository(roster)
    content = json.loads((ROOT / path).read_bytes())
    change(content)
    changed.files[path] = json.dumps(content).encode()
    return changed


def load_error(tree: OneRoster, path: str, data: bytes) -> str:
    tree.files[path] = data
    with pytest.raises(ConfigurationError) as error:
        load_registries(tree)
    return str(error.value)


def messages(tree: OneRoster) -> list[str]:
    return [each.sentence for each in check(tree, TODAY).diagnostics if each.severity is Severity.ERROR]


def add_property(definition: str) -> Callable[[Any], object]:
    return lambda schema: schema["$defs"][definition]["properties"].update(team={"type": "string"})


@pytest.mark.parametrize(("path", "definition"), [(FEATURES, "feature"), (ENVIRONMENTS, "environment")])
def test_key_of_newer_registry_is_reported(path: str, definition: str):
    tree = with_schema(SCHEMAS[path], add_property(definition))
    load_registries(tree)
    data = tree.read(path).rstrip() + b"\n  team: a\n"
    line = data.count(b"\n")
    assert load_error(tree, path, data) == (
        f'{path}:{line}:3: unknown key "team": {SCHEMAS[path]} {NEWER}; upgrade roster-toolkit, or change it'
    )


def test_value_of_newer_registry_is_reported():
    def allow_mappings(schema: Any) -> None:
        schema["items"] = {"type": ["string", "object"]}

    families = b"- claude\n- name: gpt\n"
    sentence = load_error(with_schema(SCHEMAS[FAMILIES], allow_mappings), FAMILIES, families)
    assert sentence.startswith(f"{FAMILIES}:2:3: an item of the list must be text, not a mapping: {SCHEMAS[FAMILIES]}")
    assert NEWER in sentence

    kinds: Callable[[Any], Any] = lambda schema: schema["$defs"]["environment"]["properties"]["impact"]  # noqa: E731
    tree = with_schema(SCHEMAS[ENVIRONMENTS], lambda schema: kinds(schema).pop("propertyNames"))
    assert NEWER in load_error(tree, ENVIRONMENTS, PROMOTION_PATH + b"  impact: {model-moved: safe}\n")


def test_key_that_older_schema_lacks_is_reported_with_newer_file():
    tree = with_schema(
        SCHEMAS[ENVIRONMENTS], lambda schema: schema["$defs"]["environment"]["properties"].pop("trial_days")
    )
    sentence = load_error(tree, ENVIRONMENTS, PROMOTION_PATH + b"  trial_days: 7\n")
    assert f'"trial_days": roster {__version__} supports it, but {SCHEMAS[ENVIRONMENTS]} does not allow it' in sentence
    assert sentence.endswith(f"update the schema from {ROOT / SCHEMAS[ENVIRONMENTS]}")

    tree = with_schema(
        ROSTER_SCHEMA,
        lambda schema: schema["$defs"]["model"]["properties"].pop("description"),
        f"{CLEAN}  description: Fast\n",
    )
    (message,) = messages(tree)
    assert message == (
        f'unknown key "description": roster {__version__} supports it, but {ROSTER_SCHEMA} does not allow it '
        f"(update the schema from {ROOT / ROSTER_SCHEMA})"
    )


def test_misspelling_is_reported_as_usual():
    tree = with_schema(ROSTER_SCHEMA, add_property("model"), CLEAN.replace("family:", "famly:"))
    assert messages(tree) == ['unknown key "famly" (did you mean "family"?)']


def test_value_that_only_the_repository_allows_is_a_finding():
    model: Callable[[Any], Any] = lambda schema: schema["$defs"]["model"]  # noqa: E731
    state: Callable[[Any], Any] = lambda schema: model(schema)["properties"]["release_state"]  # noqa: E731
    cases: list[tuple[Callable[[Any], object], str, str]] = [
        (lambda schema: state(schema)["enum"].append("PREVIEW"), CLEAN.replace("GA", "PREVIEW"), "cannot be"),
        (lambda schema: state(schema).clear(), CLEAN.replace("GA", "7"), "must be text"),
        (lambda schema: model(schema)["required"].remove("family"), CLEAN.replace("  family: claude\n", ""), "has no"),
    ]
    for change, roster, expected in cases:
        message, *others = messages(with_schema(ROSTER_SCHEMA, change, roster))
        assert not others
        assert expected in message
        assert f"{ROSTER_SCHEMA} {NEWER} (upgrade roster-toolkit, or change it)" in message


def test_key_of_the_repository_is_valid_in_rosters():
    extended = f"{CLEAN}  team: group/team\n"
    assert messages(repository(extended))
    assert not messages(with_schema(ROSTER_SCHEMA, add_property("model"), extended))


def test_key_of_the_repository_may_differ_between_environments():
    tree = with_schema(ROSTER_SCHEMA, add_property("model"))
    schema = json.loads((ROOT / SCHEMAS[ENVIRONMENTS]).read_bytes())
    schema["$defs"]["environment"]["properties"]["may_differ_in"]["items"]["enum"].append("team")
    tree.files[SCHEMAS[ENVIRONMENTS]] = json.dumps(schema).encode()
    tree.files[ENVIRONMENTS] = PROMOTION_PATH + b"  may_differ_in: [team]\n"
    assert load_registries(tree).environments["production"].may_differ_in == ("team",)
    del tree.files[ROSTER_SCHEMA]
    assert NEWER in load_error(tree, ENVIRONMENTS, tree.files[ENVIRONMENTS])


def test_restriction_of_the_repository_applies():
    endpoint: Callable[[Any], Any] = lambda schema: schema["$defs"]["model"]["properties"]["endpoint"]  # noqa: E731
    tree = with_schema(ROSTER_SCHEMA, lambda schema: endpoint(schema).update(const="https://models.example.com/v1"))
    (message,) = messages(tree)
    assert message == '"endpoint" cannot be "https://example-models.com/v1"'


def test_schema_with_other_descriptions_is_not_paired():
    assert type(load_schema(repository(CLEAN), ROSTER_SCHEMA)).__name__ == "Schema"
    schema = with_schema(ROSTER_SCHEMA, lambda schema: schema)  # the same content in another layout
    assert type(load_schema(schema, ROSTER_SCHEMA)).__name__ == "Schema"

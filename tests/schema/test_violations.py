"""Findings for violations of the JSON Schema of rosters."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roster.check.loading import load_registries
from roster.findings import Finding, Pointer
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA, Roster
from roster.rules.all_rules import RULES
from roster.rules.base.rule import Context, Subject
from roster.schema.validator import Schema
from tests.conftest import ROOT
from tests.properties import examples
from tests.schema.sample_model import FULL_MODEL, MODEL
from tests.single_roster import PATH, TODAY, diagnostics, with_key

REGISTRIES = load_registries(Repository(ROOT))
SCHEMA = Schema((ROOT / ROSTER_SCHEMA).read_bytes())


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["", " ", "GA", "ga", "$$$$$", "claude", "duo_chat", "chat", "a/b", "a/b\n", "A", "a__b", "x" * 500, "x" * 501,
     "é" * 500, "https://", "HTTPS://example.com", "https://10.0.0.1", "AIGW_MODEL__API_KEY", "AIGW_MODEL_A_API_KEY\n",
     "2026-02-30", "2028-02-29", "0000-01-01", "9999-12-31", "20260101", "2026-W01-1", "２026-01-01"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(-1e9, 1e9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
SUFFIXES = [
    "\n",
    " ",
    "\r\n",
    "\0",
    "\u200b",
    "\u2028",
    "\ufeff",
    "é",
    "e\u0301",
    "𝐚",
    "\u202e",
    "/",
    "?",
    "_",
    "x" * 100,
]


def pointers(value: Any, parent: Pointer = ()) -> Iterator[Pointer]:
    """Yield the pointers within a value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*parent, key)
        yield from pointers(child, (*parent, key))


def at(value: Any, pointer: Pointer) -> Any:
    for key in pointer:
        value = value[key]
    return value


@st.composite
def rosters(draw: st.DrawFn) -> Any:
    value: Any = [copy.deepcopy(draw(st.sampled_from([MODEL, FULL_MODEL]))) for _ in range(draw(st.integers(0, 2)))]
    for _ in range(draw(st.integers(0, 3))):
        last: Any
        places = list(pointers(value))
        if not places:
            return draw(JSON)
        *parents, last = draw(st.sampled_from(places))
        parent: Any = at(value, tuple(parents))
        match draw(st.sampled_from(["drop", "rename", "replace", "add", "double", "empty", "append", "prefix"])):
            case "drop":
                del parent[last]
            case "rename" if isinstance(parent, dict):
                parent[draw(st.sampled_from([f"{last}s", last.replace("_", "-"), "Name", "owner"]) | TEXT)] = (
                    parent.pop(last)
                )
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from([*FULL_MODEL, "owner"]) | TEXT)] = draw(JSON)
            case "double" if isinstance(parent[last], list):
                parent[last] *= 2
            case "empty":
                parent[last] = type(parent[last])()
            case "append" if isinstance(parent[last], str):
                parent[last] += draw(st.sampled_from(SUFFIXES))
            case "prefix" if isinstance(parent[last], str):
                parent[last] = draw(st.sampled_from(SUFFIXES)) + parent[last]
            case _:
                parent[last] = draw(JSON)
    return value


def explained(value: Any) -> tuple[list[Finding], list[Finding]]:
    """Return the findings of the schema and of the rules on a roster."""
    violations, invalid = SCHEMA.explain(PATH, value)
    roster, context = Roster.of(PATH, "production", value, invalid), Context(REGISTRIES, TODAY)
    return violations, [
        finding for rule in RULES.values() if rule.subject is Subject.ROSTER for finding in rule.check(roster, context)
    ]


@examples(400)
@given(rosters())
@example([FULL_MODEL | {"retirement": {"notice": "0000-01-01", "last_day": "9999-12-31", "replacement": "a"}}])
@example([MODEL | {"api-key": "AIGW_MODEL_A_API_KEY\n"}])
@example([MODEL | {"features": ["duo_chat", "duo_chat"]}])
@example([MODEL, 1])
@example([])
@example({})
def test_invalid_values_are_explained(value: Any):
    valid = SCHEMA.is_valid(value)
    assert valid == SCHEMA._explaining.is_valid(value), "both validators agree"
    violations, findings = explained(value)
    if valid:
        assert violations == []
        assert not [finding.rule for finding in findings if RULES[finding.rule].schema_decides]
    else:
        assert violations + findings, "whatever is invalid is reported, by the schema or by the rule that explains it"
    for finding in violations:
        assert RULES[finding.rule].subject is Subject.EXTERNAL
        assert_position(finding, value)
        assert_readable(finding)


def assert_position(finding: Finding, value: Any) -> None:
    target = at(value, finding.place.pointer)
    assert finding.place.at_key == (finding.rule == "unknown-key")
    if finding.rule == "missing-key":
        key = finding.hint.removeprefix('add "').removesuffix(':"')
        assert isinstance(target, dict)
        assert key not in target
        assert f'has no "{key}"' in finding.message


def assert_readable(finding: Finding) -> None:
    for stock in ("is not", "does not match", "should be", "too short", "too long", "non-unique", "given schemas"):
        assert stock not in finding.hint + finding.note
    assert not re.search(r"\^|\]\+|\)\*|\\|\$\)", finding.hint + finding.note), "no regular expressions in messages"
    assert finding.message.isprintable()
    assert not re.search("[A-Z]", finding.message[0])


def model_with(**changes: Any) -> list[Any]:
    return [
        copy.deepcopy(MODEL),
        copy.deepcopy(FULL_MODEL) | {key.replace("api_key", "api-key"): changes[key] for key in changes},
    ]


def model_without(key: str) -> list[Any]:
    return [MODEL, {name: value for name, value in FULL_MODEL.items() if name != key}]


def renamed(key: str, new_key: str) -> list[Any]:
    return [MODEL, {new_key if name == key else name: value for name, value in FULL_MODEL.items()}]


def retirement_with(**changes: Any) -> list[Any]:
    retirement: dict[str, Any] = FULL_MODEL["retirement"]
    return model_with(retirement=retirement | changes)


KNOWN = (
    "allowed keys: name, identifier, api-key, endpoint, release_state, family, features, default_for, id, display_name"
)
FINDINGS: list[tuple[str, Any, Pointer, str, str, str]] = [  # rule, value, pointer, message, hint, start of the note
    ("unknown-key", renamed("release_state", "releas_state"), (1, "releas_state"),
     'unknown key "releas_state"', 'did you mean "release_state"?', KNOWN),
    ("unknown-key", model_with(api_base="https://x"), (1, "api_base"),
     'unknown key "api_base"', 'remove it, or move its value to "endpoint"', "it is a key of a LiteLLM"),
    ("unknown-key", model_with(team="me"), (1, "team"),
     'unknown key "team"', "", KNOWN),
    ("unknown-key", model_with(Family="claude"), (1, "Family"),
     'unknown key "Family"', 'remove it, or move its value to "family"', KNOWN),
    ("unknown-key", retirement_with(lastday="x"), (1, "retirement", "lastday"),
     'unknown key "lastday"', 'remove it, or move its value to "last_day"', "allowed keys: notice, last_day"),
    ("missing-key", model_without("name"), (1,),
     'this model has no "name"', 'add "name:"', "name: The model's name"),
    ("missing-key", model_without("family"), (1,),
     'this model has no "family"', 'add "family:"', "family: The prompt family"),
    ("missing-key", model_with(retirement={"notice": "2026-08-05", "replacement": "a"}), (1, "retirement"),
     'this retirement has no "last_day"', 'add "last_day:"', "last_day: The last day"),
    ("wrong-type", model_with(name=3.7), (1, "name"),
     '"name" must be text, not a number', "put it in quotes", ""),
    ("wrong-type", model_with(name=True), (1, "name"),
     '"name" must be text, not true', "put it in quotes", ""),
    ("wrong-type", model_with(name=None), (1, "name"),
     '"name" must be text, not nothing', "write a name of at most 100 characters", ""),
    ("wrong-type", model_with(name=["a"]), (1, "name"),
     '"name" must be text, not a list', "write it without brackets: a", ""),
    ("wrong-type", model_with(api_key={}), (1, "api-key"),
     '"api-key" must be text, not a mapping',
     ("write the name of an environment variable: AIGW_MODEL_ or AIGW_PROVIDER_, "
     "the id or the provider in upper case, _API_KEY"), ""),
    ("wrong-type", model_with(features="duo_chat"), (1, "features"),
     '"features" must be a list, not text', "write it as a list: [duo_chat]", ""),
    ("wrong-type", model_with(features={"a": 1}), (1, "features"),
     '"features" must be a list, not a mapping', "write it as a list: [a]", ""),
    ("wrong-type", model_with(features=None), (1, "features"),
     '"features" must be a list, not nothing', "write a list, such as [code-generation, duo_chat]", ""),
    ("wrong-type", model_with(features=["duo_chat", 1]), (1, "features", 1),
     'an item of "features" must be text, not a number', "write a feature from schemas/features.yaml", ""),
    ("wrong-type", model_with(retirement="2026-12-01"), (1, "retirement"),
     '"retirement" must be a mapping of keys to values, not text',
     "write its keys below it: notice, last_day", ""),
    ("wrong-type", [MODEL, "Claude"], (1,),
     "an item of the list must be a mapping of keys to values, not text",
     "write its keys below it: name, identifier, release_state, family, …", ""),
    ("wrong-type", "Claude", (),
     "the file must be a list, not text", 'start each item with "- "', ""),
    ("wrong-type", MODEL, (),
     "the file must be a list, not a mapping", 'start each item with "- "', ""),
    ("empty-roster", None, (),
     "the file is empty", "", "a roster is a list of at least one model"),
    ("empty-roster", [], (),
     "the roster has no models", "", "a roster is a list of at least one model"),
    ("invalid-value", model_with(name=""), (1, "name"),
     '"name" cannot be ""', "", "expected: a name"),
    ("invalid-value", model_with(release_state="ga"), (1, "release_state"),
     '"release_state" cannot be "ga"', 'did you mean "GA"?', "expected: GA, BETA or EXPERIMENT"),
    ("invalid-value", model_with(id="Claude-3"), (1, "id"),
     '"id" cannot be "Claude-3"', "write claude-3", "expected: an id of lower-case letters"),
    ("invalid-value", model_with(description="x" * 501), (1, "description"),
     '"description" is 501 characters long; at most 500 are allowed', "", ""),
    ("invalid-value", model_with(cost_indicator="$$$$$"), (1, "cost_indicator"),
     '"cost_indicator" cannot be "$$$$$"', 'did you mean "$$$$"?', "expected: $, $$"),
    ("invalid-value", model_with(features=[]), (1, "features"),
     '"features" is empty', "", "expected: at least one feature"),
    ("invalid-value", retirement_with(features=[]), (1, "retirement", "features"),
     '"features" is empty', "", "expected: at least one feature"),
    ("invalid-value", retirement_with(replacement=""), (1, "retirement", "replacement"),
     '"replacement" cannot be ""', "", "expected: the id of another model"),
    ("invalid-value", model_with(name="x" * 1_000_000), (1, "name"),
     '"name" is 1,000,000 characters long; at most 100 are allowed', "", ""),
    ("invalid-value", model_with(identifier="x" * 301), (1, "identifier"),
     '"identifier" is 301 characters long; at most 300 are allowed', "", ""),
    ("invalid-value", model_with(id="X" * 121), (1, "id"),
     '"id" is 121 characters long; at most 120 are allowed', "", ""),
    ("invalid-value", model_with(family="x" * 101), (1, "family"),
     '"family" is 101 characters long; at most 100 are allowed', "", ""),
    ("invalid-value", model_with(features=["x" * 101]), (1, "features", 0),
     'an item of "features" is 101 characters long; at most 100 are allowed', "", ""),
    ("invalid-value", model_with(features=["x"] * 60_000), (1, "features"),
     '"features" has 60,000 items; at most 200 are allowed', "", ""),
    ("invalid-value", model_with(gateway={f"key_{number}": number for number in range(101)}), (1, "gateway"),
     '"gateway" has 101 keys; at most 100 are allowed', "", ""),
    ("invalid-value", retirement_with(replacement="x" * 121), (1, "retirement", "replacement"),
     '"replacement" is 121 characters long; at most 120 are allowed', "", ""),
    ("invalid-value", retirement_with(last_day="2026-02-30"), (1, "retirement", "last_day"),
     '"last_day" cannot be "2026-02-30"',
     "February 2026 has 28 days; write it as YYYY-MM-DD", "expected: a date such as"),
    ("invalid-value", retirement_with(notice="0000-01-01"), (1, "retirement", "notice"),
     '"notice" cannot be "0000-01-01"',
     "the year must be 1 to 9998; write it as YYYY-MM-DD", "expected: a date such as"),
    ("invalid-value", retirement_with(last_day="9999-12-31"), (1, "retirement", "last_day"),
     '"last_day" cannot be "9999-12-31"',
     "the year must be 1 to 9998; write it as YYYY-MM-DD", "expected: a date such as"),
]  # fmt: skip


@pytest.mark.parametrize("expected", FINDINGS, ids=lambda expected: f"{expected[0]} {expected[3]}")
def test_mistake_is_one_finding(expected: tuple[str, Any, Pointer, str, str, str]):
    rule, value, pointer, message, hint, note = expected
    (finding,) = SCHEMA.explain(PATH, value)[0]
    assert (finding.rule, finding.place.pointer, finding.message, finding.hint) == (rule, pointer, message, hint)
    assert finding.note.startswith(note)
    assert bool(finding.note) == bool(note)


EXPLAINED_BY_RULES: dict[str, dict[str, Any]] = {
    "malformed-identifier": {"identifier": "claude"},
    "api-key-not-a-reference": {"api_key": "my-key"},
    "insecure-endpoint": {"endpoint": "http://example.com"},
    "malformed-endpoint": {"endpoint": ""},
    "unknown-family": {"family": "cluade"},
    "unknown-feature": {"features": ["duo_caht"]},
    "duplicate-feature": {"features": ["duo_chat", "duo_chat"]},
    "retirement-without-replacement": {"retirement": {"notice": "2026-08-05", "last_day": "2026-12-01"}},
}


@pytest.mark.parametrize("rule", EXPLAINED_BY_RULES)
def test_violation_explained_by_a_rule_is_reported_by_that_rule_only(rule: str):
    violations, findings = explained(model_with(**EXPLAINED_BY_RULES[rule]))
    assert violations == []
    assert rule in {finding.rule for finding in findings}


def test_value_with_several_violations_is_one_finding():
    for value in (0, "", "2026-13-45T", ["x"]):
        (finding,) = SCHEMA.explain(PATH, retirement_with(notice=value))[0]
        assert finding.place.pointer == (1, "retirement", "notice")


def test_violation_is_reported_by_check():
    (diagnostic,) = diagnostics(with_key("release_state", "ga"))
    assert (diagnostic.rule, diagnostic.path, diagnostic.span) == ("invalid-value", PATH, (5, 18, 5, 20))

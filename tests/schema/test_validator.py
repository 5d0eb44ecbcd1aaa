"""The JSON Schemas, and what is said of a value that is not valid under one."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from roster.check.loading import load_registries
from roster.findings import ConfigurationError, Finding, Pointer
from roster.repository import ENVIRONMENTS, FAMILIES, FEATURES, ROSTER_SCHEMA, Repository
from roster.roster import Roster
from roster.rules.all_rules import RULE_MODULES, RULES
from roster.rules.rule import Context, Subject
from roster.schema.registered_names import registered_names, rewrite_lists
from roster.schema.validator import Schema
from tests.conftest import ROOT
from tests.schema.sample_model import FULL_MODEL, MODEL
from tests.single_roster import CLEAN, PATH, TODAY, diagnostics, repository, with_key

SCHEMAS = sorted((ROOT / "schemas").glob("*.schema.json"))
NEVER_EXPLAINED = {"check_report", "diff", "drift", "timeline"}
"""Schemas of what only programs write and read; nobody is told what is wrong with it."""
REGISTRIES = load_registries(Repository(ROOT))
SCHEMA = Schema((ROOT / ROSTER_SCHEMA).read_bytes())

# Rosters that are valid but for a slip or two

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["", " ", "GA", "ga", "$$$$$", "claude", "duo_chat", "chat", "a/b", "a/b\n", "A", "a__b", "x" * 90, "x" * 91,
     "é" * 90, "https://", "HTTPS://example.com", "https://10.0.0.1", "AIGW_MODEL__API_KEY", "AIGW_MODEL_A_API_KEY\n",
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


def pointers(value: Any, here: Pointer = ()) -> Iterator[Pointer]:
    """The places of a value, but for its root."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*here, key)
        yield from pointers(child, (*here, key))


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
    """The findings of the schema and of the rules on one roster."""
    problems, useless = SCHEMA.explain(PATH, value)
    roster, context = Roster.of(PATH, "production", value, useless), Context(REGISTRIES, TODAY)
    return problems, [
        finding for rule in RULES.values() if rule.subject is Subject.ROSTER for finding in rule.check(roster, context)
    ]


@settings(max_examples=400, deadline=None)
@given(rosters())
@example([FULL_MODEL | {"retirement": {"notice": "0000-01-01", "last_day": "9999-12-31", "replacement": "a"}}])
@example([MODEL | {"api-key": "AIGW_MODEL_A_API_KEY\n"}])
@example([MODEL | {"features": ["duo_chat", "duo_chat"]}])
@example([MODEL, 1])
@example([])
@example({})
def test_a_roster(value: Any):
    valid = SCHEMA.is_valid(value)
    assert valid == SCHEMA._explaining.is_valid(value), "the quick validator and the one that explains agree"
    problems, findings = explained(value)
    if valid:
        assert problems == []
        assert not [finding.rule for finding in findings if RULES[finding.rule].schema_decides]
    else:
        assert problems + findings, "whatever is invalid is told, by the schema or by the rule that it leaves it to"
    for finding in problems:
        assert RULES[finding.rule].subject is Subject.EXTERNAL
        is_where_it_belongs(finding, value)
        is_said_as_a_person_would(finding)


def is_where_it_belongs(finding: Finding, value: Any) -> None:
    there = at(value, finding.place.pointer)
    assert finding.place.at_key == (finding.rule == "unknown-key")
    if finding.rule == "missing-key":
        key = finding.hint.removeprefix('add "').removesuffix(':"')
        assert isinstance(there, dict)
        assert key not in there
        assert f'has no "{key}"' in finding.message


def is_said_as_a_person_would(finding: Finding) -> None:
    for stock in ("is not", "does not match", "should be", "too short", "too long", "non-unique", "given schemas"):
        assert stock not in finding.hint + finding.note
    assert not re.search(r"\^|\]\+|\)\*|\\|\$\)", finding.hint + finding.note), "a pattern says nothing to a person"
    assert finding.message.isprintable()
    assert not re.search("[A-Z]", finding.message[0])


def model_with(**changes: Any) -> list[Any]:
    return [
        copy.deepcopy(MODEL),
        copy.deepcopy(FULL_MODEL) | {key.replace("api_key", "api-key"): changes[key] for key in changes},
    ]


def model_without(key: str) -> list[Any]:
    return [MODEL, {name: value for name, value in FULL_MODEL.items() if name != key}]


def retirement_with(**changes: Any) -> list[Any]:
    retirement: dict[str, Any] = FULL_MODEL["retirement"]
    return model_with(retirement=retirement | changes)


KNOWN = (
    "allowed keys: name, identifier, api-key, endpoint, release_state, family, features, default_for, id, display_name"
)
FINDINGS: list[tuple[str, Any, Pointer, str, str, str]] = [  # rule, value, pointer, message, hint, start of the note
    ("unknown-key", model_with(releas_state="GA"), (1, "releas_state"),
     'unknown key "releas_state"', 'did you mean "release_state"?', KNOWN),
    ("unknown-key", model_with(owner="me"), (1, "owner"),
     'unknown key "owner"', "", KNOWN),
    ("unknown-key", retirement_with(lastday="x"), (1, "retirement", "lastday"),
     'unknown key "lastday"', 'did you mean "last_day"?', "allowed keys: notice, last_day, replacement, features"),
    ("missing-key", model_without("name"), (1,),
     'this model has no "name"', 'add "name:"', "name: The model's name"),
    ("missing-key", model_without("api-key"), (1,),
     'this model has no "api-key"', 'add "api-key:"', "api-key: The name of"),
    ("missing-key", model_with(retirement={"notice": "2026-08-05", "replacement": "a"}), (1, "retirement"),
     'this retirement has no "last_day"', 'add "last_day:"', "last_day: The last day"),
    ("wrong-type", model_with(name=3.7), (1, "name"),
     '"name" must be text, not a number', "put it in quotes", ""),
    ("wrong-type", model_with(name=True), (1, "name"),
     '"name" must be text, not true', "put it in quotes", ""),
    ("wrong-type", model_with(name=None), (1, "name"),
     '"name" must be text, not nothing', "", ""),
    ("wrong-type", model_with(name=["a"]), (1, "name"),
     '"name" must be text, not a list', "", ""),
    ("wrong-type", model_with(api_key={}), (1, "api-key"),
     '"api-key" must be text, not a mapping', "", ""),
    ("wrong-type", model_with(features="duo_chat"), (1, "features"),
     '"features" must be a list, not text', "write it as a list: [duo_chat]", ""),
    ("wrong-type", model_with(features={"a": 1}), (1, "features"),
     '"features" must be a list, not a mapping', 'start each item with "- "', ""),
    ("wrong-type", model_with(features=["duo_chat", 1]), (1, "features", 1),
     'an item of "features" must be text, not a number', "put it in quotes", ""),
    ("wrong-type", model_with(retirement="2026-12-01"), (1, "retirement"),
     '"retirement" must be a mapping of keys to values, not text', "", ""),
    ("wrong-type", [MODEL, "Claude"], (1,),
     "an item of the list must be a mapping of keys to values, not text", "", ""),
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
     '"id" cannot be "Claude-3"', "", "expected: an id of lower-case letters"),
    ("invalid-value", model_with(description="x" * 91), (1, "description"),
     '"description" has 91 characters', "", "expected: a description of at most 90"),
    ("invalid-value", model_with(cost_indicator="$$$$$"), (1, "cost_indicator"),
     '"cost_indicator" cannot be "$$$$$"', 'did you mean "$$$$"?', "expected: $, $$"),
    ("invalid-value", model_with(features=[]), (1, "features"),
     '"features" is empty', "", "expected: at least one feature"),
    ("invalid-value", retirement_with(features=[]), (1, "retirement", "features"),
     '"features" is empty', "", "expected: at least one feature"),
    ("invalid-value", retirement_with(replacement=""), (1, "retirement", "replacement"),
     '"replacement" cannot be ""', "", "expected: some text"),
    ("invalid-value", retirement_with(last_day="2026-02-30"), (1, "retirement", "last_day"),
     '"last_day" cannot be "2026-02-30"', "", "expected: a date such as"),
    ("invalid-value", retirement_with(notice="0000-01-01"), (1, "retirement", "notice"),
     '"notice" cannot be "0000-01-01"', "", "expected: a date such as"),
    ("invalid-value", retirement_with(last_day="9999-12-31"), (1, "retirement", "last_day"),
     '"last_day" cannot be "9999-12-31"', "", "expected: a date such as"),
]  # fmt: skip


@pytest.mark.parametrize("told", FINDINGS, ids=lambda told: f"{told[0]} {told[3]}")
def test_a_slip_is_one_finding(told: tuple[str, Any, Pointer, str, str, str]):
    rule, value, pointer, message, hint, note = told
    (finding,) = SCHEMA.explain(PATH, value)[0]
    assert (finding.rule, finding.place.pointer, finding.message, finding.hint) == (rule, pointer, message, hint)
    assert finding.note.startswith(note)
    assert bool(finding.note) == bool(note)


LEFT_TO_RULES: dict[str, dict[str, Any]] = {
    "malformed-identifier": {"identifier": "claude"},
    "api-key-not-a-reference": {"api_key": "my-key"},
    "insecure-endpoint": {"endpoint": "http://example.com"},
    "malformed-endpoint": {"endpoint": ""},
    "unknown-family": {"family": "cluade"},
    "unknown-feature": {"features": ["duo_caht"]},
    "duplicate-feature": {"features": ["duo_chat", "duo_chat"]},
    "retirement-without-replacement": {"retirement": {"notice": "2026-08-05", "last_day": "2026-12-01"}},
}


@pytest.mark.parametrize("rule", LEFT_TO_RULES)
def test_what_a_rule_explains_is_told_by_that_rule_alone(rule: str):
    problems, findings = explained(model_with(**LEFT_TO_RULES[rule]))
    assert problems == []
    assert rule in {finding.rule for finding in findings}


def test_a_rule_may_only_be_left_what_its_family_explains():
    families = {family.__name__.rpartition(".")[2] for family in RULE_MODULES}
    for part in parts(SCHEMA.content):
        assert set(part.get("x-explained-by", {}).values()) <= families


def test_one_value_gives_one_finding_whatever_else_is_wrong_with_it():
    for value in (0, "", "2026-13-45T", ["x"]):
        (finding,) = SCHEMA.explain(PATH, retirement_with(notice=value))[0]
        assert finding.place.pointer == (1, "retirement", "notice")


def test_a_long_roster_is_judged_as_a_whole():
    many = [MODEL] * 2_500
    assert SCHEMA.is_valid(many)
    assert not SCHEMA.is_valid([*many, 1])
    (finding,) = SCHEMA.explain(PATH, [*many, 1])[0]
    assert finding.place.pointer == (2_500,)


def test_a_list_may_be_wrong_as_a_whole():
    schema = Schema('{"type": "array", "uniqueItems": true, "items": {"type": "string"}}')
    (finding,) = schema.explain("file", ["a", "b", "a"])[0]
    assert (finding.rule, finding.place.pointer) == ("invalid-value", (2,))
    assert finding.message == '"a" is in this registry twice'
    (finding,) = Schema('{"type": "object"}').explain("file", ["a", "b"])[0]
    assert (finding.rule, finding.place.pointer) == ("wrong-type", ())


def test_what_this_tool_makes_has_to_be_valid():
    schema = Schema((ROOT / "schemas/offered_models.schema.json").read_bytes())
    schema.require_valid(json.dumps(schema.content["examples"][0]).encode(), "offered_models.json")
    with pytest.raises(AssertionError, match=r"offered_models\.json is not valid under its own schema"):
        schema.require_valid(b'[{"name": "Claude"}]', "offered_models.json")
    litellm = Schema((ROOT / "schemas/litellm.schema.json").read_bytes())
    litellm.require_valid(json.dumps(litellm.content["examples"][0]).encode(), "litellm.yaml")
    with pytest.raises(AssertionError, match=r"litellm\.yaml is not valid under its own schema"):
        litellm.require_valid(b"model_list: []", "litellm.yaml")


def test_a_value_may_be_of_one_of_several_types():
    schema = Schema('{"type": "object", "properties": {"provider": {"type": ["string", "null"]}}}')
    (finding,) = schema.explain("file", {"provider": 1})[0]
    assert (finding.rule, finding.message) == ("wrong-type", '"provider" must be text or nothing, not a number')


def test_the_registries_decide_whatever_the_text_lists():
    stale = SCHEMA_TEXT.replace('"codestral",', "")
    assert not Schema(stale).is_valid([MODEL | {"family": "codestral"}])
    assert Schema(stale).with_registered_names(REGISTRIES).is_valid([MODEL | {"family": "codestral"}])


# The files

SCHEMA_TEXT = (ROOT / ROSTER_SCHEMA).read_text(encoding="utf-8")
EACH_FILE = pytest.mark.parametrize(
    "content", [json.loads(path.read_bytes()) for path in SCHEMAS], ids=[p.stem for p in SCHEMAS]
)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema."""
    if isinstance(schema, dict):
        yield schema
        for key in ("items", "additionalProperties", "propertyNames"):
            yield from parts(schema.get(key))
        for key in ("$defs", "properties"):
            for part in schema.get(key, {}).values():
                yield from parts(part)


@EACH_FILE
class TestASchemaFile:
    def test_it_is_a_schema(self, content: Any):
        assert content["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
        Draft202012Validator.check_schema(content)

    def test_it_has_no_part_that_these_tests_overlook(self, content: Any):
        known = {"title", "description", "type", "examples", "errorMessage", "x-explained-by", "$ref", "$schema", "$id"}
        known |= {"items", "properties", "$defs", "additionalProperties", "propertyNames", "required", "const"}
        known |= {
            "pattern",
            "enum",
            "format",
            "minimum",
            "minLength",
            "maxLength",
            "minItems",
            "minProperties",
            "uniqueItems",
        }
        for part in parts(content):
            assert part.keys() <= known

    def test_its_examples_are_valid(self, content: Any):
        validator = Schema(json.dumps(content))._explaining
        for part in parts(content):
            for value in part.get("examples", ()):
                assert list(validator.evolve(schema=part).iter_errors(value)) == []

    def test_what_does_not_explain_itself_says_what_is_expected(self, content: Any):
        if content["$id"].rpartition(":")[2] in NEVER_EXPLAINED:
            return
        for part in parts(content):
            if part.keys() & {"pattern", "enum", "format", "const", "minimum", "maxLength"}:
                assert part["errorMessage"], part
                assert not re.search(r"\^|\]\+|\\", part["errorMessage"])

    def test_every_part_that_editors_show_is_described(self, content: Any):
        for part in parts(content):
            for key, value in part.get("properties", {}).items():
                shown = value if "title" in value else resolved(content, value)
                assert shown["title"], key
                assert shown["description"].endswith(".")

    def test_both_validators_read_its_patterns_alike(self, content: Any):
        patterns = {part["pattern"] for part in parts(content) if "pattern" in part}
        for pattern in patterns:
            both_read_alike(pattern)


def resolved(content: Any, part: Any) -> Any:
    return content["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def both_read_alike(pattern: str) -> None:
    """Hold the two validators together on texts that match, and on those that nearly do."""
    schema = Schema(json.dumps({"type": "string", "pattern": pattern}))
    blanks = "".join(map(chr, [*range(0x21), 0x7F, 0x85, 0xA0, 0x180E, 0x200B, 0x2028, 0x2029, 0x202F, 0x3000, 0xFEFF]))
    # "$" stands before a last line break in the pattern that Hypothesis reads, too
    near = (
        st.from_regex(pattern) | st.text(blanks + "aZ09_-/.:@?#") | st.from_regex(pattern).map(lambda text: text + "\n")
    )

    @settings(max_examples=30, deadline=None, database=None)
    @given(near)
    def agree(text: str) -> None:
        assert schema.is_valid(text) == schema._explaining.is_valid(text)

    agree()
    for blank in blanks:
        for text in (blank, f"a{blank}a", f"a/{blank}", f"{blank}/a", f"https://{blank}", f"https://a/{blank}"):
            assert schema.is_valid(text) == schema._explaining.is_valid(text), (pattern, text)


def test_every_property_of_a_roster_has_an_example():
    for part in parts(SCHEMA.content):
        for key, value in part.get("properties", {}).items():
            described = resolved(SCHEMA.content, value)
            assert described.get("examples") or described.get("properties"), key


def test_what_two_artifacts_share_is_the_same():
    offered, gateway = (
        json.loads((ROOT / f"schemas/{name}.schema.json").read_bytes())["$defs"]
        for name in ("offered_models", "gateway")
    )
    assert offered.keys() <= gateway.keys()
    for name in offered:
        assert offered[name] == gateway[name]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "5", "null", '{"type": 5}', '{"pattern": "("}', '{"$ref": "#/nowhere"}', '{"$ref": "urn:x"}',
     '{"$schema": "urn:x"}', "[" * 100_000, b"\xff"],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_what_is_no_schema_is_refused(text: str | bytes):
    with pytest.raises(ValueError, match=r"\S"):
        Schema(text)


def test_a_schema_without_a_place_for_the_names_is_refused():
    with pytest.raises(ConfigurationError, match=r"no \$defs/feature"):
        Schema('{"type": "array"}').with_registered_names(REGISTRIES)


# The lists that are generated into one


def test_the_lists_of_this_repository_are_up_to_date():
    assert rewrite_lists(ROSTER_SCHEMA, SCHEMA_TEXT, registered_names(REGISTRIES)) == SCHEMA_TEXT


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])), min_size=1),
    st.sampled_from(list(registered_names(REGISTRIES))),
)
@example(['"', "\\", "é", "]"], ("$defs", "feature", "enum"))
def test_a_new_list_touches_nothing_else(names: list[str], pointer: Pointer):
    after = rewrite_lists(ROSTER_SCHEMA, SCHEMA_TEXT, {pointer: names})
    expected = json.loads(SCHEMA_TEXT)
    at(expected, pointer[:-1])[pointer[-1]] = names
    assert json.loads(after) == expected
    before = SCHEMA_TEXT.split("\n")
    unlike = [line for line in after.split("\n") if line not in before]
    assert {line.strip(" ,") for line in unlike} <= {json.dumps(name, ensure_ascii=False).strip(" ,") for name in names}
    assert rewrite_lists(ROSTER_SCHEMA, after, registered_names(REGISTRIES)) == SCHEMA_TEXT


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"enum": [\n        "code', '"enumeration": [\n        "code', r"it has no list \$defs/feature/enum"),
        ("Roster", r"Roster \ud83d\ude00", "(?!it has)"),  # YAML is nearly JSON: libyaml knows no surrogates
    ],
)
def test_a_text_that_cannot_be_rewritten_is_left_alone(old: str, new: str, reason: str):
    text = SCHEMA_TEXT.replace(old, new, 1)
    assert json.loads(text) != json.loads(SCHEMA_TEXT)
    with pytest.raises(ConfigurationError, match=f"cannot be rewritten: {reason}"):
        rewrite_lists(ROSTER_SCHEMA, text, registered_names(REGISTRIES))


# The registries


def refused(path: str, change: Callable[[str], str]) -> str:
    """What is said of a registry with a change."""
    broken = repository(CLEAN)
    before = (ROOT / path).read_text(encoding="utf-8")
    broken.files[path] = change(before).encode()
    assert broken.files[path].decode() != before
    with pytest.raises(ConfigurationError) as told:
        load_registries(broken)
    return str(told.value)


def test_the_registries_are_valid():
    for path in (FEATURES, FAMILIES, ENVIRONMENTS):
        assert refused(path, lambda text: text + "- 5\n").startswith(f"{path}:")  # and without it they are accepted
    assert REGISTRIES.features["duo_chat"].title == "General Chat"
    assert list(REGISTRIES.environments) == ["staging-ref", "staging", "production"]


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (FAMILIES, "- claude\n", "- claude\n- claude\n", '"claude" is in this registry twice; remove one'),
        (FEATURES, "name: duo_chat\n", "name: code-completion\n", '"code-completion" is in this registry twice'),
        (FEATURES, "[chat, duo-chat]", "[completion]", '"completion" is in this registry twice'),
        (FEATURES, "[chat, duo-chat]", "[duo_chat]", '"duo_chat" is in this registry twice'),
        (FEATURES, "[chat, duo-chat]", "[code-generation]", '"code-generation" is in this registry twice'),
        (FEATURES, "[chat, duo-chat]", "[chat, chat]", '"chat" is in this list twice; remove one'),
        (FEATURES, "[chat, duo-chat]", "[]", '"aliases" is empty; expected: at least one'),
        (FEATURES, "title: General Chat", 'title: " Chat"', '"title" cannot be " Chat"; expected: a title'),
        (FEATURES, "title: General Chat", 'title: "\\ufeff"', '"title" cannot be "\\ufeff"; expected: a title'),
        (FEATURES, "required: true", "required: 1", '"required" must be true or false, not a number'),
        (ENVIRONMENTS, "name: staging\n", "name: production\n", '"production" is in this registry twice'),
        (ENVIRONMENTS, "[BETA, GA]\n  default", "[BETA, BETA]\n  default", '"BETA" is in this list twice; remove one'),
        (ENVIRONMENTS, "days: 90", "days: -1", '"retirement_notice_days" cannot be "-1"; expected: a whole number'),
        (ENVIRONMENTS, "days: 90", "days: many", '"retirement_notice_days" must be a whole number, not text'),
        (ENVIRONMENTS, "name: production", "nmae: production", 'unknown key "nmae"; did you mean "name"?'),
        (FAMILIES, "- claude\n", "- Claude\n", 'cannot be "Claude"; expected: a family in snake case'),
    ],
)  # fmt: skip
def test_a_broken_registry_is_refused_in_one_sentence(path: str, old: str, new: str, said: str):
    sentence = refused(path, lambda text: text.replace(old, new, 1))
    assert re.fullmatch(rf"{re.escape(path)}:\d+:\d+: [^\n]+", sentence)
    assert said in sentence


def test_a_broken_registry_is_refused_at_the_exact_place():
    sentence = refused(FAMILIES, lambda text: text.replace("- mistral\n", "- mistral\n- claude\n"))
    line = (ROOT / FAMILIES).read_text(encoding="utf-8").splitlines().index("- mistral") + 2
    assert sentence == f'{FAMILIES}:{line}:3: "claude" is in this registry twice; remove one'


def test_a_finding_of_the_schema_comes_through_the_whole_check():
    (found,) = diagnostics(with_key("release_state", "ga"))
    assert (found.rule, found.path, found.span) == ("invalid-value", PATH, (5, 18, 5, 20))

"""Hints for values that the schema rejects: they name what was meant, and never switch on what is off."""

from typing import Any

from roster.check.loading import load_registries
from roster.findings import Finding, Replace
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA
from roster.schema.validator import Schema
from roster.yaml.number_hints import intended_numbers
from tests.conftest import ROOT
from tests.schema.sample_model import MODEL
from tests.single_roster import PATH, diagnostics, with_key

SCHEMA = Schema((ROOT / ROSTER_SCHEMA).read_bytes(), load_registries(Repository(ROOT)))

LISTS: dict[str, str] = {  # the value of features in YAML, and the hint
    "code-generation, General Chat": "write it as a list: [code-generation, duo_chat]",
    "code-generation duo_chat": "write it as a list: [code-generation, duo_chat]",
    "General Chat": "write it as a list: [duo_chat]",
    "General Chat Code Generation": "write it as a list: [duo_chat, code-generation]",
    "Genral Chat": "write it as a list: [duo_chat]",
    "-code-generation\n    -duo_chat": "write it as a list: [code-generation, duo_chat]",
    "code-generation\n    - duo_chat": "write it as a list: [code-generation, duo_chat]",
    "|\n    code-generation\n    duo_chat": "write it as a list: [code-generation, duo_chat]",
    ">\n    - code-generation\n    - duo_chat": "write it as a list: [code-generation, duo_chat]",
    '"[code-generation, duo_chat]"': "write it as a list: [code-generation, duo_chat]",
    "code-generation, !duo_chat": "write it as a list: [code-generation], without duo_chat, which is off",
    "code-generation=on duo_chat=off": "write a list, such as [code-generation, duo_chat]",
    "code-generation=on, duo_chat=off": "write it as a list: [code-generation], without duo_chat, which is off",
    "my_feature": "write it as a list: [my_feature]",
    "My Feature": "write a list, such as [code-generation, duo_chat]",
    "yes": "write a list, such as [code-generation, duo_chat]",
    "{code-generation: true, General Chat: 1}": "write it as a list: [code-generation, duo_chat]",
    "{code-generation, duo_chat}": "write it as a list: [code-generation, duo_chat]",
    "{code-generation: true, duo_chat: false}":
        "write it as a list: [code-generation], without duo_chat, which is off",
    "{code-generation: yes, duo_chat: no, code-completion: null}":
        "write it as a list: [code-generation], without duo_chat and code-completion, which are off",
    "{duo_chat: disabled}": "write a list of what is on; all of these are off",
    "{code-generation: GA, duo_chat: withdrawn}": "write a list of names, without values",
    "{enabled: [code-generation], disabled: [duo_chat]}": "write a list of names, without values",
    "code-generation\n    duo_chat": "write it as a list: [code-generation, duo_chat]",
    "[[code-generation, duo_chat]]": "write its items in the outer list: code-generation, duo_chat",
    "\n    - - code-generation\n      - duo_chat": "write its items in the outer list: code-generation, duo_chat",
    "[code-generation, [duo_chat]]": "write it without brackets: duo_chat",
    "[code-generation, duo_chat: true]": "write only duo_chat",
    "[code-generation, duo_chat: off]": "remove it, because it is off",
    "[code-generation, name: duo_chat]": "write only duo_chat",
    "[code-generation duo_chat]": "write separate items: code-generation, duo_chat",
    '["code-generation, General Chat"]': "write separate items: code-generation, duo_chat",
    "[code-generation - duo_chat]": "write separate items: code-generation, duo_chat",
    "[code-generation, General Chat]": 'did you mean "duo_chat"?',
    '[code-generation, "!duo_chat"]': "remove it: a feature that is not listed is off",
    "[code-generation, no-duo_chat]": "remove it: a feature that is not listed is off",
    "[code-generation, duo_chat=off]": "remove it: a feature that is not listed is off",
}  # fmt: skip
FEATURE_RULES = ("wrong-type", "unknown-feature", "unintended-continuation", "yaml-ambiguous-scalar")


def test_hint_of_list_in_another_form():
    wrong = {}
    for value, expected in LISTS.items():
        hints = [each.hint for each in diagnostics(with_key("features", value)) if each.rule in FEATURE_RULES]
        if hints != [expected]:
            wrong[value] = hints
    assert wrong == {}


SCALARS: list[tuple[str, str, str, str]] = [  # key, value, message, hint
    ("cost_indicator", "3", "must be text, not a number", "write $, $$, $$$ or $$$$"),
    ("cost_indicator", "yes", 'cannot be "yes"', ""),
    ("family", "no", 'cannot be "no"', ""),
    ("features", "[code-generation, on]", 'cannot be "on"', ""),
    ("release_state", "true", "must be text, not true", "write GA, BETA or EXPERIMENT"),
    ("description", "yes", '"yes" is ambiguous', "put it in quotes"),
    ("description", "3.10", "must be text, not a number", "put it in quotes"),
    ("retirement", "2027-06-01", "must be a mapping of keys to values",
     "write its keys below it: notice, last_day"),
    ("default_for", "code-generation, code-completion", "must be a list, not text",
     "write it as a list: [code-generation, code-completion]"),
    ("default_for", "{code-generation: true, code-completion: 10}", "must be a whole number, not true",
     "write a share in percent, from 1 to 100"),
    ("default_for", "{code-generation: off, code-completion: 10}", 'must be a whole number, not "off"',
     "remove the key, or write a share in percent, from 1 to 100"),
    ("default_for", "{code-generation: 80%, code-completion: 10}", 'must be a whole number, not "80%"', "write 80"),
    ("retirement", "{notice: 2027-1-2, last_day: 2027-12-01, replacement: gemini}",
     'cannot be "2027-1-2"', "write 2027-01-02"),
    ("default_for", "no", "must be a list, not text", "remove the key, or write a list, such as [code-generation]"),
    ("suspended", "false", "must be a mapping", "remove the key, or write its keys below it: since, reason"),
    ("release_state_for", "BETA", "must be a mapping", "write a mapping, such as {duo_chat: BETA}"),
    ("context_window", "200_000", 'must be a whole number, not "200_000"', "write 200000"),
    ("capabilities", "[vision tools]", 'cannot be "vision tools"', "separate them with commas: vision, tools"),
    ("processed_in", "[US]", 'cannot be "US"', "write us"),
    ("aliases", "[My Claude]", 'cannot be "My Claude"', "write my_claude"),
    ("retirement", "|\n    notice: 2026-01-01\n    last_day: 2027-01-01", "must be a mapping of keys",
     "write its keys below it: notice, last_day"),
    ("endpoint", ">\n    https://example-models.com/v1\n    https://example-models.com/v2", "this line is read as",
     "write the value on one line"),
    ("id", "My-Claude", 'cannot be "My-Claude"', "write my-claude"),
    ("id", '"claude "', 'cannot be "claude "', "write claude"),
    ("endpoint", '"https://example-models.com/v1 "', "is not a valid address", "remove the space after it"),
    ("endpoint", '" https://example-models.com/v1"', "is not a valid address", "remove the space before it"),
    ("endpoint", '" https://example-models.com/ "', "is not a valid address", "remove the space around it"),
    ("identifier", '"bedrock/claude-1\\n"', "is not of the form provider/model", "remove the space after it"),
]  # fmt: skip


def test_hint_of_scalar_that_quotes_do_not_correct():
    wrong = {}
    for key, value, message, hint in SCALARS:
        first = diagnostics(with_key(key, value))[0]
        if message not in first.message or first.hint != hint:
            wrong[key, value] = first
    assert wrong == {}


def test_numbers_in_other_forms():
    forms = {
        "1e1": [10], "10.0": [10], "1.5": [], "0o7": [7], "0o9": [], "0x1F": [31], "0b11": [3], "012": [12, 10],
        "009": [9], "1_000": [1000], "7 days": [7], "80%": [80], "2 weeks": [], "seven": [], "": [],
        "12345678901234567890": [], "-1": [-1], "128,000": [128000], "1,000,000 tokens": [1000000],
        "0,5": [], "1,28,000": [], "1,0000": [], "1,000.5": [],
    }  # fmt: skip
    assert {text: intended_numbers(text) for text in forms} == forms


def test_list_is_fixed_only_where_nothing_is_left_out():
    assert fix_of({"code-generation": None, "duo_chat": None}) == ("code-generation", "duo_chat")
    assert fix_of("code-generation, duo_chat") == ("code-generation", "duo_chat")
    for value in ({"code-generation": True, "duo_chat": False}, "code-generation, !duo_chat", "General Chat"):
        assert fix_of(value) is None


def fix_of(features: Any) -> Any:
    (finding,) = SCHEMA.explain(PATH, [MODEL | {"features": features}])[0]
    return replacement(finding)


def replacement(finding: Finding) -> Any:
    return finding.fix[0].value if finding.fix and isinstance(finding.fix[0], Replace) else None

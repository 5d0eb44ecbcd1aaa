"""ModelChanges of a model in a roster: its values as requested, and everything else unchanged."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roster.edit.editor import Editor
from roster.edit.model_edits import ModelChanges, same_value
from roster.edit.verbatim import Verbatim
from roster.findings import ConfigurationError
from roster.yaml.document import parse
from tests.properties import examples

BLOCK = """\
# the start
- name: 'A' # first
  features:
    - chat # talks
    - fix
  # why it has words
  description: >-
    some
    words
  provider: Bedrock # B
  default_for: [chat, fix]

# the second
- name: B
  features: [chat]
"""
FLOW = '[{"name": "A", "features": ["chat", "fix"], "provider": "B"}]\n'
EXAMPLES: dict[str, tuple[str, ModelChanges, str, str]] = {
    "value with quotes and a comment": (BLOCK, {"name": "C"}, "'A' # first", "'C' # first"),
    "value that needs quotes": (BLOCK, {"provider": "a: b"}, "Bedrock #", "'a: b' #"),
    "folded block scalar": (BLOCK, {"description": "new"}, ">-\n    some\n    words", "new"),
    "replaced item": (BLOCK, {"features": ("fix", "code")}, "- chat #", "- code #"),
    "added items in a block list": (
        BLOCK, {"features": ("chat", "fix", "code", "test")}, "    - fix\n", "    - fix\n    - code\n    - test\n",
    ),
    "removed item in a block list": (BLOCK, {"features": ("fix",)}, "    - chat # talks\n", ""),
    "added item in brackets": (BLOCK, {"default_for": ("fix", "chat", "x")}, "fix]", "fix, x]"),
    "removed item in brackets": (BLOCK, {"default_for": ("fix",)}, "[chat, fix]", "[fix]"),
    "same list in another order": (BLOCK, {"features": ("fix", "chat")}, "", ""),
    "removed key with a block scalar": (BLOCK, {"description": None}, "  description: >-\n    some\n    words\n", ""),
    "removed key with a list": (
        BLOCK, {"features": None}, "  features:\n    - chat # talks\n    - fix\n", "",
    ),
    "removal of a missing key": (BLOCK, {"family": None}, "", ""),
    "removed key on the line of the dash": (BLOCK, {"name": None}, "- name: 'A' # first\n  features:", "- features:"),
    "added keys in schema order": (
        BLOCK,
        {"cost_indicator": "$", "display_name": "D", "family": "f"},
        "- name: 'A' # first\n|words\n  provider: Bedrock # B\n  default_for: [chat, fix]\n",
        (
            "- name: 'A' # first\n  family: f\n|"
            "words\n  provider: Bedrock # B\n  cost_indicator: $\n  default_for: [chat, fix]\n  display_name: D\n"
        ),
    ),
    "added list in the style of the others": (
        BLOCK.replace("  default_for: [chat, fix]\n", ""), {"default_for": ("chat", "fix")},
        "    - fix\n", "    - fix\n  default_for:\n    - chat\n    - fix\n",
    ),
    "CRLF": (
        BLOCK.replace("\n", "\r\n"), {"features": ("chat", "fix", "code"), "provider": None, "name": "C"},
        "'A'|- fix\r\n|  provider: Bedrock # B\r\n", "'C'|- fix\r\n    - code\r\n|",
    ),
    "value within braces": (FLOW, {"provider": "C, D"}, '"B"', '"C, D"'),
    "plain value within braces": ("- {name: A, provider: B}\n", {"provider": "C, D"}, "B", '"C, D"'),
    "removed key within braces": (FLOW, {"provider": None}, ', "provider": "B"', ""),
    "removed first key within braces": (FLOW, {"name": None}, '"name": "A", ', ""),
    "added keys within braces": (
        FLOW, {"family": "f", "default_for": ("fix",)},
        '"name": "A", |"fix"], ', '"name": "A", "family": "f", |"fix"], "default_for": ["fix"], ',
    ),
    "added items in an empty list": ("- name: A\n  features: [] # c\n", {"features": ("a", "b")}, "[]", "[a, b]"),
    "YAML alias as a value": (
        "- name: &a A\n  provider: *a\n", {"provider": "C"}, "*a", "C",
    ),
    "byte order mark": ("\ufeff- name: A\n", {"name": "B"}, "A", "B"),
    "no final line break": ("- name: A\n  family: f", {"family": None}, "\n  family: f", ""),
}  # fmt: skip


def update(text: str, changes: ModelChanges) -> str:
    return Editor("roster.yaml", text.encode()).update_model(0, changes).decode()


@pytest.mark.parametrize(("before", "changes", "old", "new"), EXAMPLES.values(), ids=EXAMPLES)
def test_update_changes_only_the_requested_values(before: str, changes: ModelChanges, old: str, new: str):
    expected = before
    for one, other in zip(old.split("|"), new.split("|"), strict=True):
        assert one in expected
        expected = expected.replace(one, other, 1)
    assert update(before, changes) == expected


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("- &a\n  name: A\n- *a\n", {"name": "B"}),
        ("- name: A\n  provider: &p B\n- name: *p\n", {"provider": "C"}),
        ("- features: &f [a]\n- features: *f\n", {"features": ("a", "b")}),
        ("- name: A\n  features: a\n", {"features": ("b",)}),
        ("- name: A # c\n  # d\n  family: f\n", {"name": None}),
    ],
    ids=["alias of the model", "alias of the value", "alias of the list", "text instead of a list", "comment"],
)
def test_update_that_affects_something_else_is_rejected(text: str, changes: ModelChanges):
    message = r"^cannot change \w+ in roster\.yaml: other content would change; change it by hand$"
    with pytest.raises(ConfigurationError, match=message):
        update(text, changes)


ANY_TEXT = st.text(min_size=1) | st.text("ab:#-?,[]{}&*!|>'\"%\n ", min_size=1) | st.sampled_from(["no", "1e3", "~"])
LISTS = st.lists(st.sampled_from("abcd") | ANY_TEXT, min_size=1, max_size=4, unique=True).map(tuple)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("name", "provider", "description", "family"), ANY_TEXT | st.none()),
        **dict.fromkeys(("features", "default_for"), LISTS | st.none()),
    },
)
TEXTS = (
    BLOCK,
    BLOCK.replace("\n", "\r\n"),
    FLOW,
    '[\n  {\n    "name": "A",\n    "features": [\n      "a"\n    ],\n    "provider": "B"\n  }\n]\n',
    "-   provider: 'x'\n    features: [ a, b, ]\n    id: a\n-   name: B\n",
    "-\n  id: a\n  features:\n  - a\n  - b\n",
)


@given(st.sampled_from(TEXTS), CHANGES)
@example(BLOCK, {"features": ("a", "b"), "default_for": None, "family": "f"})
@example(BLOCK, {"features": ("a, b", "c]", "#"), "default_for": ("x", "y", "z")})
def test_any_update_sets_the_values_and_keeps_everything_else(text: str, changes: dict[str, Any]):
    try:
        after = update(text, changes)
    except ConfigurationError:
        assert changes.get("name", "") is None, "only a comment on the line of the dash prevents an update"
        return
    old, new = (parse("roster.yaml", side.encode()).value for side in (text, after))
    assert new[1:] == old[1:]
    assert {key: value for key, value in new[0].items() if key not in changes} == {
        key: value for key, value in old[0].items() if key not in changes
    }
    assert all(same_value(new[0].get(key), value) for key, value in changes.items())
    assert update(after, changes) == after
    assert re.findall("# [a-z ]+$", text, re.M)[:1] == re.findall("# [a-z ]+$", after, re.M)[:1]


SHARES = st.dictionaries(st.sampled_from(["a", "b", "c-d", "on", "e f"]), st.integers(1, 100), min_size=1)
SHARES_TEXTS = (
    "- default_for: {a: 20, b: 100} # of\n  name: A\n- name: B\n",
    "- name: A\n  default_for:\n    a: 20 # kept\n\n    # below\n    b: 100\n- name: B\n",
    '[{"name": "A", "default_for": {\n  "a": 20,\n  "b": 100\n}}, {"name": "B"}]',
)


@examples(60)
@given(st.sampled_from(SHARES_TEXTS), SHARES)
def test_update_of_shares_sets_them_and_keeps_everything_else(text: str, shares: dict[str, int]):
    after = update(text, {"default_for": Verbatim(shares)})
    old, new = (parse("roster.yaml", side.encode()).value for side in (text, after))
    assert new == [old[0] | {"default_for": shares}, *old[1:]]
    assert ("# kept" in after) == ("# kept" in text and "a" in shares)
    assert after.count("# of") == text.count("# of")

"""Values that promotion copies as they are written, into rosters of other styles."""

from __future__ import annotations

from itertools import product

from roster.edit.editor import Editor
from roster.edit.verbatim import Verbatim, verbatim_values
from roster.model import comparable
from roster.yaml.document import parse

VALUES = {
    "text": "owner: group/team\n",
    "quoted text": "owner: 'it''s: {quoted}' # comment\n",
    "number": "weight: 1.50\n",
    "boolean": "beta: true\n",
    "nothing": "reviewed:\n",
    "null": "reviewed: null\n",
    "flow list": "tags: [a, 'b, c']\n",
    "flow mapping": "limits: {rpm: 10, tpm: {in: 1, out: [2]}}\n",
    "flow mapping on two lines": "limits: {rpm: 10,\n  tpm: 20}\n",
    "block list": "tags:\n- a\n- b\n",
    "indented block list": "tags:\n  - a # first\n\n  # then\n  - {b: c}\n",
    "block mapping": "limits:\n  rpm: 10\n  tpm:\n    in: 1\n",
    "block mapping after a comment": "limits: # per minute\n  rpm: 10\n",
    "literal text": "notes: |\n  First line\n\n    indented\n  last\n",
    "folded text": "notes: >-\n  First line\n  second line\n",
    "plain text on two lines": "notes: First line\n  second line\n",
    "empty list": "tags: []\n",
    "empty mapping": "limits: {}\n",
}
SOURCES = {
    "block": "- name: A\n  {}  family: b\n",
    "wide block": "-   name: A\n    {}    family: b\n",
    "first key": "- {}  name: A\n",
    "last model": "- name: A\n  {}",
}
TARGETS = {
    "block": "- name: A # the first\n  family: b\n\n- name: B\n  family: b\n",
    "indented block": "  -   name: A\n      family: b\n",
    "braces": "- {name: A, family: b}\n- {name: B, family: b}\n",
    "brackets": '[{"name": "A", "family": "b"}, {"name": "B", "family": "b"}]\n',
    "Windows line breaks": "- name: A\r\n  family: b\r\n",
    "no final line break": "- name: A\n  family: b",
}


def source_value(text: str, source: str) -> tuple[str, Verbatim]:
    """Return the key of a value, and the value, as read from a source file."""
    margin = (
        " " * (SOURCES[source].index("{}") - SOURCES[source].rindex("\n", 0, SOURCES[source].index("{}")) - 1)
        if ("\n" in SOURCES[source].split("{}")[0])
        else "  "
    )
    first, *others = text.splitlines(keepends=True)
    indented = first + "".join(margin + line if line.strip() else line for line in others)
    document = parse("", SOURCES[source].format("\0").replace("\0", indented).encode())
    assert document.readable, document
    values = verbatim_values(document, 0)
    key = text.partition(":")[0]
    return key, values[key]


def test_value_is_copied_into_every_style():
    for (what, text), source, (style, target) in product(VALUES.items(), SOURCES, TARGETS.items()):
        case = f"{what} from {source} to {style}"
        key, value = source_value(text, source)
        before = parse("", target.encode()).value
        after = Editor("", target.encode()).update_model(0, {key: value})
        updated, *others = parse("", after).value
        assert comparable([updated, *others]) == comparable([before[0] | {key: value.value}, *before[1:]]), case
        inserted = Editor("", target.encode()).insert_model({"name": "C", key: value, "family": "b"})
        expected = [*before, {"name": "C", key: value.value, "family": "b"}]
        assert comparable(parse("", inserted).value) == comparable(expected), case


def test_value_replaces_another():
    old_values = ("x", "{a: 1}", "\n    a: 1\n    b: 2", "|\n    x\n    y", "[a, b]", "\n  - a\n  - b")
    for (what, text), old in product(VALUES.items(), old_values):
        key, value = source_value(text, "block")
        target = f"- name: A\n  {key}: {old}\n  family: b # last\n"
        assert parse("", target.encode()).readable, target
        after = Editor("", target.encode()).update_model(0, {key: value}).decode()
        assert comparable(parse("", after.encode()).value[0][key]) == comparable(value.value), f"{what} for {old}"
        assert after.endswith("\n  family: b # last\n")


def test_copied_value_keeps_style_and_comments():
    key, value = source_value(VALUES["indented block list"], "wide block")
    after = Editor("", TARGETS["block"].encode()).update_model(0, {key: value}).decode()
    assert after.startswith(
        "- name: A # the first\n  family: b\n  tags:\n    - a # first\n\n    # then\n    - {b: c}\n\n- name: B\n"
    )

"""Insertion of a model into a roster: in the roster's style, with its exact values, and every other byte unchanged."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from roster.edit.editor import Editor
from roster.edit.style import Value
from roster.findings import ConfigurationError
from roster.yaml.document import parse
from tests.edit.roster_styles import ROSTER_STYLES, RosterStyle
from tests.properties import examples

NEW: dict[str, Value] = {
    "name": "Claude: 4",
    "identifier": "bedrock/claude-4-v1:0",
    "api-key": "AIGW_MODEL_CLAUDE_4_API_KEY",
    "features": ("duo_chat", "code-generation"),
    "cost_indicator": "$$",
}
NEW_LINES = """\
- name: "Claude: 4"
  identifier: bedrock/claude-4-v1:0
  api-key: AIGW_MODEL_CLAUDE_4_API_KEY
  features: [duo_chat, code-generation]
  cost_indicator: $$
"""
EXAMPLES = {
    "blank line before the second model": (
        "- name: A\n  features: [duo_chat]\n",
        "- name: A\n  features: [duo_chat]\n\n" + NEW_LINES,
    ),
    "no blank lines between models": ("- name: A\n- name: B\n", "- name: A\n- name: B\n" + NEW_LINES),
    "no final line break": ("- name: A", "- name: A\n\n" + NEW_LINES.rstrip("\n")),
    "CRLF": ("- name: A\r\n", "- name: A\r\n\r\n" + NEW_LINES.replace("\n", "\r\n")),
    "keys in the order of the last model": (
        "- cost_indicator: $\n  features: [duo_chat]\n  name: A\n",
        (
            "- cost_indicator: $\n  features: [duo_chat]\n  name: A\n\n"
            "- cost_indicator: $$\n  features: [duo_chat, code-generation]\n"
            '  name: "Claude: 4"\n  identifier: bedrock/claude-4-v1:0\n  api-key: AIGW_MODEL_CLAUDE_4_API_KEY\n'
        ),
    ),
    "indented dashes, block lists and single quotes": (
        "  -   name: 'A'\n      features:\n        -  duo_chat\n      identifier: 'bedrock/a-1'\n",
        (
            "  -   name: 'A'\n      features:\n        -  duo_chat\n      identifier: 'bedrock/a-1'\n\n"
            "  -   name: 'Claude: 4'\n      features:\n        -  duo_chat\n        -  code-generation\n"
            "      cost_indicator: '$$'\n      identifier: 'bedrock/claude-4-v1:0'\n"
            "      api-key: 'AIGW_MODEL_CLAUDE_4_API_KEY'\n"
        ),
    ),
    "dash on a line of its own, and a list without indentation": (
        "-\n  name: A\n  features:\n  - duo_chat\n",
        (
            "-\n  name: A\n  features:\n  - duo_chat\n\n"
            '-\n  name: "Claude: 4"\n  identifier: bedrock/claude-4-v1:0\n  api-key: AIGW_MODEL_CLAUDE_4_API_KEY\n'
            "  features:\n  - duo_chat\n  - code-generation\n  cost_indicator: $$\n"
        ),
    ),
    "model in braces": (
        "- { name: A, features: [ duo_chat ] }\n",
        (
            "- { name: A, features: [ duo_chat ] }\n\n"
            '- { name: "Claude: 4", identifier: "bedrock/claude-4-v1:0", api-key: AIGW_MODEL_CLAUDE_4_API_KEY, '
            "features: [ duo_chat, code-generation ], cost_indicator: $$ }\n"
        ),
    ),
    "roster in brackets": (
        "[{name: A}]\n",
        (
            '[{name: A}, {name: "Claude: 4", identifier: "bedrock/claude-4-v1:0", '
            "api-key: AIGW_MODEL_CLAUDE_4_API_KEY, features: [duo_chat, code-generation], cost_indicator: $$}]\n"
        ),
    ),
    "comments of the last model and at the end": (
        "- name: A # first\n  # second\n\n  # third\n\n# the end\n",
        "- name: A # first\n  # second\n\n  # third\n\n" + NEW_LINES + "\n# the end\n",
    ),
    "comment between two models": (
        "- name: A\n\n# B\n- name: B\n",
        "- name: A\n\n# B\n- name: B\n\n" + NEW_LINES,
    ),
    "blank lines at the end": ("- name: A\n\n\n", "- name: A\n\n" + NEW_LINES + "\n\n"),
    "document markers": ("---\n- name: A\n...\n", "---\n- name: A\n\n" + NEW_LINES + "...\n"),
    "folded block scalar at the end": (
        "- name: A\n  description: >-\n    a\n    b\n\n# c\n",
        "- name: A\n  description: >-\n    a\n    b\n\n" + NEW_LINES + "\n# c\n",
    ),
    "YAML alias at the end": ("- &a\n  name: A\n- *a\n", "- &a\n  name: A\n- *a\n-\n" + "  " + NEW_LINES[2:]),
    "byte order mark": ("\ufeff- name: A\n", "\ufeff- name: A\n\n" + NEW_LINES),
    "empty file": ("", NEW_LINES),
    "only comments": ("# c\n", "# c\n\n" + NEW_LINES),
    "only comments and a blank line": ("# c\n\n", "# c\n\n" + NEW_LINES),
    "only a heading": ("## c #\n", "## c #\n\n" + NEW_LINES),
    "only a document marker": ("---\n", "---\n" + NEW_LINES),
    "empty list": ("[]\n", NEW_LINES),
    "empty list between comments": ("# a\n[] # b\n# c\n", "# a\n# b\n\n" + NEW_LINES + "# c\n"),
    "empty list on the line of the document marker": ("--- []\n", "---\n" + NEW_LINES),
    "null": ("null\n", NEW_LINES),
    "empty list with a comment in brackets": (
        "[\n  # none yet\n]\n",
        (
            '[\n  # none yet\n  {name: "Claude: 4", identifier: "bedrock/claude-4-v1:0", '
            "api-key: AIGW_MODEL_CLAUDE_4_API_KEY, features: [duo_chat, code-generation], cost_indicator: $$}\n]\n"
        ),
    ),
}


def insert(text: str, model: dict[str, Value]) -> str:
    return Editor("roster.yaml", text.encode()).insert_model(model).decode()


@pytest.mark.parametrize(("before", "after"), EXAMPLES.values(), ids=EXAMPLES)
def test_inserted_model_has_the_style_of_the_roster(before: str, after: str):
    assert insert(before, NEW) == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- name: A\n name: B\n", "it cannot be read as YAML; roster check shows what is wrong"),
        ("name: A\n", "it is not a list of models; roster check shows what is wrong"),
        ("just text\n", "it is not a list of models; roster check shows what is wrong"),
        # the line break that the new model needs would become part of the text before it
        ("- description: |\n    a", "other content would change; add it by hand"),
        ("---\n...\n", "other content would change; add it by hand"),
    ],
)
def test_insertion_into_unsuitable_file_is_rejected(text: str, reason: str):
    with pytest.raises(ConfigurationError) as rejected:
        insert(text, NEW)
    assert str(rejected.value) == f"cannot add a model to roster.yaml: {reason}"


ANY_TEXT = st.one_of(
    st.text(min_size=1),
    st.text("ab01 :#-?,[]{}&*!|>'\"%@`\\~=<\t\n.$", min_size=1),
    st.sampled_from(
        ["no", "On", "y", "null", "~", "012", "1e3", "22:22", "1_000", "0x1F", ".5", ".nan", "2026-01-01", "true", "="]
    ),
)
ANY_MODEL = st.fixed_dictionaries(
    {"name": ANY_TEXT, "features": st.lists(ANY_TEXT, min_size=1, max_size=3).map(tuple)},
    optional={"description": ANY_TEXT, "provider": ANY_TEXT},
)


def as_value(model: dict[str, Value]) -> dict[str, Any]:
    return {key: value if isinstance(value, str) else list(value) for key, value in model.items()}


@examples(300)
@given(st.sampled_from(sorted(EXAMPLES)), ANY_MODEL)
@example("model in braces", {"name": "a: b", "features": ("a, b", "c]", "{d", "e #f", "g:h")})
@example("CRLF", {"name": "a\r\nb", "features": ("\x00\x7f\x85\u2028\ufeff\U000e0001",)})
@example(
    "indented dashes, block lists and single quotes",
    {"name": "it's", "features": ("\t", " ", "a ", " a", "'", '"', "\\")},
)
def test_every_yaml_reader_reads_the_inserted_values(name: str, model: dict[str, Value]):
    before, _ = EXAMPLES[name]
    after = insert(before, model)
    document, old = parse("roster.yaml", after.encode()), parse("roster.yaml", before.encode())
    assert document.value == [*(old.value or []), as_value(model)]
    assert [finding.rule for finding in document.findings] == [finding.rule for finding in old.findings]
    assert yaml.safe_load(after)[-1] == as_value(model)
    assert YAML(typ="safe", pure=True).load(after)[-1] == as_value(model)


@given(st.sampled_from([name for name, (before, _) in EXAMPLES.items() if "[]" not in before and before != "null\n"]))
def test_insertion_keeps_every_other_byte(name: str):
    before, _ = EXAMPLES[name]
    after = insert(before, NEW)
    assert any(after.startswith(before[:cut]) and after.endswith(before[cut:]) for cut in range(len(before) + 1))


@st.composite
def damaged_rosters(draw: st.DrawFn) -> str:
    """Examples with some characters inserted or removed."""
    text, _ = EXAMPLES[draw(st.sampled_from(sorted(EXAMPLES)))]
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    return text[:start] + draw(st.text("-:?,[]{}#&*!|>'\"%@\n\r\t abA~.", max_size=6)) + text[end:]


@examples(500)
@given(damaged_rosters())
@example("- *a\n")
@example("- ?")
@example("- - - a\n")
@example("- ? a\n  : b\n")
@example("- a: b\n  a: c\n")
@example("-\n-\n")
@example("- {}\n")
@example("- key:\n")
@example("- [a, b]\n- features: []\n")
@example("- features: [&a a, *a, ]\n")
def test_insertion_into_any_text_succeeds_or_is_rejected(text: str):
    old = parse("roster.yaml", text.encode())
    try:
        after = insert(text, NEW)
    except ConfigurationError:
        return
    assert parse("roster.yaml", after.encode()).value == [*(old.value or []), as_value(NEW)]


WORDS = st.from_regex("w[a-z0-9/ _-]{0,8}[a-z]", fullmatch=True)
FEATURES = st.lists(WORDS, min_size=2, max_size=3)
SIMPLE_MODELS = st.permutations(["name", "features", "identifier", "default_for", "provider"]).flatmap(
    lambda keys: st.lists(
        st.tuples(*(FEATURES if key in ("features", "default_for") else WORDS for key in keys)).map(
            lambda values: dict(zip(keys, values, strict=True))
        ),
        min_size=3,
        max_size=4,
    )
)


def sorted_values(model: dict[str, Any]) -> dict[str, Value]:
    return {key: value if isinstance(value, str) else tuple(value) for key, value in sorted(model.items())}


@given(ROSTER_STYLES, SIMPLE_MODELS)
def test_inserting_the_last_model_equals_writing_all_models(style: RosterStyle, models: list[dict[str, Any]]):
    assume(not style.end.startswith("\n#") or style.line_break != "\r")
    before, after = style.write(models[:-1]), style.write(models)
    assert insert(before, sorted_values(models[-1])) == after


@given(SIMPLE_MODELS, st.sampled_from([None, 2, 4, "\t"]))
def test_insertion_keeps_json(models: list[dict[str, Any]], indent: int | str | None):
    before, after = json.dumps(models[:-1], indent=indent), json.dumps(models, indent=indent)
    assert insert(before, sorted_values(models[-1])) == after

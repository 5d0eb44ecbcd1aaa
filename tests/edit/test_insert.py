"""A model added to a roster's text: in the text's own style, with its exact values, and with every other byte kept."""

import json
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from roster.edit.insert import insert
from roster.edit.style import Value
from roster.findings import ConfigurationError
from roster.yaml.document import read

NEW: dict[str, Value] = {
    "name": "Claude: 4",
    "identifier": "bedrock/claude-4-v1:0",
    "api-key": "AIGW_MODEL_CLAUDE_4_API_KEY",
    "features": ("duo_chat", "code-generation"),
    "cost_indicator": "$$",
}
IN_OUR_STYLE = """\
- name: "Claude: 4"
  identifier: bedrock/claude-4-v1:0
  api-key: AIGW_MODEL_CLAUDE_4_API_KEY
  features: [duo_chat, code-generation]
  cost_indicator: $$
"""
EXAMPLES = {
    "the second model is set off by an empty line": (
        "- name: A\n  features: [duo_chat]\n",
        "- name: A\n  features: [duo_chat]\n\n" + IN_OUR_STYLE,
    ),
    "models without an empty line between them": ("- name: A\n- name: B\n", "- name: A\n- name: B\n" + IN_OUR_STYLE),
    "no line break at the end": ("- name: A", "- name: A\n\n" + IN_OUR_STYLE.rstrip("\n")),
    "CRLF": ("- name: A\r\n", "- name: A\r\n\r\n" + IN_OUR_STYLE.replace("\n", "\r\n")),
    "the order of the last model's keys; another key follows the one that it usually follows": (
        "- cost_indicator: $\n  features: [duo_chat]\n  name: A\n",
        (
            "- cost_indicator: $\n  features: [duo_chat]\n  name: A\n\n"
            "- cost_indicator: $$\n  features: [duo_chat, code-generation]\n"
            '  name: "Claude: 4"\n  identifier: bedrock/claude-4-v1:0\n  api-key: AIGW_MODEL_CLAUDE_4_API_KEY\n'
        ),
    ),
    "dashes, lists and quotes": (
        "  -   name: 'A'\n      features:\n        -  duo_chat\n      identifier: 'bedrock/a-1'\n",
        (
            "  -   name: 'A'\n      features:\n        -  duo_chat\n      identifier: 'bedrock/a-1'\n\n"
            "  -   name: 'Claude: 4'\n      features:\n        -  duo_chat\n        -  code-generation\n"
            "      cost_indicator: '$$'\n      identifier: 'bedrock/claude-4-v1:0'\n"
            "      api-key: 'AIGW_MODEL_CLAUDE_4_API_KEY'\n"
        ),
    ),
    "a dash on a line of its own, and a list that is not indented": (
        "-\n  name: A\n  features:\n  - duo_chat\n",
        (
            "-\n  name: A\n  features:\n  - duo_chat\n\n"
            '-\n  name: "Claude: 4"\n  identifier: bedrock/claude-4-v1:0\n  api-key: AIGW_MODEL_CLAUDE_4_API_KEY\n'
            "  features:\n  - duo_chat\n  - code-generation\n  cost_indicator: $$\n"
        ),
    ),
    "a model in braces": (
        "- { name: A, features: [ duo_chat ] }\n",
        (
            "- { name: A, features: [ duo_chat ] }\n\n"
            '- { name: "Claude: 4", identifier: "bedrock/claude-4-v1:0", api-key: AIGW_MODEL_CLAUDE_4_API_KEY, '
            "features: [ duo_chat, code-generation ], cost_indicator: $$ }\n"
        ),
    ),
    "a roster in brackets": (
        "[{name: A}]\n",
        (
            '[{name: A}, {name: "Claude: 4", identifier: "bedrock/claude-4-v1:0", '
            "api-key: AIGW_MODEL_CLAUDE_4_API_KEY, features: [duo_chat, code-generation], cost_indicator: $$}]\n"
        ),
    ),
    "comments of the last model stay with it, those at the end stay at the end": (
        "- name: A # first\n  # second\n\n  # third\n\n# the end\n",
        "- name: A # first\n  # second\n\n  # third\n\n" + IN_OUR_STYLE + "\n# the end\n",
    ),
    "a comment between two models hides no empty line": (
        "- name: A\n\n# B\n- name: B\n",
        "- name: A\n\n# B\n- name: B\n\n" + IN_OUR_STYLE,
    ),
    "empty lines at the end stay there": ("- name: A\n\n\n", "- name: A\n\n" + IN_OUR_STYLE + "\n\n"),
    "a document's marks": ("---\n- name: A\n...\n", "---\n- name: A\n\n" + IN_OUR_STYLE + "...\n"),
    "a folded text at the end": (
        "- name: A\n  description: >-\n    a\n    b\n\n# c\n",
        "- name: A\n  description: >-\n    a\n    b\n\n" + IN_OUR_STYLE + "\n# c\n",
    ),
    "an alias at the end": ("- &a\n  name: A\n- *a\n", "- &a\n  name: A\n- *a\n-\n" + "  " + IN_OUR_STYLE[2:]),
    "a byte order mark": ("\ufeff- name: A\n", "\ufeff- name: A\n\n" + IN_OUR_STYLE),
    "an empty file": ("", IN_OUR_STYLE),
    "a file of comments": ("# c\n", "# c\n\n" + IN_OUR_STYLE),
    "a file of comments that ends in an empty line": ("# c\n\n", "# c\n\n" + IN_OUR_STYLE),
    "a heading of comments": ("## c #\n", "## c #\n\n" + IN_OUR_STYLE),
    "a start without models": ("---\n", "---\n" + IN_OUR_STYLE),
    "no models": ("[]\n", IN_OUR_STYLE),
    "no models, with comments around": ("# a\n[] # b\n# c\n", "# a\n# b\n\n" + IN_OUR_STYLE + "# c\n"),
    "no models on the line of the mark": ("--- []\n", "---\n" + IN_OUR_STYLE),
    "null": ("null\n", IN_OUR_STYLE),
    "brackets that hold a comment": (
        "[\n  # none yet\n]\n",
        (
            '[\n  # none yet\n  {name: "Claude: 4", identifier: "bedrock/claude-4-v1:0", '
            "api-key: AIGW_MODEL_CLAUDE_4_API_KEY, features: [duo_chat, code-generation], cost_indicator: $$}\n]\n"
        ),
    ),
}


@pytest.mark.parametrize(("before", "after"), EXAMPLES.values(), ids=EXAMPLES)
def test_it_looks_like_its_neighbours(before: str, after: str):
    assert insert("roster.yaml", before, NEW) == after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "- name: A\n name: B\n",
            "roster.yaml cannot be read as YAML, so none can be added: roster check says what is",
        ),
        ("name: A\n", "roster.yaml is not a list of models, so none can be added"),
        ("just text\n", "roster.yaml is not a list of models, so none can be added"),
        # The line break that the new model needs would become a part of the text before it.
        ("- description: |\n    a", "roster.yaml is written in a way that nothing can be added to safely"),
        ("---\n...\n", "roster.yaml is written in a way that nothing can be added to safely"),
    ],
)
def test_what_cannot_be_added_to_is_refused(text: str, said: str):
    with pytest.raises(ConfigurationError, match=r"^roster\.yaml ") as refused:
        insert("roster.yaml", text, NEW)
    assert said in str(refused.value)


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


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(EXAMPLES)), ANY_MODEL)
@example("a model in braces", {"name": "a: b", "features": ("a, b", "c]", "{d", "e #f", "g:h")})
@example("CRLF", {"name": "a\r\nb", "features": ("\x00\x7f\x85\u2028\ufeff\U000e0001",)})
@example("dashes, lists and quotes", {"name": "it's", "features": ("\t", " ", "a ", " a", "'", '"', "\\")})
def test_every_reader_finds_the_values_that_were_asked_for(name: str, model: dict[str, Value]):
    before, _ = EXAMPLES[name]
    after = insert("roster.yaml", before, model)
    document, old = read("roster.yaml", after.encode()), read("roster.yaml", before.encode())
    assert document.value == [*(old.value or []), as_value(model)]
    assert [finding.rule for finding in document.findings] == [finding.rule for finding in old.findings]
    assert yaml.safe_load(after)[-1] == as_value(model)
    assert YAML(typ="safe", pure=True).load(after)[-1] == as_value(model)


@given(st.sampled_from([name for name, (before, _) in EXAMPLES.items() if "[]" not in before and before != "null\n"]))
def test_every_byte_stays(name: str):
    before, _ = EXAMPLES[name]
    after = insert("roster.yaml", before, NEW)
    assert any(after.startswith(before[:cut]) and after.endswith(before[cut:]) for cut in range(len(before) + 1))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An example with something put in, or taken out."""
    text, _ = EXAMPLES[draw(st.sampled_from(sorted(EXAMPLES)))]
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    return text[:start] + draw(st.text("-:?,[]{}#&*!|>'\"%@\n\r\t abA~.", max_size=6)) + text[end:]


@settings(max_examples=500, deadline=None)
@given(damaged())
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
def test_any_text_is_added_to_or_refused(text: str):
    old = read("roster.yaml", text.encode())
    try:
        after = insert("roster.yaml", text, NEW)
    except ConfigurationError:
        return
    assert read("roster.yaml", after.encode()).value == [*(old.value or []), as_value(NEW)]


class Manner(NamedTuple):
    """A way to write rosters, chosen at random; ``write`` follows it without looking at any roster."""

    dash: str
    brackets: str
    indent: str
    mark: str
    blank_lines: int
    line_break: str
    start: str
    end: str

    def write(self, models: list[dict[str, Any]]) -> str:
        between = self.line_break * (1 + self.blank_lines)
        return self.start + between.join(map(self.model, models)) + self.end.replace("\n", self.line_break)

    def model(self, model: dict[str, Any]) -> str:
        margin = " " * len(self.dash)
        return self.dash + (self.line_break + margin).join(
            f"{key}: {self.scalar(value)}" if isinstance(value, str) else f"{key}:{self.list(value, margin)}"
            for key, value in model.items()
        )

    def list(self, items: list[str], margin: str) -> str:
        if self.brackets:
            opening, between, closing = self.brackets.split("|")
            return f" {opening}{between.join(map(self.scalar, items))}{closing}"
        return "".join(f"{self.line_break}{margin}{self.indent}- {self.scalar(item)}" for item in items)

    def scalar(self, text: str) -> str:
        return f"{self.mark}{text}{self.mark}"


MANNERS = st.builds(
    Manner,
    dash=st.sampled_from(["- ", "-   ", "  - "]),
    brackets=st.sampled_from(["", "[|, |]", "[|,|]", "[ |, | ]"]),
    indent=st.sampled_from(["", "  ", "    "]),
    mark=st.sampled_from(["", "'", '"']),
    blank_lines=st.integers(0, 2),
    line_break=st.sampled_from(["\n", "\r\n", "\r"]),
    start=st.sampled_from(["", "# the start\n\n", "---\n"]),
    end=st.sampled_from(["", "\n", "\n\n", "\n# the end\n", "\n\n# the end"]),
)
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


def as_asked_for(model: dict[str, Any]) -> dict[str, Value]:
    return {key: value if isinstance(value, str) else tuple(value) for key, value in sorted(model.items())}


@settings(deadline=None)
@given(MANNERS, SIMPLE_MODELS)
def test_adding_the_last_model_gives_what_writing_all_of_them_gives(manner: Manner, models: list[dict[str, Any]]):
    assume(not manner.end.startswith("\n#") or manner.line_break != "\r")
    before, after = manner.write(models[:-1]), manner.write(models)
    assert insert("roster.yaml", before, as_asked_for(models[-1])) == after


@settings(deadline=None)
@given(SIMPLE_MODELS, st.sampled_from([None, 2, 4, "\t"]))
def test_a_roster_in_json_stays_json(models: list[dict[str, Any]], indent: int | str | None):
    before, after = json.dumps(models[:-1], indent=indent), json.dumps(models, indent=indent)
    assert insert("roster.json", before, as_asked_for(models[-1])) == after

"""Retirements of a model: written like the others in the file, with every comment kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.edit.editor import Editor
from roster.edit.verbatim import Verbatim
from roster.model import DATE_KEYS
from roster.yaml.document import parse
from tests.properties import examples

TERMS = {"notice": "2026-08-05", "last_day": "2026-12-01"}
LATER = {"notice": "2026-08-05", "last_day": "2027-03-01"}
CHAT, FIX = {"features": ["chat"]}, {"features": ["fix"]}
MODEL = "- name: A\n  features: [chat, fix]\n  default_for: [chat] # mine\n  suspended: # soon\n    since: 2026-01-01\n"
BLOCK = """\
- name: A
  features: [chat, fix]
  retirement: # agreed
    notice: 2026-08-05 # first
    # the provider's day
    last_day: 2026-12-01
    reason: ours
  # the end
  aliases: [b]
"""
OWN = TERMS | {"reason": "ours"}
LIST = """\
- name: A
  retirement:
  -   notice: 2026-08-05 # c
      last_day: 2026-12-01
      features: ['chat'] # d
"""
BRACES = """\
- name: A
  retirement:
    - {notice: 2026-08-05, last_day: 2026-12-01, features: [chat]}
    - {notice: 2026-08-05, last_day: 2027-03-01, features: [fix]} # later
"""
NESTED_LIST = """\
- name: A
  retirement:
    - notice: 2026-08-05
      last_day: 2026-12-01
      features:
        - fix # c
        - chat # d
"""
EXAMPLES: dict[str, tuple[str, Any, str, str]] = {
    "first retirement of a roster": (
        MODEL, TERMS | {"replacement": "b"} | CHAT,
        " # mine\n",
        (
            " # mine\n  retirement:\n    notice: 2026-08-05\n    last_day: 2026-12-01\n    replacement: b\n"
            "    features: [chat]\n"
        ),
    ),
    "several retirements": (
        "- name: A\n", [TERMS | CHAT, LATER | FIX],
        "A\n",
        (
            "A\n  retirement:\n    - notice: 2026-08-05\n      last_day: 2026-12-01\n      features: [chat]\n"
            "    - notice: 2026-08-05\n      last_day: 2027-03-01\n      features: [fix]\n"
        ),
    ),
    "in braces as another model's": (
        "- name: A\n- name: B\n  retirement: {notice: '2020-01-01', last_day: '2021-01-01', replacement: a}\n", TERMS,
        "A\n", "A\n  retirement: {notice: '2026-08-05', last_day: '2026-12-01'}\n",
    ),
    "in a list in braces as another model's": (
        "- name: B\n  retirement:\n    - {notice: 2020-01-01, last_day: 2021-01-01}\n- name: A\n", [TERMS | CHAT],
        "A\n", "A\n  retirement:\n    - {notice: 2026-08-05, last_day: 2026-12-01, features: [chat]}\n",
    ),
    "model in braces": (
        "- {name: A, features: [chat]}\n", TERMS | CHAT,
        "]}", "], retirement: {notice: 2026-08-05, last_day: 2026-12-01, features: [chat]}}",
    ),
    "JSON": (
        '[{"name": "A"}]', TERMS, '"A"', '"A", "retirement": {"notice": "2026-08-05", "last_day": "2026-12-01"}',
    ),
    "block lists": (
        "-   name: A\n    features:\n    - chat\n", TERMS | CHAT,
        "    - chat\n",
        (
            "    - chat\n    retirement:\n      notice: 2026-08-05\n      last_day: 2026-12-01\n      features:\n"
            "      - chat\n"
        ),
    ),
    "CRLF": (
        "- name: A\r\n", TERMS,
        "A\r\n", "A\r\n  retirement:\r\n    notice: 2026-08-05\r\n    last_day: 2026-12-01\r\n",
    ),
    "changed day": (BLOCK, LATER | {"reason": "ours"}, "2026-12-01", "2027-03-01"),
    "added keys": (
        BLOCK, OWN | {"replacement": "b", "forced_by": "provider"},
        "2026-12-01\n", "2026-12-01\n    replacement: b\n    forced_by: provider\n",
    ),
    "removed key": (BLOCK, TERMS, "    reason: ours\n", ""),
    "second retirement after a mapping": (
        BLOCK, [OWN | CHAT, LATER | FIX],
        "    notice|    # the provider's day\n    last_day: 2026-12-01\n    reason: ours\n",
        (
            "    - notice|      # the provider's day\n      last_day: 2026-12-01\n      features: [chat]\n"
            "      reason: ours\n    - notice: 2026-08-05\n      last_day: 2027-03-01\n      features: [fix]\n"
        ),
    ),
    "second retirement after braces": (
        "- name: A\n  retirement: {notice: 2026-08-05, last_day: 2026-12-01} # agreed\n", [TERMS | CHAT, LATER | FIX],
        " {|} # agreed\n",
        (
            "\n    - {|, features: [chat]} # agreed\n"
            "    - {notice: 2026-08-05, last_day: 2027-03-01, features: [fix]}\n"
        ),
    ),
    "second retirement within braces": (
        "- {name: A, retirement: {notice: 2026-08-05, last_day: 2026-12-01}}\n", [TERMS | CHAT, LATER | FIX],
        "{notice|}}", "[{notice|, features: [chat]}, {notice: 2026-08-05, last_day: 2027-03-01, features: [fix]}]}",
    ),
    "third retirement like the second": (
        LIST,
        [TERMS | CHAT, LATER | FIX],
        "# d\n", "# d\n  -   notice: 2026-08-05\n      last_day: 2027-03-01\n      features: [fix]\n",
    ),
    "removed item of several": (
        BRACES, [LATER | FIX],
        "    - {notice: 2026-08-05, last_day: 2026-12-01, features: [chat]}\n", "",
    ),
    "changed features": (
        NESTED_LIST, [TERMS | CHAT], "        - fix # c\n", "",
    ),
}  # fmt: skip


def update(text: str, retirement: Any) -> str:
    position = next(index for index, model in enumerate(parse("", text.encode()).value) if model["name"] == "A")
    return Editor("roster.yaml", text.encode()).update_model(position, {"retirement": Verbatim(retirement)}).decode()


@pytest.mark.parametrize(("before", "retirement", "old", "new"), EXAMPLES.values(), ids=EXAMPLES)
def test_update_changes_only_the_retirement(before: str, retirement: Any, old: str, new: str):
    expected = before
    for one, other in zip(old.split("|"), new.split("|"), strict=True):
        assert one in expected
        expected = expected.replace(one, other, 1)
    after = update(before, retirement)
    assert after == expected
    assert update(after, retirement) == after


DAYS = st.sampled_from(["2026-08-05", "2026-12-01", "2027-03-01"])
RETIREMENTS = st.fixed_dictionaries(
    {"notice": DAYS, "last_day": DAYS},
    optional={
        "replacement": st.sampled_from(["b", "c"]),
        "features": st.sampled_from([["fix"], ["fix", "chat"], ["fix", "chat", "test"]]),
        "forced_by": st.just("provider"),
    },
)
TEXTS = (
    MODEL + "- name: B\n",
    BLOCK + "- name: B\n",
    BLOCK.replace("\n", "\r\n"),
    "- name: A\n  retirement: # agreed\n  - notice: '2026-08-05'\n    last_day: '2026-12-01'\n    features: [fix]",
    "- name: A\n  retirement: {\n    notice: 2026-08-05, # agreed\n    last_day: 2026-12-01\n  }\n- name: B",
    '[\n  {\n    "name": "A",\n    "retirement": {\n      "notice": "2026-08-05",\n      "last_day": "2026-12-01"}}]',
)


@examples(60)
@given(st.sampled_from(TEXTS), RETIREMENTS | st.lists(RETIREMENTS, min_size=1, max_size=3))
def test_any_update_sets_the_retirement_and_keeps_everything_else(text: str, retirement: Any):
    old = parse("roster.yaml", text.encode(), dates=DATE_KEYS).value
    if isinstance(old[0].get("retirement"), list) and not isinstance(retirement, list):
        retirement = [retirement]
    after = update(text, retirement)
    assert parse("roster.yaml", after.encode(), dates=DATE_KEYS).value == [
        old[0] | {"retirement": retirement},
        *old[1:],
    ]
    assert after.count("# agreed") == text.count("# agreed")
    assert ("\r\n" in after) == ("\r\n" in text)

"""The enums in the roster's JSON Schema that are generated from the registries."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roster.check.loading import load_registries
from roster.findings import ConfigurationError, Pointer
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA
from roster.schema.list_rewriting import rewrite_lists
from roster.schema.validator import registered_names
from tests.conftest import ROOT
from tests.properties import examples

REGISTRIES = load_registries(Repository(ROOT))
SCHEMA_TEXT = (ROOT / ROSTER_SCHEMA).read_text(encoding="utf-8")


def test_enums_of_this_repository_are_up_to_date():
    assert rewrite_lists(ROSTER_SCHEMA, SCHEMA_TEXT, registered_names(REGISTRIES)) == SCHEMA_TEXT


@examples(50)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])), min_size=1),
    st.sampled_from(list(registered_names(REGISTRIES))),
)
@example(['"', "\\", "é", "]"], ("$defs", "feature", "enum"))
def test_rewriting_a_list_keeps_everything_else(names: list[str], pointer: Pointer):
    after = rewrite_lists(ROSTER_SCHEMA, SCHEMA_TEXT, {pointer: names})
    expected = json.loads(SCHEMA_TEXT)
    *parents, last = pointer
    part = expected
    for key in parents:
        part = part[key]
    part[last] = names
    assert json.loads(after) == expected
    before = SCHEMA_TEXT.split("\n")
    changed = [line for line in after.split("\n") if line not in before]
    assert {line.strip(" ,") for line in changed} <= {
        json.dumps(name, ensure_ascii=False).strip(" ,") for name in names
    }
    assert rewrite_lists(ROSTER_SCHEMA, after, registered_names(REGISTRIES)) == SCHEMA_TEXT


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"enum": [\n        "code', '"enumeration": [\n        "code', r"it has no list \$defs/feature/enum"),
        ("Roster", r"Roster \ud83d\ude00", "(?!it has)"),  # JSON that is not YAML for libyaml: surrogates
    ],
)
def test_text_that_cannot_be_rewritten_is_rejected(old: str, new: str, reason: str):
    text = SCHEMA_TEXT.replace(old, new, 1)
    assert json.loads(text) != json.loads(SCHEMA_TEXT)
    with pytest.raises(ConfigurationError, match=f"cannot be rewritten: {reason}"):
        rewrite_lists(ROSTER_SCHEMA, text, registered_names(REGISTRIES))

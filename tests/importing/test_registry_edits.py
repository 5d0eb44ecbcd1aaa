"""Additions to registries: everything else in the file remains."""

import pytest

from roster.findings import ConfigurationError
from roster.importing.registry_edits import with_entries

REGISTRY = """\
# Features
- name: duo_chat # the oldest
  title: Chat
  unit_primitives: [ask_build]

- name: workflow
  title: Workflow
"""


def edited(text: str, *entries: object) -> str:
    return with_entries("schemas/features.yaml", text.encode(), entries).decode()


def test_new_entries_are_appended():
    assert edited(REGISTRY, {"name": "new", "required": False, "unit_primitives": []}) == REGISTRY + (
        "\n- name: new\n  required: false\n  unit_primitives: []\n"
    )
    assert edited("- claude\n", "gpt_5", "claude") == "- claude\n- gpt_5\n"
    assert edited("- claude", "gpt_5") == "- claude\n- gpt_5\n"


def test_registered_entry_gets_keys_replaces_them_and_loses_them():
    gateway = {"models_for_tags": {"small": "a"}, "selectable_models": ["a", "b"]}
    with_gateway = edited(REGISTRY, {"name": "duo_chat", "gateway": gateway, "unit_primitives": ["ask_commit"]})
    assert with_gateway == REGISTRY.replace(
        "[ask_build]\n",
        "[ask_commit]\n  gateway:\n    models_for_tags:\n      small: a\n    selectable_models: [a, b]\n",
    )
    assert edited(with_gateway, {"name": "duo_chat", "gateway": gateway}) == with_gateway
    without = edited(with_gateway, {"name": "duo_chat", "gateway": None, "unit_primitives": ["ask_build"]})
    assert without == REGISTRY


def test_line_breaks_and_indentation_are_those_of_the_file():
    entry, new = {"name": "duo_chat", "gateway": {"a": 1}}, {"name": "new", "title": "New"}
    expected = edited(REGISTRY, entry, new)
    assert edited(REGISTRY.replace("\n", "\r\n"), entry, new) == expected.replace("\n", "\r\n")
    indented = REGISTRY.replace("\n- ", "\n  - ").replace("\n  t", "\n    t").replace("\n  u", "\n    u")
    assert "\n    gateway:\n      a: 1\n" in edited(indented, entry, new)


def test_registry_that_must_be_edited_by_hand():
    with pytest.raises(ConfigurationError, match="its style is too unusual"):
        edited("[{name: a, title: A}]\n", {"name": "b", "title": "B"})

"""Files of GitLab's AI gateway with a wrong value anywhere: imported, or rejected with a sentence."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml

from roster.check.loading import load_registries
from roster.findings import Pointer
from roster.importing.gitlab_gateway import convert
from roster.importing.interface import Context
from roster.importing.plan import plan
from roster.importing.source import Source, SourceError
from roster.repository import Repository
from tests.conftest import ROOT
from tests.importing.test_import_command import MODELS, UNIT_PRIMITIVES

REPOSITORY, DAY = Repository(ROOT), date(2026, 6, 15)
CONTEXT = Context(load_registries(REPOSITORY), "production", DAY)
HOSTILE: list[Any] = [
    *(None, [], {}, "", 0, -1, True, 10**30, float("nan"), "x", "é\u202e", "a" * 500, "2026-02-31"),
    *(["x"], [None], [[]], [{}], {"x": None}, {"identifier": "x"}, ["claude_sonnet_5", "claude_sonnet_5"]),
]


def pointers(value: Any, pointer: Pointer = ()) -> Iterator[Pointer]:
    yield pointer
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from pointers(item, (*pointer, key))


def replaced(value: Any, pointer: Pointer, new: Any) -> Any:
    if not pointer:
        return new
    value = copy.deepcopy(value)
    parent = value
    for key in pointer[:-1]:
        parent = parent[key]
    parent[pointer[-1]] = new
    return value


@pytest.mark.slow
def test_wrong_value_anywhere_is_imported_or_rejected_in_one_sentence():
    messages = []
    files = [yaml.safe_load(MODELS), yaml.safe_load(UNIT_PRIMITIVES)]
    for index, content in enumerate(files):
        for pointer in pointers(content):
            for value in HOSTILE:
                changed = [*files]
                changed[index] = replaced(content, pointer, value)
                sources = [Source("file.yml", yaml.safe_dump(each, allow_unicode=True).encode()) for each in changed]
                try:
                    plan(REPOSITORY, "production", convert(sources, CONTEXT), DAY)
                except SourceError as error:
                    messages.append(str(error))
    assert messages
    assert not [message for message in messages if "\n" in message]

"""Files of other programs with a wrong value anywhere: imported, or rejected with a sentence."""

import copy
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from roster.check.loading import load_registries
from roster.findings import Pointer
from roster.importing.formats import FORMATS
from roster.importing.interface import Context
from roster.importing.plan import plan
from roster.importing.source import Source, SourceError
from roster.registries import ENVIRONMENTS
from roster.repository import Repository
from tests.accept.test_accept_definitions import gitlab_feature, gitlab_model
from tests.conftest import ROOT
from tests.importing.test_import_command import MODELS, UNIT_PRIMITIVES
from tests.importing.test_litellm import CONFIGURATION

DAY = date(2026, 6, 15)
CONTEXT = Context(load_registries(Repository(ROOT)), "production", DAY)
HOSTILE: list[Any] = [
    *(None, [], {}, "", True, 10**30, float("nan"), "é\u202e", "a" * 500, "2026-02-31"),
    *(["x"], [None], [{}], {"x": None}, {"identifier": "x"}, ["claude_sonnet_5", "claude_sonnet_5"]),
]


def retiring_definitions() -> dict[str, Any]:
    ending = {"deprecation_date": "2026-06-01", "removal_version": "90.1"}
    ids = ["claude_sonnet_5", "kimi_k3_fireworks"]
    lists = {"default_models": ids, "selectable_models": ids, "deprecated_models": [{"identifier": ids[0]} | ending]}
    return {
        "models": [gitlab_model(ids[0], "Claude", None), gitlab_model(ids[1], "Kimi", "Fireworks", deprecation=ending)],
        "unit_primitives": [gitlab_feature("duo_chat", **lists, dev={"selectable_models": ids})],
        "retired": [{"id": "x", "last_day": "2026-01-01", "replacement": ids[0]}],
    }


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


GATEWAY = [yaml.safe_load(MODELS), yaml.safe_load(UNIT_PRIMITIVES)]
FILES = {
    "gitlab-gateway": GATEWAY,
    "definitions": [retiring_definitions(), GATEWAY[0]],
    "litellm": [yaml.safe_load(CONFIGURATION)],
}


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FILES)
def test_wrong_value_anywhere_is_imported_or_rejected_in_one_sentence(format_name: str, tmp_path: Path):
    (tmp_path / "env").mkdir()
    shutil.copy(ROOT / ENVIRONMENTS, tmp_path / "env")
    repository = Repository(tmp_path)  # without other rosters, which a plan would check, too
    messages, files, convert = [], FILES[format_name], FORMATS[format_name].converter()
    for index, content in enumerate(files):
        for pointer in pointers(content):
            for value in HOSTILE:
                changed = [*files]
                changed[index] = replaced(content, pointer, value)
                texts = [yaml.dump(each, Dumper=yaml.CSafeDumper, allow_unicode=True) for each in changed]
                sources = [Source("file.yml", text.encode()) for text in texts]
                try:
                    plan(repository, "production", convert(sources, CONTEXT), DAY)
                except SourceError as error:
                    messages.append(str(error))
    assert messages
    assert not [message for message in messages if "\n" in message]

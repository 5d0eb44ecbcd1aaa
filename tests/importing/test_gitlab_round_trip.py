"""The law of the format gitlab-gateway: rendering an import yields the data of its files."""

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given

from roster.check.loading import load_registries
from roster.importing.gitlab.conversion import convert
from roster.importing.interface import Context
from roster.importing.registry_edits import with_entries
from roster.importing.roster_text import roster_text
from roster.importing.source import Source
from roster.model import DATE_KEYS
from roster.publishing.sequence import Publication
from roster.render.artifacts import ARTIFACTS, TARGETS
from roster.repository import Repository
from roster.roster import Roster
from roster.yaml.document import parse
from tests import large_roster
from tests.conftest import ROOT
from tests.importing.gitlab_files import gitlab_files
from tests.properties import examples

DAY = date(2026, 6, 15)
REPOSITORY = Repository(ROOT)
REGISTRIES = load_registries(REPOSITORY)
Files = tuple[dict[str, Any], dict[str, Any]]


def round_trip(files: Files) -> Files:
    """Import both files into texts of a roster and registries, read these, and render both files again."""
    sources = [
        Source(f"{name}.yml", yaml.safe_dump(content).encode()) for name, content in zip("mu", files, strict=True)
    ]
    imported = convert(sources, Context(REGISTRIES, "production", DAY))
    document = parse("", roster_text("", imported.models), dates=DATE_KEYS)
    assert document.readable
    assert not document.findings
    roster = Roster.of("", "production", document.value)
    overlay = {
        path: with_entries(path, REPOSITORY.read(path) if REPOSITORY.has(path) else b"", entries)
        for path, entries in imported.registries.items()
        if entries
    }
    registries = load_registries(REPOSITORY._replace(overlay=overlay))
    models, unit_primitives = (
        yaml.safe_load(ARTIFACTS[name].render(roster, DAY, Publication("", 1), registries))
        for name in TARGETS["gitlab-gateway"]
    )
    return models, unit_primitives


def assert_same(files: Files) -> None:
    models, unit_primitives = round_trip(files)
    features = {entry["feature_setting"]: entry for entry in unit_primitives["configurable_unit_primitives"]}
    assert features == {entry["feature_setting"]: entry for entry in files[1]["configurable_unit_primitives"]}
    listed = str(files[1])
    offered = [model for model in files[0]["models"] if model["gitlab_identifier"] in listed]
    others = [model for model in files[0]["models"] if model["gitlab_identifier"] not in listed]
    assert models["models"] == offered + others


@given(gitlab_files())
@examples(20)
def test_import_and_render_give_the_same_data(files: Files):
    assert_same(files)


@pytest.mark.slow
@given(gitlab_files())
@examples(150)
def test_import_and_render_give_the_same_data_of_many_files(files: Files):
    assert_same(files)


def test_large_roster_is_given_back():
    assert_same((large_roster.gitlab_models(), large_roster.gitlab_unit_primitives()))


def test_older_copies_are_given_back():
    model = {"name": "Codestral - Fireworks", "gitlab_identifier": "codestral", "params": {"model": "codestral-2501"}}
    claude = {"name": "Claude", "gitlab_identifier": "claude_3", "params": {"model": "claude-3-5-sonnet-20241022"}}
    qwen = {"name": "Qwen", "gitlab_identifier": "qwen", "family": ["qwen2p5-coder-7b"], "params": {"model": "qwen"}}
    feature = {"feature_setting": "duo_chat", "unit_primitives": [], "selectable_models": ["codestral", "claude_3"]}
    files = (
        {"models": [model, claude, qwen]},
        {"configurable_unit_primitives": [feature | {"default_model": "codestral"}]},
    )
    assert_same(files)

"""Tombstones of models that left a roster, from its history in git."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from roster.check import tombstone_history
from roster.check.loading import load_schema
from roster.check.pipeline import check
from roster.git import git_command, object_reader
from roster.model import RetiredModel, Retirement
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA, roster_path
from roster.yaml import document
from roster.yaml.document import Document
from tests.check.test_changed_since import Model, model, text_of
from tests.conftest import git

PRODUCTION = roster_path("production")
STAYS = model("Gemini", default_for=["duo_chat"])
LAST_DAY = "2026-06-30"
ENDS = {"notice": "2026-01-01", "last_day": LAST_DAY, "replacement": "gemini"}
CLAUDE = model("Claude")
ENDING = CLAUDE | {"retirement": ENDS}
END = Retirement(date(2026, 1, 1), date(2026, 6, 30), "gemini")
TOMBSTONE = RetiredModel((END,))

Commit = Callable[..., None]
Retired = Callable[..., dict[str, RetiredModel]]


@pytest.fixture
def commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Return a function that commits production's roster on a day: models, or bytes."""
    git(checkout, "init")

    def commit_roster(day: str, *models: Model, data: bytes | None = None) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00Z")
        (checkout / PRODUCTION).write_bytes(text_of(*models).encode() if data is None else data)
        git(checkout, "add", "--all")
        git(checkout, "commit", "--allow-empty", "--message", day)

    return commit_roster


@pytest.fixture
def tombstones(checkout: Path) -> Retired:
    """Return a function that returns the models that left production's roster, by id."""

    def read_tombstones(on: str = "2027-01-01") -> dict[str, RetiredModel]:
        repository, today = Repository(checkout), date.fromisoformat(on)
        result, schema = check(repository, today), load_schema(repository, ROSTER_SCHEMA)
        (roster,) = tombstone_history.with_retired_models(
            [result.rosters["production"]],
            checkout,
            git(checkout, "rev-parse", "HEAD"),
            schema,
            result.registries,
            today,
        )
        return dict(roster.retired)

    return read_tombstones


def test_model_that_left_after_last_day_has_tombstone(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    assert tombstones() == {}, "it is still in the file"
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": TOMBSTONE}
    commit("2026-08-01", STAYS | {"description": "Good at code"})
    assert tombstones() == {"claude": TOMBSTONE}


@pytest.mark.parametrize("day", ["2026-06-29", LAST_DAY])
def test_model_that_left_before_its_end_has_no_tombstone(day: str, commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit(day, STAYS)
    assert tombstones() == {}


def test_model_that_left_without_retirement_has_no_tombstone(commit: Commit, tombstones: Retired):
    commit("2026-02-01", CLAUDE, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {}


def test_canceled_retirement_leaves_no_tombstone(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-06-01", CLAUDE, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {}


def test_model_offered_again_has_no_tombstone(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    for returned in (CLAUDE, model("Other", id="claude", **{"api-key": "AIGW_MODEL_CLAUDE_API_KEY"})):
        commit("2026-08-01", returned, STAYS)
        assert tombstones() == {}
        commit("2026-09-01", STAYS)
        assert tombstones() == {}, "the second time it left without a retirement"


def test_name_with_escapes_is_recognized(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    escaped = text_of(CLAUDE, STAYS).replace('name: "Claude"', r'name: "\x43laude"')
    commit("2026-08-01", data=escaped.replace("AIGW_MODEL_CLAUDE", "AIGW_MODEL_X").replace("claude", "x").encode())
    commit("2026-09-01", STAYS)
    assert tombstones() == {}


def test_tombstone_has_only_features_that_still_exist(commit: Commit, tombstones: Retired):
    commit("2026-02-01", CLAUDE | {"retirement": ENDS | {"features": ["duo_chat", "forgotten"]}}, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": RetiredModel((END._replace(features=("duo_chat",)),))}
    commit("2026-07-02", CLAUDE | {"retirement": ENDS | {"features": ["forgotten"]}}, STAYS)
    commit("2026-07-03", STAYS)
    assert tombstones() == {}


def test_no_tombstone_on_earlier_day(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones(LAST_DAY) == {}
    assert tombstones("2026-07-01") == {"claude": TOMBSTONE}


def test_uncommitted_removal_happens_today(checkout: Path, commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    (checkout / PRODUCTION).write_text(text_of(STAYS))
    assert tombstones(LAST_DAY) == {}
    assert tombstones("2026-07-01") == {"claude": TOMBSTONE}


BROKEN: dict[str, bytes] = {
    "no YAML": b"- [retirement",
    "no text": b"\xff retirement",
    "no list": b"retirement: soon",
    "models without an id": text_of({**STAYS, "retirement": {}, "name": 7}).encode(),
}


@pytest.mark.parametrize("how", BROKEN)
def test_unreadable_version_is_skipped(how: str, commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-06-01", data=BROKEN[how])
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": TOMBSTONE}


@pytest.mark.parametrize(
    "wrong", [{"last_day": "soon"}, {"last_day": None}, {"replacement": "Not an id"}, {"replacement": None}]
)
def test_invalid_retirement_leaves_no_tombstone(wrong: dict[str, Any], commit: Commit, tombstones: Retired):
    commit("2026-02-01", CLAUDE | {"retirement": ENDS | wrong}, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {}


def test_each_retirement_that_is_over_remains(commit: Commit, tombstones: Retired):
    features = {"features": ["duo_chat"]}, {"features": ["code-generation"]}
    later = {"notice": "2026-01-01", "last_day": "2026-09-30"}
    commit("2026-02-01", CLAUDE | {"retirement": [ENDS | features[0], later | features[1]]}, STAYS)
    commit("2026-07-01", STAYS)
    end = END._replace(features=("duo_chat",))
    assert tombstones() == {"claude": RetiredModel((end,))}, "the other one was not over when the model left"
    commit("2026-08-01", CLAUDE | {"retirement": [ENDS | features[0], later | features[1]]}, STAYS)
    commit("2026-10-01", STAYS)
    other = Retirement(date(2026, 1, 1), date(2026, 9, 30), None, ("code-generation",))
    assert tombstones() == {"claude": RetiredModel((end, other))}
    assert tombstones("2026-09-30") == {"claude": RetiredModel((end,))}


def test_retirement_without_replacement_remains(commit: Commit, tombstones: Retired):
    commit("2026-02-01", CLAUDE | {"retirement": {"notice": "2026-01-01", "last_day": LAST_DAY}}, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": RetiredModel((END._replace(replacement=None),))}


def test_retired_model_keeps_its_aliases(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING | {"aliases": ["sonnet"]}, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": RetiredModel((END,), ("sonnet",))}


def test_renamed_model_is_not_retired(commit: Commit, tombstones: Retired):
    """It left the file under its id, but another model has that id as an alias."""
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS | {"aliases": ["claude"]})
    assert tombstones() == {}


def test_replacement_that_was_renamed_still_replaces(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, model("Pro", aliases=["gemini"]))
    commit("2026-07-01", model("Pro", aliases=["gemini"]))
    assert tombstones() == {"claude": TOMBSTONE}


def test_suspended_model_that_retired_has_tombstone(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING | {"suspended": {"since": "2026-03-01", "reason": "incident"}}, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": TOMBSTONE}


def test_other_errors_of_version_do_not_matter(commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING | {"surprise": 1, "family": "forgotten", "features": ["forgotten"]}, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": TOMBSTONE}


def test_file_that_was_deleted_and_restored_keeps_history(checkout: Path, commit: Commit, tombstones: Retired):
    commit("2026-02-01", ENDING, STAYS)
    (checkout / PRODUCTION).unlink()
    git(checkout, "commit", "--all", "--message", "away")
    (checkout / PRODUCTION).symlink_to("elsewhere.yaml")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--message", "a link")
    (checkout / PRODUCTION).unlink()
    commit("2026-07-01", STAYS)
    assert tombstones() == {}, "the file left on a day on which the model was offered"


def test_day_of_merge_counts(checkout: Path, commit: Commit, tombstones: Retired):
    """A change can be older on its branch; the day counts on which it reached HEAD's first parents."""
    commit("2026-02-01", ENDING, STAYS)
    git(checkout, "checkout", "-b", "change")
    commit("2026-06-01", STAYS)
    git(checkout, "checkout", "main")
    commit("2026-06-02", ENDING | {"description": "Not for long"}, STAYS)
    commit("2026-06-03", ENDING, STAYS)
    assert tombstones("2026-07-01") == {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_COMMITTER_DATE", "2026-07-01T00:00:00Z")
        git(checkout, "merge", "--no-ff", "--message", "merge", "change")
    assert tombstones() == {"claude": TOMBSTONE}


def test_git_configuration_does_not_matter(checkout: Path, commit: Commit, tombstones: Retired):
    for setting in ("color.ui=always", "log.showSignature=true", "diff.renames=copies", "core.abbrev=8"):
        git(checkout, "config", *setting.split("="))
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    assert tombstones() == {"claude": TOMBSTONE}


def test_only_relevant_versions_are_parsed(commit: Commit, tombstones: Retired, monkeypatch: pytest.MonkeyPatch):
    for day in range(1, 10):
        commit(f"2026-01-0{day}", STAYS | {"description": str(day)})
    commit("2026-02-01", model("Sonnet", retirement=ENDS), STAYS)
    for day in range(1, 10):
        commit(f"2026-07-0{day}", STAYS | {"description": str(day)})
    parsed: list[str] = []

    def reading(path: str, data: bytes, **options: Any) -> Document:
        parsed.append(path)
        return document.parse(path, data, **options)

    monkeypatch.setattr("roster.check.earlier_roster.parse", reading)
    assert tombstones() == {"sonnet": TOMBSTONE}
    assert len(parsed) == 1


def test_history_is_read_by_few_processes(commit: Commit, tombstones: Retired, monkeypatch: pytest.MonkeyPatch):
    for day in range(1, 10):
        commit(f"2026-01-0{day}", ENDING | {"description": str(day)}, STAYS)
    commit("2026-07-01", STAYS)
    started: list[str] = []

    class RecordedProcess(git_command.GitProcess):
        def __init__(self, root: Path, *arguments: str) -> None:
            started.append(arguments[0])
            super().__init__(root, *arguments)

    for module in (git_command, object_reader):
        monkeypatch.setattr(module, "GitProcess", RecordedProcess)
    assert tombstones() == {"claude": TOMBSTONE}
    # the commit exists, the repository's path in git, the versions, and whether the clone has all of them
    assert started == ["rev-parse", "rev-parse", "cat-file", "rev-list", "rev-parse"]


def test_no_roster_has_no_history(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    """Git takes an empty list of paths for all files; here, git is not even started."""
    monkeypatch.setenv("PATH", "")
    repository, today = Repository(checkout), date(2026, 1, 1)
    registries = check(repository, today).registries
    schema = load_schema(repository, ROSTER_SCHEMA)
    assert tombstone_history.with_retired_models([], checkout, "HEAD", schema, registries, today) == []

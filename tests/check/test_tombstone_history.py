"""Tombstones of models that left a roster's file: what its history in git holds, and nothing else."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from roster.check import tombstone_history
from roster.check.loading import load_schema
from roster.check.pipeline import check
from roster.git import git_command as roster_git
from roster.repository import ROSTER_SCHEMA, Repository, roster_path
from roster.roster import Retirement
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
TOMBSTONE = Retirement(date(2026, 1, 1), date(2026, 6, 30), "gemini")

Commit = Callable[..., None]
Retired = Callable[..., dict[str, Retirement]]


@pytest.fixture
def commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Commits a roster of production on a day: models, or bytes."""
    git(checkout, "init")

    def committed(day: str, *models: Model, data: bytes | None = None) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00Z")
        (checkout / PRODUCTION).write_bytes(text_of(*models).encode() if data is None else data)
        git(checkout, "add", "--all")
        git(checkout, "commit", "--allow-empty", "--message", day)

    return committed


@pytest.fixture
def remembered(checkout: Path) -> Retired:
    """Returns the retirements of the models that left production's roster, by id."""

    def found(on: str = "2027-01-01") -> dict[str, Retirement]:
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

    return found


def test_a_model_that_left_after_its_last_day_is_remembered(commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    assert remembered() == {}, "it is in the file, and rendered from there"
    commit("2026-07-01", STAYS)
    assert remembered() == {"claude": TOMBSTONE}
    commit("2026-08-01", STAYS | {"description": "Good at code"})
    assert remembered() == {"claude": TOMBSTONE}


@pytest.mark.parametrize("day", ["2026-06-29", LAST_DAY])
def test_one_that_left_before_its_end_was_not_retired(day: str, commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit(day, STAYS)
    assert remembered() == {}


def test_one_that_left_without_a_retirement_was_not_retired(commit: Commit, remembered: Retired):
    commit("2026-02-01", CLAUDE, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered() == {}


def test_a_retirement_that_was_withdrawn_does_not_count(commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-06-01", CLAUDE, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered() == {}


def test_one_that_is_offered_again_is_no_longer_retired(commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    for again in (CLAUDE, model("Other", id="claude", **{"api-key": "AIGW_MODEL_CLAUDE_API_KEY"})):
        commit("2026-08-01", again, STAYS)
        assert remembered() == {}
        commit("2026-09-01", STAYS)
        assert remembered() == {}, "the second time it left without a retirement"


def test_a_name_can_be_written_with_escapes(commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    escaped = text_of(CLAUDE, STAYS).replace('name: "Claude"', r'name: "\x43laude"')
    commit("2026-08-01", data=escaped.replace("AIGW_MODEL_CLAUDE", "AIGW_MODEL_X").replace("claude", "x").encode())
    commit("2026-09-01", STAYS)
    assert remembered() == {}


def test_of_some_features_only_those_are_remembered_that_still_exist(commit: Commit, remembered: Retired):
    commit("2026-02-01", CLAUDE | {"retirement": ENDS | {"features": ["duo_chat", "forgotten"]}}, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered() == {"claude": TOMBSTONE._replace(features=("duo_chat",))}
    commit("2026-07-02", CLAUDE | {"retirement": ENDS | {"features": ["forgotten"]}}, STAYS)
    commit("2026-07-03", STAYS)
    assert remembered() == {}


def test_a_day_before_the_end_does_not_know_it_yet(commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered(LAST_DAY) == {}
    assert remembered("2026-07-01") == {"claude": TOMBSTONE}


def test_a_model_that_leaves_without_a_commit_leaves_today(checkout: Path, commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    (checkout / PRODUCTION).write_text(text_of(STAYS))
    assert remembered(LAST_DAY) == {}
    assert remembered("2026-07-01") == {"claude": TOMBSTONE}


BROKEN: dict[str, bytes] = {
    "no YAML": b"- [retirement",
    "no text": b"\xff retirement",
    "no list": b"retirement: soon",
    "models that cannot be told": text_of({**STAYS, "retirement": {}, "name": 7}).encode(),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_version_that_cannot_be_read_is_passed_over(how: str, commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-06-01", data=BROKEN[how])
    commit("2026-07-01", STAYS)
    assert remembered() == {"claude": TOMBSTONE}


@pytest.mark.parametrize(
    "wrong", [{"last_day": "soon"}, {"last_day": None}, {"replacement": "Not an id"}, {"replacement": None}]
)
def test_a_retirement_that_cannot_be_read_leaves_no_tombstone(
    wrong: dict[str, Any], commit: Commit, remembered: Retired
):
    commit("2026-02-01", CLAUDE | {"retirement": ENDS | wrong}, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered() == {}


def test_other_mistakes_of_a_version_do_not_matter(commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING | {"surprise": 1, "family": "forgotten", "features": ["forgotten"]}, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered() == {"claude": TOMBSTONE}


def test_a_file_that_was_away_comes_back_with_its_past(checkout: Path, commit: Commit, remembered: Retired):
    commit("2026-02-01", ENDING, STAYS)
    (checkout / PRODUCTION).unlink()
    git(checkout, "commit", "--all", "--message", "away")
    (checkout / PRODUCTION).symlink_to("elsewhere.yaml")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--message", "a link")
    (checkout / PRODUCTION).unlink()
    commit("2026-07-01", STAYS)
    assert remembered() == {}, "the file left on a day on which the model was offered"


def test_the_day_is_that_of_the_merge(checkout: Path, commit: Commit, remembered: Retired):
    """On its branch a change can be older; what counts is when it reached the first parents of HEAD."""
    commit("2026-02-01", ENDING, STAYS)
    git(checkout, "checkout", "-b", "change")
    commit("2026-06-01", STAYS)
    git(checkout, "checkout", "main")
    commit("2026-06-02", ENDING | {"description": "Not for long"}, STAYS)
    commit("2026-06-03", ENDING, STAYS)
    assert remembered("2026-07-01") == {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_COMMITTER_DATE", "2026-07-01T00:00:00Z")
        git(checkout, "merge", "--no-ff", "--message", "merge", "change")
    assert remembered() == {"claude": TOMBSTONE}


def test_git_and_its_settings_change_nothing(checkout: Path, commit: Commit, remembered: Retired):
    for setting in ("color.ui=always", "log.showSignature=true", "diff.renames=copies", "core.abbrev=8"):
        git(checkout, "config", *setting.split("="))
    commit("2026-02-01", ENDING, STAYS)
    commit("2026-07-01", STAYS)
    assert remembered() == {"claude": TOMBSTONE}


def test_only_versions_that_can_matter_are_parsed(commit: Commit, remembered: Retired, monkeypatch: pytest.MonkeyPatch):
    for day in range(1, 10):
        commit(f"2026-01-0{day}", STAYS | {"description": str(day)})
    commit("2026-02-01", model("Sonnet", retirement=ENDS), STAYS)
    for day in range(1, 10):
        commit(f"2026-07-0{day}", STAYS | {"description": str(day)})
    parsed: list[str] = []

    def reading(path: str, data: bytes, **options: Any) -> Document:
        parsed.append(path)
        return document.parse(path, data, **options)

    monkeypatch.setattr("roster.check.tombstone_history.parse", reading)
    assert remembered() == {"sonnet": TOMBSTONE}
    assert len(parsed) == 1


def test_two_processes_read_the_whole_history(commit: Commit, remembered: Retired, monkeypatch: pytest.MonkeyPatch):
    for day in range(1, 10):
        commit(f"2026-01-0{day}", ENDING | {"description": str(day)}, STAYS)
    commit("2026-07-01", STAYS)
    started: list[str] = []
    command = roster_git._command

    def starting(root: Path, *arguments: str) -> list[str]:
        started.append(arguments[0])
        return command(root, *arguments)

    monkeypatch.setattr(roster_git, "_command", starting)
    assert remembered() == {"claude": TOMBSTONE}
    assert sorted(started[-2:]) == ["cat-file", "log"]
    assert set(started[:-2]) <= {"rev-list", "rev-parse", "status"}

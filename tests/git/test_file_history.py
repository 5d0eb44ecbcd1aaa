"""Versions of a file along the history of a branch, in real git repositories."""

import os
import re
import shutil
from datetime import date
from itertools import islice
from pathlib import Path
from typing import ClassVar

import pytest

from roster.findings import ConfigurationError
from roster.git.file_history import FileHistory, FileVersion, file_versions
from tests.conftest import git

FILE = "env/staging/roster.yaml"


def commit(root: Path, monkeypatch: pytest.MonkeyPatch, day: int, content: str | None = None) -> None:
    """Commit on a day of June: the file with ``content``, or else another file."""
    (root / FILE).parent.mkdir(parents=True, exist_ok=True)
    (root / (FILE if content is not None else "README")).write_text(content or str(day))
    commit_all(root, monkeypatch, day)


def commit_all(root: Path, monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    """Commit all files on a day of June."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-06-{day:02d}T12:00:00Z")
    git(root, "add", "--all")
    git(root, "commit", "--message", f"day {day}")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose file changed on 2, 4, 6 (a merge of a commit of 5) and 8 June."""
    git(tmp_path, "init")
    commit(tmp_path, monkeypatch, 1)
    commit(tmp_path, monkeypatch, 2, "two")
    commit(tmp_path, monkeypatch, 4, "four")
    git(tmp_path, "checkout", "-b", "change")
    commit(tmp_path, monkeypatch, 5, "five")
    git(tmp_path, "checkout", "main")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-06-06T12:00:00Z")
    git(tmp_path, "merge", "--no-ff", "--message", "merge", "change")
    commit(tmp_path, monkeypatch, 7)
    commit(tmp_path, monkeypatch, 8, "eight")
    return tmp_path


def days_and_texts(versions: list[FileVersion]) -> list[tuple[int, str]]:
    return [(version.day.day, version.content.decode()) for version in versions]


def test_versions_follow_first_parents(repository: Path):
    assert days_and_texts(list(file_versions(repository, FILE))) == [(8, "eight"), (6, "five"), (4, "four"), (2, "two")]


def test_removed_file_has_no_content(repository: Path, monkeypatch: pytest.MonkeyPatch):
    git(repository, "rm", "--quiet", FILE)
    commit(repository, monkeypatch, 9)
    assert days_and_texts(list(file_versions(repository, FILE)))[:2] == [(9, ""), (8, "eight")]


def test_day_is_in_utc(repository: Path, monkeypatch: pytest.MonkeyPatch):
    commit(repository, monkeypatch, 9, "nine")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-06-10T01:00:00+02:00")
    git(repository, "commit", "--amend", "--no-edit")
    assert next(file_versions(repository, FILE)).day == date(2026, 6, 9)


def test_repository_in_folder_of_git_repository(repository: Path):
    assert days_and_texts(list(file_versions(repository / "env", FILE.removeprefix("env/"))))[0] == (8, "eight")


class TestMovedFile:
    """Rosters of two environments with equal contents, so that only their paths distinguish them."""

    @pytest.fixture
    def moved(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder env was moved to cfg/env on 3 June, and back on 5 June; staging's roster changed in between."""
        git(tmp_path, "init")
        for name in ("production", "staging"):
            (tmp_path / f"env/{name}").mkdir(parents=True)
            (tmp_path / f"env/{name}/roster.yaml").write_text("same")
        commit(tmp_path, monkeypatch, 1)
        commit(tmp_path, monkeypatch, 2, "two")
        (tmp_path / "cfg").mkdir()
        git(tmp_path, "mv", "env", "cfg/env")
        commit_all(tmp_path, monkeypatch, 3)
        (tmp_path / "cfg" / FILE).write_text("four")
        commit_all(tmp_path, monkeypatch, 4)
        git(tmp_path, "mv", "cfg/env", "env")
        commit_all(tmp_path, monkeypatch, 5)
        return tmp_path

    HISTORY: ClassVar = [(5, "four"), (4, "four"), (3, "two"), (2, "two"), (1, "same")]

    def test_folder_is_followed(self, moved: Path):
        assert days_and_texts(list(file_versions(moved, FILE))) == self.HISTORY
        assert days_and_texts(list(file_versions(moved, "env/production/roster.yaml"))) == [
            (5, "same"),
            (3, "same"),
            (1, "same"),
        ]

    def test_oldest_first_is_the_reverse(self, moved: Path):
        with FileHistory(moved) as history:
            assert days_and_texts(list(history.oldest_first(FILE))) == self.HISTORY[::-1]

    def test_content_may_change_in_the_same_commit(self, moved: Path, monkeypatch: pytest.MonkeyPatch):
        (moved / "a part").mkdir()
        git(moved, "mv", "env", "a part/env")
        (moved / "a part" / FILE).write_text("completely different")
        commit_all(moved, monkeypatch, 6)
        versions = list(file_versions(moved / "a part", FILE))
        assert days_and_texts(versions) == [(6, "completely different"), *self.HISTORY]

    def test_one_of_several_renamed_environments_is_followed(self, moved: Path, monkeypatch: pytest.MonkeyPatch):
        """Rename detection would pair files with equal names first, and is limited by the user's configuration."""
        git(moved, "config", "diff.renameLimit", "1")
        git(moved, "config", "diff.renames", "false")
        for name in ("production", "staging"):
            path = moved / f"env/{name}/roster.yaml"
            path.write_text("".join(f"{name} {line}\n" for line in range(20)))
        commit_all(moved, monkeypatch, 6)
        for name in ("production", "staging"):
            git(moved, "mv", f"env/{name}", f"env/new-{name}")
            with (moved / f"env/new-{name}/roster.yaml").open("a") as file:
                file.write("one more\n")
        commit_all(moved, monkeypatch, 7)
        for name in ("production", "staging"):
            versions = list(file_versions(moved, f"env/new-{name}/roster.yaml"))
            assert [version.content.decode().split()[0] for version in versions[:2]] == [name, name]

    def test_renamed_environment_is_followed(self, moved: Path, monkeypatch: pytest.MonkeyPatch):
        git(moved, "mv", "env/staging", "env/trial")
        commit_all(moved, monkeypatch, 6)
        assert days_and_texts(list(file_versions(moved, "env/trial/roster.yaml"))) == [(6, "four"), *self.HISTORY]

    def test_copied_environment_is_new(self, moved: Path, monkeypatch: pytest.MonkeyPatch):
        shutil.copytree(moved / "env/staging", moved / "env/trial")
        commit_all(moved, monkeypatch, 6)
        assert days_and_texts(list(file_versions(moved, "env/trial/roster.yaml"))) == [(6, "four")]

    @pytest.mark.parametrize("path", ["env", "env/staging", FILE])
    def test_links_are_followed(self, moved: Path, monkeypatch: pytest.MonkeyPatch, path: str):
        (moved / "shared").mkdir()
        git(moved, "mv", path, "shared/target")
        (moved / path).symlink_to(os.path.relpath(moved / "shared/target", (moved / path).parent))
        commit_all(moved, monkeypatch, 6)
        (moved / FILE).write_text("seven")
        commit_all(moved, monkeypatch, 7)
        versions = days_and_texts(list(file_versions(moved, FILE)))
        assert versions[:3] == [(7, "seven"), (6, "four"), (5, "four")]

    def test_link_out_of_repository_is_left_out(self, moved: Path, monkeypatch: pytest.MonkeyPatch):
        (moved / FILE).unlink()
        (moved / FILE).symlink_to("/dev/null")
        commit_all(moved, monkeypatch, 6)
        assert days_and_texts(list(file_versions(moved, FILE))) == self.HISTORY


class TestShallowClone:
    @pytest.fixture
    def clone(self, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A clone that goes back to the merge of 6 June."""
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", "--depth", "3", f"file://{repository}", ".")
        return clone

    def test_versions_within_clone_are_read(self, clone: Path):
        assert days_and_texts(list(islice(file_versions(clone, FILE), 2))) == [(8, "eight"), (6, "five")]

    def test_end_of_clone_is_an_error(self, clone: Path):
        with pytest.raises(ConfigurationError, match=f"too shallow for the history of {FILE}: run git fetch --unshal"):
            list(file_versions(clone, FILE))

    def test_file_added_within_clone_is_complete(self, repository: Path, clone: Path, monkeypatch: pytest.MonkeyPatch):
        other = "env/staging/other.yaml"
        (clone / other).write_text("new")
        commit(clone, monkeypatch, 9)
        assert days_and_texts(list(file_versions(clone, other))) == [(9, "new")]


def test_commit_with_unreadable_time_is_dated_1970(repository: Path):
    raw = git(repository, "cat-file", "commit", "HEAD")
    days = {}
    for time in ("253402300800", "18446744073709551615", "yesterday", "4102444800"):  # the first: year 10000
        (repository / "commit").write_text(re.sub("(?m)^(committer .*>) .*", rf"\1 {time} +0000", raw) + "\n")
        name = git(repository, "hash-object", "-t", "commit", "-w", "--literally", "commit")
        days[time] = next(iter(file_versions(repository, FILE, name))).day
    assert days == dict.fromkeys(days, date(1970, 1, 1)) | {"4102444800": date(2100, 1, 1)}


def test_missing_history_is_an_error(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="there is no commit: commit the rosters, or clone"):
        list(file_versions(tmp_path, FILE))
    git(tmp_path, "init")
    with pytest.raises(ConfigurationError, match="there is no commit"):
        list(file_versions(tmp_path, FILE))


def test_unreadable_commit_is_one_error(repository: Path):
    name = git(repository, "rev-parse", "main~1")
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(ConfigurationError, match="git rev-list failed: "):
        list(file_versions(repository, FILE))

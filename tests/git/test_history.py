"""The versions of a file along the history of a branch, from repositories of git."""

from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from roster.findings import ConfigurationError
from roster.git.commit_tree import FileVersion, file_versions
from tests.conftest import git

FILE = "env/staging/roster.yaml"


def commit(root: Path, monkeypatch: pytest.MonkeyPatch, day: int, content: str | None = None) -> None:
    """Commit on a day of June; with a content, that of the file, else something else."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-06-{day:02d}T12:00:00Z")
    (root / FILE).parent.mkdir(parents=True, exist_ok=True)
    (root / (FILE if content is not None else "README")).write_text(content or str(day))
    git(root, "add", "--all")
    git(root, "commit", "--message", f"day {day}")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose file changed on 2, 4, 6 (by a merge of what was written on 5) and 8 June."""
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


def told(file_versions: list[FileVersion]) -> list[tuple[int, str]]:
    return [(version.day.day, version.content.decode()) for version in file_versions]


def test_those_of_the_first_parents_count(repository: Path):
    assert told(list(file_versions(repository, FILE))) == [(8, "eight"), (6, "five"), (4, "four"), (2, "two")]


def test_a_file_that_is_removed_has_no_content(repository: Path, monkeypatch: pytest.MonkeyPatch):
    git(repository, "rm", "--quiet", FILE)
    commit(repository, monkeypatch, 9)
    assert told(list(file_versions(repository, FILE)))[:2] == [(9, ""), (8, "eight")]


def test_a_day_is_one_of_utc(repository: Path, monkeypatch: pytest.MonkeyPatch):
    commit(repository, monkeypatch, 9, "nine")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-06-10T01:00:00+02:00")
    git(repository, "commit", "--amend", "--no-edit")
    assert next(file_versions(repository, FILE)).day == date(2026, 6, 9)


def test_the_repository_can_lie_in_a_folder_of_another(repository: Path):
    assert told(list(file_versions(repository / "env", FILE.removeprefix("env/"))))[0] == (8, "eight")


class TestAShallowClone:
    @pytest.fixture
    def clone(self, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A clone that goes back to the merge of 6 June."""
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", "--depth", "3", f"file://{repository}", ".")
        return clone

    def test_what_it_holds_is_told(self, clone: Path):
        assert told(list(islice(file_versions(clone, FILE), 2))) == [(8, "eight"), (6, "five")]

    def test_its_end_is_no_beginning(self, clone: Path):
        with pytest.raises(ConfigurationError, match=f"too shallow for the history of {FILE}: run git fetch --unshal"):
            list(file_versions(clone, FILE))

    def test_a_file_that_came_later_is_told_whole(self, repository: Path, clone: Path, monkeypatch: pytest.MonkeyPatch):
        other = "env/staging/other.yaml"
        (clone / other).write_text("new")
        commit(clone, monkeypatch, 9)
        assert told(list(file_versions(clone, other))) == [(9, "new")]


def test_without_a_history_that_is_said(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="there is no commit; clone it with git"):
        list(file_versions(tmp_path, FILE))
    git(tmp_path, "init")
    with pytest.raises(ConfigurationError, match="there is no commit"):
        list(file_versions(tmp_path, FILE))


def test_what_git_cannot_read_is_told_in_one_sentence(repository: Path):
    name = git(repository, "rev-parse", "main~1")
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(ConfigurationError, match="git rev-list failed: "):
        list(file_versions(repository, FILE))

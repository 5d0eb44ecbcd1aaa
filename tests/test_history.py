"""What a rendering says of its commit: a revision that tells what it was made of, a sequence that only grows."""

from pathlib import Path

import pytest

from roster.diagnostic import ConfigurationError
from roster.history import UNVERSIONED, publication
from tests.conftest import git


@pytest.fixture
def repository(checkout: Path) -> Path:
    """A repository with three commits on its default branch, the last of them a merge of two."""
    git(checkout, "init")
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "first")
    git(checkout, "checkout", "-b", "change")
    for message in ("one", "two"):
        git(checkout, "commit", "--allow-empty", "-m", message)
    git(checkout, "checkout", "main")
    git(checkout, "commit", "--allow-empty", "-m", "second")
    git(checkout, "merge", "--no-ff", "-m", "third", "change")
    return checkout


def test_outside_git_there_is_no_revision(checkout: Path):
    assert publication(checkout) == UNVERSIONED


def test_before_the_first_commit_there_is_no_revision(checkout: Path):
    git(checkout, "init")
    assert publication(checkout) == UNVERSIONED


def test_the_sequence_counts_merges_and_not_what_was_merged(repository: Path):
    assert publication(repository) == (git(repository, "rev-parse", "HEAD"), 3)


def test_every_clone_says_the_same(repository: Path, tmp_path_factory: pytest.TempPathFactory):
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", str(repository), ".")
    assert publication(clone) == publication(repository)


def test_the_sequence_grows_with_each_commit(repository: Path):
    before = publication(repository).sequence
    git(repository, "commit", "--allow-empty", "-m", "fourth")
    assert publication(repository).sequence == before + 1


def test_changes_that_are_not_committed_show(repository: Path):
    clean = publication(repository)
    (repository / "notes.txt").touch()
    assert publication(repository) == clean, "only what is rendered from counts"
    (repository / "env" / "staging" / "offered_models_metadata.yaml").write_text("[]\n")
    assert publication(repository) == (f"{clean.revision}-dirty", clean.sequence)


def test_a_shallow_clone_says_what_to_fetch(repository: Path, tmp_path_factory: pytest.TempPathFactory):
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--depth", "1", f"file://{repository}", ".")
    with pytest.raises(ConfigurationError, match="git fetch --unshallow"):
        publication(clone)


def test_a_broken_repository_is_told_in_one_sentence(repository: Path):
    (repository / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(ConfigurationError, match=r"git .* failed: "):
        publication(repository)


def test_a_machine_without_git_is_told_in_one_sentence(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="git cannot be run"):
        publication(repository)

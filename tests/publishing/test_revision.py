"""Revision and sequence of publications."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.findings import ConfigurationError
from roster.publishing.sequence import (
    MAX_PUBLICATION_NUMBER,
    UNVERSIONED,
    compute_sequence,
    current_publication,
    published_commit,
)
from tests.conftest import git

DAY = date(2026, 11, 15)


@pytest.fixture
def repository(checkout: Path) -> Path:
    """A repository with three commits on its default branch, the last of which merges two commits."""
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


def test_no_revision_outside_git(checkout: Path):
    assert current_publication(checkout, DAY) == UNVERSIONED


def test_no_revision_before_first_commit(checkout: Path):
    git(checkout, "init")
    assert current_publication(checkout, DAY) == UNVERSIONED


def test_branch_without_commit_is_reported(repository: Path):
    git(repository, "symbolic-ref", "HEAD", "refs/heads/new")
    with pytest.raises(ConfigurationError, match="HEAD has no commit: commit the rosters, or check out a branch"):
        current_publication(repository, DAY)


def test_sequence_counts_merges_but_not_merged_commits(repository: Path):
    assert current_publication(repository, DAY) == (git(repository, "rev-parse", "HEAD"), 3_00_2026_11_15)


def test_sequence_contains_number_and_day(repository: Path):
    assert current_publication(repository, date(2027, 1, 2), 45).sequence == 3_45_2027_01_02


parts = some.tuples(some.integers(1, 900_000), some.integers(0, MAX_PUBLICATION_NUMBER), some.dates())


@given(parts, parts)
def test_sequences_are_ordered_like_their_parts(one: tuple[int, int, date], other: tuple[int, int, date]):
    assert (compute_sequence(*one) < compute_sequence(*other)) == (one < other)
    assert one[0] < compute_sequence(*one) < 2**53, "consumers that know a bare count take it, and JSON can hold it"


def test_sequence_too_large_for_json_is_rejected():
    assert compute_sequence(900_719, 92, date(2026, 1, 1)) < 2**53
    with pytest.raises(ConfigurationError, match="900720 commits exceed what a sequence can represent"):
        compute_sequence(900_720, 0, DAY)


def test_every_clone_has_the_same_publication(repository: Path, tmp_path_factory: pytest.TempPathFactory):
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", str(repository), ".")
    assert current_publication(clone, DAY) == current_publication(repository, DAY)


def test_sequence_grows_with_each_commit(repository: Path):
    before = current_publication(repository, DAY).sequence
    git(repository, "commit", "--allow-empty", "-m", "fourth")
    assert (
        current_publication(repository, DAY).sequence > compute_sequence(3, MAX_PUBLICATION_NUMBER, date.max) > before
    )


def test_uncommitted_changes_make_revision_dirty(repository: Path):
    clean = current_publication(repository, DAY)
    (repository / "notes.txt").touch()
    assert current_publication(repository, DAY) == clean, "only inputs of rendering count"
    (repository / "env" / "staging" / "offered_models_metadata.yaml").write_text("[]\n")
    assert current_publication(repository, DAY) == (f"{clean.revision}-dirty", clean.sequence)


def test_shallow_clone_error_names_fetch_command(repository: Path, tmp_path_factory: pytest.TempPathFactory):
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--depth", "1", f"file://{repository}", ".")
    with pytest.raises(ConfigurationError, match="git fetch --unshallow"):
        current_publication(clone, DAY)


@pytest.mark.parametrize("ref", ["HEAD", "HEAD~1", "v1", "main~2", "{short}"])
def test_published_commit_is_resolved(repository: Path, ref: str):
    git(repository, "tag", "-a", "v1", "-m", "a tag with a message", "HEAD~2")
    ref = ref.format(short=git(repository, "rev-parse", "--short", "HEAD~1"))
    assert published_commit(repository, ref) == git(repository, "rev-parse", f"{ref}^{{commit}}")


@pytest.mark.parametrize("ref", ["change", "change~1", "elsewhere"])
def test_unpublished_commit_is_rejected(repository: Path, ref: str):
    git(repository, "branch", "elsewhere")
    git(repository, "checkout", "elsewhere")
    git(repository, "commit", "--allow-empty", "-m", "not merged")
    git(repository, "checkout", "main")
    with pytest.raises(ConfigurationError, match=f'"{ref}" was never published: choose HEAD or a commit from git log'):
        published_commit(repository, ref)


def test_broken_repository_is_one_error(repository: Path):
    (repository / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(ConfigurationError, match=r"git .* failed: "):
        current_publication(repository, DAY)


def test_missing_git_is_one_error(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="git cannot be run"):
        current_publication(repository, DAY)

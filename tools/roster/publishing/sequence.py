"""Sequence numbers of publications: what orders two renderings, and which commits may be published."""

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from roster.check.find_repository import find_repository
from roster.findings import ConfigurationError
from roster.git import git_command
from roster.git.commit_tree import CommitTree
from roster.git.object_reader import UnreadablePath
from roster.naming import quote
from roster.publishing.release import MAX_SEQUENCE
from roster.repository import Tree, working_tree_root


class Publication(NamedTuple):
    """The revision and sequence of a rendering.

    Attributes:
        revision: the full hash of the commit, followed by ``-dirty`` if rosters, registries or schemas have
            uncommitted changes; ``unversioned`` outside git and before the first commit.
        sequence: increases with every publication (docs/publishing.md); 0 if there is no commit.
    """

    revision: str
    sequence: int


UNVERSIONED = Publication("unversioned", 0)
MAX_PUBLICATION_NUMBER = 99
"""The sequence has two digits for the publication number."""
_CLOCK_TOLERANCE = timedelta(days=7)
"""How far a reader's clock may be behind that of the pipeline."""


def current_publication(root: Path, on: date, number: int = 0) -> Publication:
    """Return the revision and sequence of a rendering of the files in ``root``.

    Args:
        number: the publication number: 0 for the pipelines of HEAD; 1 or higher for what an operator publishes instead.

    Raises:
        ConfigurationError: git is not installed or fails, or the clone is shallow, so its commits cannot be counted.
    """
    if not working_tree_root(root) or not git_command.output(root, "rev-list", "--max-count=1", "--all"):
        return UNVERSIONED
    if git_command.is_shallow(root):
        raise ConfigurationError(
            "this clone is shallow, so its commits cannot be counted for the sequence: run git fetch --unshallow, "
            "or set GIT_DEPTH to 0 in GitLab CI"
        )
    revision = git_command.find_commit(root, "HEAD", "render")
    if not revision:
        raise ConfigurationError("cannot render: HEAD has no commit: commit the rosters, or check out a branch")
    commits = int(git_command.output(root, "rev-list", "--first-parent", "--count", "HEAD"))
    suffix = "-dirty" if _has_uncommitted_changes(root, revision) else ""
    return Publication(f"{revision}{suffix}", compute_sequence(commits, number, on))


def _has_uncommitted_changes(root: Path, revision: str) -> bool:
    """Return whether a file that rendering reads differs from the commit, or is not in it.

    ``git status`` would depend on the user's configuration: untracked and ignored files, line breaks, file modes.
    """
    repository = find_repository(root)
    try:
        commit = CommitTree(root, revision)
        return any(_text(repository, path) != _text(commit, path) for path in {*repository.paths(), *commit.paths()})
    except UnreadablePath:  # a link out of the repository, or a submodule
        return True


def _text(tree: Tree, path: str) -> bytes | None:
    """Return a file's bytes with the line breaks of a commit; None without the file."""
    return tree.read(path).replace(b"\r\n", b"\n") if tree.has(path) else None


def compute_sequence(commits: int, number: int, on: date) -> int:
    """Return the sequence: the digits of its parts, one after the other, so that it is ordered by them.

    Args:
        commits: number of commits from the first one to HEAD along first parents, which is the same in every clone.

    Raises:
        ConfigurationError: it exceeds the integers that every JSON parser represents, from 900,720 commits on.
    """
    sequence = (commits * (MAX_PUBLICATION_NUMBER + 1) + number) * 10**8 + _day_digits(on)
    if sequence > MAX_SEQUENCE:
        raise ConfigurationError(f"{commits} commits exceed what a sequence can represent")
    return sequence


def is_from_future(sequence: int, today: date) -> bool:
    """Return whether a sequence is dated in the future, or larger than any, so that it would shut out all later ones.

    A few days are tolerated, because clocks differ.
    """
    return sequence > MAX_SEQUENCE or sequence % 10**8 > _day_digits(today + _CLOCK_TOLERANCE)


def publication_day(sequence: int) -> date | None:
    """Return the day of a sequence; None if its digits are no day, as in sequences of other programs."""
    digits = sequence % 10**8
    with suppress(ValueError):
        return date(digits // 10**4, digits // 100 % 100, digits % 100)
    return None


def _day_digits(day: date) -> int:
    return day.year * 10**4 + day.month * 10**2 + day.day


def published_commit(root: Path, ref: str) -> str:
    """Return the hash of a commit that was published: HEAD, or an ancestor along first parents.

    Other commits were never published: intermediate commits of a merged branch may not even have been reviewed.

    Args:
        ref: a hash, a tag or another name of the commit.

    Raises:
        ConfigurationError: there is no such commit, or it was not published.
    """
    if not ref:
        raise ConfigurationError("cannot render: the commit has no name; is its variable empty?")
    commit = git_command.find_commit(root, ref, "render")
    if not commit:
        raise ConfigurationError(
            f"there is no commit {quote(ref)} in this clone: choose one from git log --first-parent, or fetch it"
        )
    if commit not in git_command.output(root, "rev-list", "--first-parent", "HEAD").split():
        raise ConfigurationError(
            f"{quote(ref)} was never published: choose HEAD or a commit from git log --first-parent"
        )
    return commit

"""What tells one rendering from the next: the commit that it is of, and a sequence that grows."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.git import git_command
from roster.naming import quote


class Publication(NamedTuple):
    """What tells one rendering from the next.

    Attributes:
        revision: the full hash of the commit, with ``-dirty`` after it where ``env/`` or ``schemas/`` hold changes that
            are not committed; ``unversioned`` outside git and before the first commit.
        sequence: grows with every publication, as docs/publishing.md says; 0 where there is no commit.
    """

    revision: str
    sequence: int


UNVERSIONED = Publication("unversioned", 0)
NUMBERS = 99
"""How often one commit can be published beside its own pipelines: the sequence has two digits for it."""


def publication(root: Path, on: date, number: int = 0) -> Publication:
    """Return what a rendering of the files under ``root`` publishes on a day.

    ``number``: 0 for what the pipelines of HEAD publish; from 1 for what an operator publishes in its place.

    Raises:
        ConfigurationError: git is not installed or refuses, or the clone is too shallow to count its commits.
    """
    if not git_command.is_versioned(root):
        return UNVERSIONED
    if not git_command.output(root, "rev-list", "--max-count=1", "--all"):
        return UNVERSIONED
    if git_command.is_shallow(root):
        raise ConfigurationError(
            "this clone is shallow, so its commits cannot be counted into a sequence: run git fetch --unshallow, "
            "or set GIT_DEPTH to 0 in GitLab CI"
        )
    revision = git_command.output(root, "rev-parse", "--verify", "HEAD")
    changed = git_command.output(root, "status", "--porcelain", "--", "env", "schemas")
    commits = int(git_command.output(root, "rev-list", "--first-parent", "--count", "HEAD"))
    return Publication(f"{revision}-dirty" if changed else revision, sequence(commits, number, on))


def sequence(commits: int, number: int, on: date) -> int:
    """Return the sequence, which is ordered as its parts are; as decimal digits it is the one after the other.

    ``commits``: how many there are from the first one to HEAD along first parents, the same in every clone.

    Raises:
        ConfigurationError: readers of JSON that count in floating point would misread it, from 900,719 commits on.
    """
    grown = (commits * (NUMBERS + 1) + number) * 10**8 + on.year * 10**4 + on.month * 10**2 + on.day
    if grown >= 2**53:
        raise ConfigurationError(f"{commits} commits are more than a sequence has room for")
    return grown


def earlier(root: Path, ref: str) -> str:
    """Return the full name of a commit that HEAD or one of its first parents is; ``ref`` is a tag, a hash or the like.

    No other commit was ever published: what a merged branch held on its way there may not even have been reviewed.

    Raises:
        ConfigurationError: there is no such commit, or it is none of those.
    """
    if not ref:
        raise ConfigurationError("cannot render: the commit has no name; is its variable empty?")
    commit = git_command.find_commit(root, ref, "render")
    if not commit:
        raise ConfigurationError(
            f"there is no commit {quote(ref)} in this clone: name it as git log --first-parent does, or fetch it"
        )
    if commit not in git_command.output(root, "rev-list", "--first-parent", "HEAD").split():
        raise ConfigurationError(
            f"{quote(ref)} was never published: it is neither HEAD nor in git log --first-parent, the commits before it"
        )
    return commit

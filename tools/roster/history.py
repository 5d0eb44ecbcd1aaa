"""What git knows of a repository: which commit it is at, and how many came before."""

import subprocess
from pathlib import Path
from typing import NamedTuple

from roster.diagnostic import ConfigurationError


class Publication(NamedTuple):
    """What tells one rendering from the next.

    Attributes:
        revision: the full hash of the commit, with ``-dirty`` after it where ``env/`` or ``schemas/`` hold changes that
            are not committed; ``unversioned`` outside git and before the first commit.
        sequence: the number of commits from the first one to this one along first parents, so that it grows by one with
            every merge to the default branch and is the same in every clone; 0 where there is no commit.
    """

    revision: str
    sequence: int


UNVERSIONED = Publication("unversioned", 0)


def publication(root: Path) -> Publication:
    """Return what a rendering of the files under ``root`` publishes.

    Raises:
        ConfigurationError: git is not installed or refuses, or the clone is too shallow to count its commits.
    """
    if not any((folder / ".git").exists() for folder in (root, *root.absolute().parents)):
        return UNVERSIONED
    if not _git(root, "rev-list", "--max-count=1", "--all"):
        return UNVERSIONED
    if _git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise ConfigurationError(
            "this clone is shallow, so its commits cannot be counted into a sequence: run git fetch --unshallow, "
            "or set GIT_DEPTH to 0 in GitLab CI"
        )
    revision = _git(root, "rev-parse", "--verify", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", "env", "schemas")
    sequence = int(_git(root, "rev-list", "--first-parent", "--count", "HEAD"))
    return Publication(f"{revision}-dirty" if changed else revision, sequence)


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ConfigurationError(f"git cannot be run: {(error.strerror or str(error)).lower()}") from None
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise ConfigurationError(f"git {arguments[0]} failed: {told}")
    return done.stdout.strip()

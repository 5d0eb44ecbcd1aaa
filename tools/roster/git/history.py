"""The history of a git repository: its commits, and the versions of files along first parents."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.git import git_command
from roster.naming import quote

_LOG_OPTIONS = (
    *("--first-parent", "-m", "--reverse", "--format=%ct", "--raw", "--no-abbrev", "--no-renames", "--relative"),
    *("--no-color", "--no-show-signature"),
)
_DELETED, _REGULAR_FILE = "000000", "100"
"""A mode of git, and the start of others."""


class FileRevision(NamedTuple):
    """A file as a commit left it.

    Attributes:
        day: the day of the commit, in UTC.
        content: git's name for the file's content; empty or not in git if the commit deleted the file.
    """

    path: str
    day: date
    content: str


def file_revisions(root: Path, revision: str, paths: Collection[str]) -> Iterator[FileRevision]:
    """Yield the versions of some files along the first parents of a commit, oldest first; links are left out.

    Raises:
        ConfigurationError: git cannot be run or fails.
    """
    day = date.min
    for line in git_command.output(root, "log", *_LOG_OPTIONS, revision, "--", *paths).splitlines():
        if line.isdigit():
            day = _day(line)
        elif line:
            # :OLD_MODE NEW_MODE OLD_CONTENT NEW_CONTENT STATUS<tab>PATH (git help diff, "raw output format")
            fields, _, path = line.partition("\t")
            _, mode, _, content, _ = fields.split()
            if mode == _DELETED or mode.startswith(_REGULAR_FILE):
                yield FileRevision(path, day, content if mode != _DELETED else "")


def resolve_commit(root: Path, ref: str) -> str:
    """Return the full hash of a commit; ``ref`` is a branch, a tag, a hash or the like.

    Raises:
        ConfigurationError: this clone has no such commit, or none at all.
    """
    if not git_command.find_commit(root, "HEAD", "compare"):
        raise ConfigurationError("cannot compare: this repository has no commit yet")
    if not ref:
        raise ConfigurationError("cannot compare: the commit has no name; is its variable empty?")
    commit = git_command.find_commit(root, ref, "compare")
    if not commit:
        raise ConfigurationError(
            f"there is no commit {quote(ref)} in this clone: fetch it or its branch (git fetch origin BRANCH); "
            "in GitLab CI, set GIT_DEPTH to 0 and compare with $CI_MERGE_REQUEST_DIFF_BASE_SHA"
        )
    return commit


def default_branch(root: Path, name: str = "") -> str:
    """Return the full ref of the default branch: that of the remote ``origin``, else ``main`` or ``master``.

    ``name``: the branch's name, if it is known.

    Raises:
        ConfigurationError: this clone has no such branch, or git cannot be run or fails.
    """
    names = [name] if name else ["HEAD", "main", "master"]
    refs = [f"refs/{namespace}/{each}" for namespace in ("remotes/origin", "heads") for each in names]
    result = git_command.run(root, "for-each-ref", "--format=%(refname)", *refs)
    if result.returncode:
        raise ConfigurationError(f"cannot compare: {git_command.error_message(result.stderr)}")
    present = result.stdout.decode(errors="replace").splitlines()
    for ref in refs:
        if ref in present:
            return ref
    resolve_commit(root, "HEAD")
    missing = f"branch {quote(name)}" if name else "default branch (origin/HEAD, main or master)"
    advice = "fetch it, or name what to compare with" if name else "name what to compare with"
    raise ConfigurationError(f"this clone has no {missing}: {advice}")


def merge_base(root: Path, ref: str) -> str:
    """Return the last common commit of HEAD and another one; ``ref`` is a branch, a tag, a hash or the like.

    Raises:
        ConfigurationError: there is no such commit, or no common one, or this clone lacks it.
    """
    result = git_command.run(root, "merge-base", "HEAD", resolve_commit(root, ref))
    if result.returncode == 0:
        return result.stdout.decode().strip()
    if result.stderr.strip():
        raise git_command.failure("merge-base", result.stderr)
    if git_command.is_shallow(root):
        raise ConfigurationError(
            f"this clone is too shallow for the commit that HEAD and {quote(ref)} have in common: "
            "run git fetch --unshallow, or set GIT_DEPTH to 0 in GitLab CI"
        )
    raise ConfigurationError(f"HEAD and {quote(ref)} have no commit in common: compare with one of the same history")


def first_parent_revisions(root: Path, path: str, commit: str) -> Iterator[FileRevision]:
    """Yield the versions of a file along a commit's first parents, newest first, as far as the caller reads.

    Raises:
        ConfigurationError: there is no history, or this clone is too shallow to have the file's first commit.
    """
    if not git_command.is_versioned(root) or not git_command.find_commit(root, "HEAD", "read the history"):
        raise ConfigurationError(f"cannot read the history of {path}: there is no commit; clone it with git")
    process = git_command.start(root, "rev-list", "--first-parent", "--format=%ct %P", commit, "--", path)
    assert process.stdout is not None  # it is a pipe
    has_parents = True
    try:
        for line in process.stdout:
            revision = line.decode().split()[1]  # the first of two lines: commit <hash>
            seconds, *parents = process.stdout.readline().split()
            has_parents = bool(parents)
            yield FileRevision(path, _day(seconds), f"{revision}:./{path}")
        _, stderr = process.communicate()
    finally:
        if process.poll() is None:  # the caller stopped reading
            process.kill()
            process.communicate()
    if process.returncode:
        raise git_command.failure("rev-list", stderr)
    if not has_parents and git_command.is_shallow(root):  # the last commit of a shallow clone seems to add all files
        raise ConfigurationError(
            f"this clone is too shallow for the history of {path}: run git fetch --unshallow, "
            "or set GIT_DEPTH to 0 in GitLab CI"
        )


def _day(seconds: str | bytes) -> date:
    return datetime.fromtimestamp(int(seconds), UTC).date()

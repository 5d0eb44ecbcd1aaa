"""What git knows of a repository's commits: which there are, and what they made of its files."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.git import git_command
from roster.naming import quote


class FileRevision(NamedTuple):
    """What a commit made of a file.

    Attributes:
        day: the day of the commit, UTC.
        content: what git calls the file's content; empty where the commit deleted the file.
    """

    path: str
    day: date
    content: str


def file_revisions(root: Path, revision: str, paths: Collection[str]) -> Iterator[FileRevision]:
    """Yield the versions of some files along the first parents of a commit, the oldest first; links are left out.

    Raises:
        ConfigurationError: git cannot be run or refuses.
    """
    options = (
        "--first-parent",
        "-m",
        "--reverse",
        "--format=%ct",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--relative",
    )
    plain = ("--no-color", "--no-show-signature")
    day = date.min
    for line in git_command.output(root, "log", *options, *plain, revision, "--", *paths).splitlines():
        if line.isdigit():
            day = datetime.fromtimestamp(int(line), UTC).date()
        elif line:
            # :OLD_MODE NEW_MODE OLD_CONTENT NEW_CONTENT STATUS<tab>PATH (git help diff, "raw output format")
            described, _, path = line.partition("\t")
            _, mode, _, content, _ = described.split()
            if mode == "000000" or mode.startswith("100"):
                yield FileRevision(path, day, content if mode != "000000" else "")


def resolve_commit(root: Path, ref: str) -> str:
    """Return the full hash of a commit; ``ref`` is a branch, a tag, a hash or the like.

    Raises:
        ConfigurationError: there is no such commit in this clone, or none at all.
    """
    if not git_command.find_commit(root, "HEAD", "compared"):
        raise ConfigurationError("nothing can be compared: this repository has no commit yet")
    if not ref:
        raise ConfigurationError("nothing can be compared: the commit has no name; is its variable empty?")
    found = git_command.find_commit(root, ref, "compared")
    if not found:
        raise ConfigurationError(
            f"there is no commit {quote(ref)} in this clone: fetch it or its branch (git fetch origin BRANCH); "
            "in GitLab CI, set GIT_DEPTH to 0 and compare with $CI_MERGE_REQUEST_DIFF_BASE_SHA"
        )
    return found


def default_branch(root: Path, name: str = "") -> str:
    """Return the full ref of the default branch: what the remote ``origin`` says, else one that is called like one.

    ``name``: what the branch is called, where somebody knows.

    Raises:
        ConfigurationError: this clone has no such branch, or git cannot be run or refuses.
    """
    names = [name] if name else ["HEAD", "main", "master"]
    refs = [f"refs/{where}/{each}" for where in ("remotes/origin", "heads") for each in names]
    found = git_command.run(root, "for-each-ref", "--format=%(refname)", *refs)
    if found.returncode:
        raise ConfigurationError(f"nothing can be compared: {git_command.error_message(found.stderr)}")
    present = found.stdout.decode(errors="replace").splitlines()
    for ref in refs:
        if ref in present:
            return ref
    resolve_commit(root, "HEAD")
    raise ConfigurationError(
        f"this clone has no branch {quote(name)}: fetch it, or name what to compare with"
        if name
        else "this clone has no default branch (origin/HEAD, main or master): name what to compare with"
    )


def merge_base(root: Path, ref: str) -> str:
    """Return the last commit that HEAD and another have in common; ``ref`` is a branch, a tag, a hash or the like.

    Raises:
        ConfigurationError: there is no such commit, or none in common, or this clone does not hold it.
    """
    found = resolve_commit(root, ref)
    common = git_command.run(root, "merge-base", "HEAD", found)
    if common.returncode == 0:
        return common.stdout.decode().strip()
    if told := git_command.error_message(common.stderr):
        raise ConfigurationError(f"git merge-base failed: {told}")
    if git_command.output(root, "rev-parse", "--is-shallow-repository") == "true":
        raise ConfigurationError(
            f"this clone is too shallow for the commit that HEAD and {quote(ref)} have in common: "
            "run git fetch --unshallow, or set GIT_DEPTH to 0 in GitLab CI"
        )
    raise ConfigurationError(f"HEAD and {quote(ref)} have no commit in common: compare with one of the same history")


class DatedCommit(NamedTuple):
    """A commit that changed a file, and the day of its committer, in UTC."""

    resolve_commit: str
    day: date


def commits_changing(root: Path, path: str) -> Iterator[DatedCommit]:
    """Yield the commits on HEAD's first-parent history that changed a file, the last one first.

    What is not asked for is not searched for.

    Raises:
        ConfigurationError: there is no history, or this clone ends before the commit that brought the file.
    """
    if not git_command.is_versioned(root) or not git_command.find_commit(root, "HEAD", "read"):
        raise ConfigurationError(f"nothing is known of the history of {path}: there is no commit; clone it with git")
    process = git_command.start(root, "rev-list", "--first-parent", "--format=%ct %P", "HEAD", "--", path)
    assert process.stdout is not None  # it is a pipe
    parents = True
    try:
        for line in process.stdout:
            resolve_commit = line.decode().split()[1]  # the first of two lines: commit <hash>
            seconds, *others = process.stdout.readline().split()
            parents = bool(others)
            yield DatedCommit(resolve_commit, datetime.fromtimestamp(int(seconds), UTC).date())
        _, told = process.communicate()
    finally:
        if process.poll() is None:  # nobody asked for the rest
            process.kill()
            process.communicate()
    if process.returncode:
        raise ConfigurationError(f"git rev-list failed: {git_command.error_message(told) or 'no reason given'}")
    # a shallow clone's last commit seems to bring all its files
    if not parents and git_command.output(root, "rev-parse", "--is-shallow-repository") == "true":
        raise ConfigurationError(
            f"this clone is too shallow for the history of {path}: run git fetch --unshallow, "
            "or set GIT_DEPTH to 0 in GitLab CI"
        )

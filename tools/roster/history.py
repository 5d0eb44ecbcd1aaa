"""What git knows of a repository: which commit it is at, how many came before, and what they held."""

import os
import re
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from roster.diagnostic import ConfigurationError
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


class Step(NamedTuple):
    """What a commit made of a file.

    Attributes:
        day: the day of the commit, UTC.
        content: what git calls the file's content; empty where the commit deleted the file.
    """

    path: str
    day: date
    content: str


def publication(root: Path, on: date, number: int = 0) -> Publication:
    """Return what a rendering of the files under ``root`` publishes on a day.

    ``number``: 0 for what the pipelines of HEAD publish; from 1 for what an operator publishes in its place.

    Raises:
        ConfigurationError: git is not installed or refuses, or the clone is too shallow to count its commits.
    """
    if not _is_versioned(root):
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
    commits = int(_git(root, "rev-list", "--first-parent", "--count", "HEAD"))
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
        raise ConfigurationError("nothing can be rendered: the commit has no name; is its variable empty?")
    commit = _named(root, ref, "rendered")
    if not commit:
        raise ConfigurationError(
            f"there is no commit {quote(ref)} in this clone: name it as git log --first-parent does, or fetch it"
        )
    if commit not in _git(root, "rev-list", "--first-parent", "HEAD").split():
        raise ConfigurationError(
            f"{quote(ref)} was never published: it is neither HEAD nor in git log --first-parent, the commits before it"
        )
    return commit


def steps(root: Path, revision: str, paths: Collection[str]) -> Iterator[Step]:
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
    for line in _git(root, "log", *options, *plain, revision, "--", *paths).splitlines():
        if line.isdigit():
            day = datetime.fromtimestamp(int(line), UTC).date()
        elif line:
            # :OLD_MODE NEW_MODE OLD_CONTENT NEW_CONTENT STATUS<tab>PATH (git help diff, "raw output format")
            described, _, path = line.partition("\t")
            _, mode, _, content, _ = described.split()
            if mode == "000000" or mode.startswith("100"):
                yield Step(path, day, content if mode != "000000" else "")


def commit(root: Path, ref: str) -> str:
    """Return the full hash of a commit; ``ref`` is a branch, a tag, a hash or the like.

    Raises:
        ConfigurationError: there is no such commit in this clone, or none at all.
    """
    if not _named(root, "HEAD", "compared"):
        raise ConfigurationError("nothing can be compared: this repository has no commit yet")
    if not ref:
        raise ConfigurationError("nothing can be compared: the commit has no name; is its variable empty?")
    found = _named(root, ref, "compared")
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
    found = _run(root, "for-each-ref", "--format=%(refname)", *refs)
    if found.returncode:
        raise ConfigurationError(f"nothing can be compared: {complaint(found.stderr)}")
    present = found.stdout.decode(errors="replace").splitlines()
    for ref in refs:
        if ref in present:
            return ref
    commit(root, "HEAD")
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
    found = commit(root, ref)
    common = _run(root, "merge-base", "HEAD", found)
    if common.returncode == 0:
        return common.stdout.decode().strip()
    if told := complaint(common.stderr):
        raise ConfigurationError(f"git merge-base failed: {told}")
    if _git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise ConfigurationError(
            f"this clone is too shallow for the commit that HEAD and {quote(ref)} have in common: "
            "run git fetch --unshallow, or set GIT_DEPTH to 0 in GitLab CI"
        )
    raise ConfigurationError(f"HEAD and {quote(ref)} have no commit in common: compare with one of the same history")


class Touch(NamedTuple):
    """A commit that changed a file, and the day of its committer, in UTC."""

    commit: str
    day: date


def touching(root: Path, path: str) -> Iterator[Touch]:
    """Yield the commits on HEAD's first-parent history that changed a file, the last one first.

    What is not asked for is not searched for.

    Raises:
        ConfigurationError: there is no history, or this clone ends before the commit that brought the file.
    """
    if not _is_versioned(root) or not _named(root, "HEAD", "read"):
        raise ConfigurationError(f"nothing is known of the history of {path}: there is no commit; clone it with git")
    process = start(root, "rev-list", "--first-parent", "--format=%ct %P", "HEAD", "--", path)
    assert process.stdout is not None  # it is a pipe
    parents = True
    try:
        for line in process.stdout:
            commit = line.decode().split()[1]  # the first of two lines: commit <hash>
            seconds, *others = process.stdout.readline().split()
            parents = bool(others)
            yield Touch(commit, datetime.fromtimestamp(int(seconds), UTC).date())
        _, told = process.communicate()
    finally:
        if process.poll() is None:  # nobody asked for the rest
            process.kill()
            process.communicate()
    if process.returncode:
        raise ConfigurationError(f"git rev-list failed: {complaint(told) or 'no reason given'}")
    # a shallow clone's last commit seems to bring all its files
    if not parents and _git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise ConfigurationError(
            f"this clone is too shallow for the history of {path}: run git fetch --unshallow, "
            "or set GIT_DEPTH to 0 in GitLab CI"
        )


def _is_versioned(root: Path) -> bool:
    return any((folder / ".git").exists() for folder in (root, *root.absolute().parents))


def _named(root: Path, ref: str, wanted: str) -> str:
    """Return the full name of a commit; nothing where there is none, or where ``ref`` is an option or a range.

    ``wanted``: what was to be done with it, for a person to read.
    """
    if ref.startswith("-"):
        return ""
    done = _run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if told := complaint(done.stderr):
        raise ConfigurationError(f"nothing can be {wanted}: {told}")
    name = done.stdout.decode(errors="replace").strip()
    return name if re.fullmatch("[0-9a-f]+", name) else ""


def start(root: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a git that is asked and answers through pipes.

    Raises:
        ConfigurationError: git is not installed or cannot be run.
    """
    pipe = subprocess.PIPE
    with _runnable():
        return subprocess.Popen(_command(root, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=_in_english())


def complaint(told: bytes) -> str:
    """Return git's complaint in one sentence, with what it recommends where a repository belongs to somebody else."""
    text = told.decode(errors="replace").strip()
    first = text.partition("\n")[0].removeprefix("fatal: ")
    remedy = re.search("git config --global --add safe.directory .*", text)
    return f"{first}: if you trust it, run {remedy[0]}" if remedy else first


def _git(root: Path, *arguments: str) -> str:
    return _output(root, *arguments).decode(errors="replace").strip()


def _output(root: Path, *arguments: str) -> bytes:
    done = _run(root, *arguments)
    if done.returncode:
        raise ConfigurationError(f"git {arguments[0]} failed: {complaint(done.stderr) or 'no reason given'}")
    return done.stdout


def _run(root: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    with _runnable():
        return subprocess.run(_command(root, *arguments), capture_output=True, check=False, env=_in_english())


def _command(root: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(root), *arguments]


@contextmanager
def _runnable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"git cannot be run: {reason}; install it, or put it on PATH") from None


def _in_english() -> dict[str, str]:
    """Return an environment in which git's messages can be looked into."""
    return os.environ | {"LC_ALL": "C"}

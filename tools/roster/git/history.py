"""Names and times of commits, and the commits to compare with."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from roster.findings import ConfigurationError
from roster.git import git_command
from roster.naming import quote

GITLAB_BASE = "${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"
"""What a merge request's pipeline in GitLab compares with, as ``.gitlab-ci.yml`` does. The first variable is set only
in merged results pipelines, where the second one would blame the author for the target branch's findings."""


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
            f"in GitLab CI, set GIT_DEPTH to 0 and compare with {GITLAB_BASE}"
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


def commit_time(seconds: str) -> datetime:
    """Return the time of a commit from git's seconds, such as ``%ct``; 1970 if it has no readable one, as in git.

    Git accepts any number as a time, and converters from other systems have written commits without one.
    """
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(seconds), UTC)
    return datetime.fromtimestamp(0, UTC)


def merge_base(root: Path, ref: str) -> str:
    """Return the last common commit of HEAD and another one; ``ref`` is a branch, a tag, a hash or the like.

    Raises:
        ConfigurationError: there is no such commit, or no common one, or this clone lacks it.
    """
    result = git_command.run(root, "merge-base", "HEAD", resolve_commit(root, ref))
    if result.returncode == 0:
        return result.stdout.decode().strip()
    if result.returncode > 1:
        raise git_command.failure("merge-base", result.stderr)
    if git_command.is_shallow(root):
        raise ConfigurationError(
            f"this clone is too shallow for the commit that HEAD and {quote(ref)} have in common: "
            "run git fetch --unshallow, or set GIT_DEPTH to 0 in GitLab CI"
        )
    raise ConfigurationError(f"HEAD and {quote(ref)} have no commit in common: compare with one of the same history")

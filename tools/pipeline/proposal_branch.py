"""The branch of a proposal: one commit of a job, written through GitLab's API.

The branch is the job's own as long as it is exactly as a run left it: a single commit, whose message has the digest of
its files. Commits by others are never overwritten. GitLab has no conditional force push; `resource_group` in
.gitlab-ci.yml excludes other runs.

The files are committed with the commits API, so that the token is only in a header, and in no URL or configuration of
git: https://docs.gitlab.com/api/commits/, https://docs.gitlab.com/api/branches/,
https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from pipeline.gitlab import ApiError, GitLabApi
from pipeline.gitlab_responses import field
from roster.publishing.release import is_commit

MAX_FILES = 100  # of a branch; an update changes the facts and a roster for each environment


class Proposal(NamedTuple):
    """The content of a merge request.

    Attributes:
        branch: the branch of the merge request.
        target: the default branch.
        base: the commit of the default branch that the files belong to.
        files: the old and the new content of each changed file, by path; None if the file does not exist.
        digest: identifies the changes; equal for runs that propose the same, apart from days that depend on today.
        version: a digest of the changes with these days.
        description: Markdown. It must not contain quick actions.
    """

    branch: str
    target: str
    base: str
    files: Mapping[str, tuple[bytes | None, bytes]]
    digest: str
    version: str
    title: str
    description: str

    @property
    def marker(self) -> str:
        """The first line of the description."""
        return f"<!-- {self.branch}: {self.digest} -->"

    @property
    def body(self) -> str:
        """The description with its marker."""
        return f"{self.marker}\n{self.description.strip()}"

    @property
    def commit_message(self) -> str:
        """The title, with the version and a digest of the files."""
        files = _content_digest({path: new for path, (_, new) in self.files.items()})
        return f"{self.title}\n\nProposal-Version: {self.version}\nContent-Digest: {files}\n"


class Branch(NamedTuple):
    """The branch as it is.

    Attributes:
        parents: the parents of its only commit; empty if it has nothing that the default branch does not have.
        version: that of its proposal, or None if others changed it.
    """

    parents: list[str]
    version: str | None


def read_branch(proposal: Proposal, api: GitLabApi) -> Branch | None:
    """Return the branch, or None if it does not exist."""
    try:
        response = api.send("GET", f"repository/branches/{quote(proposal.branch, safe='')}")
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
    head = _commit_id(field(response.json(), "commit", dict))
    comparison = _compare(proposal.target, head, api)
    commits = field(comparison, "commits", list)
    if len(commits) != 1:
        return Branch([_commit_id(commit) for commit in commits], None)
    version = _own_version(commits[0], head, field(comparison, "diffs", list), api)
    parents = [_hash(parent) for parent in field(commits[0], "parent_ids", list)]
    return Branch(parents, version)


def is_older(commit: str, other: str, api: GitLabApi) -> bool:
    """Return whether a commit is an ancestor of another one: that of a job in an older pipeline that runs again."""
    return commit != other and not field(_compare(other, commit, api), "commits", list)


def _compare(old: str, new: str, api: GitLabApi) -> Any:
    """Return what `new` has that `old` does not have."""
    return api.send("GET", f"repository/compare?{urlencode({'from': old, 'to': new})}").json()


def _own_version(commit: Any, head: str, diffs: list[Any], api: GitLabApi) -> str | None:
    """Return the version of the proposal that a commit contains, or None if anything in it was changed by others."""
    trailers = re.search(
        "\nProposal-Version: ([0-9a-f]{64})\nContent-Digest: ([0-9a-f]{64})", field(commit, "message", str)
    )
    paths = sorted({field(diff, "new_path", str) for diff in diffs})
    if not trailers or len(paths) > MAX_FILES:
        return None
    return trailers[1] if _content_digest({path: _read(path, head, api) for path in paths}) == trailers[2] else None


def _read(path: str, commit: str, api: GitLabApi) -> bytes | None:
    try:
        return api.send("GET", f"repository/files/{quote(path, safe='')}/raw?ref={commit}").body
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:  # deleted or renamed
            return None
        raise


def _content_digest(files: Mapping[str, bytes | None]) -> str:
    digests = {path: hashlib.sha256(data).hexdigest() if data is not None else None for path, data in files.items()}
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _commit_id(commit: Any) -> str:
    return _hash(field(commit, "id", str))


def _hash(value: object) -> str:
    if not isinstance(value, str) or not is_commit(value):
        raise ApiError("a commit's hash is invalid in GitLab's response")
    return value


def push(proposal: Proposal, api: GitLabApi, *, exists: bool) -> None:
    """Set the branch to a new commit on the base."""
    body: dict[str, Any] = {
        "branch": proposal.branch,
        "start_sha": proposal.base,
        "commit_message": proposal.commit_message,
        "actions": [_action(path, *contents) for path, contents in proposal.files.items()],
        "stats": False,
    }
    if exists:
        body["force"] = True
    response = api.send("POST", "repository/commits", json.dumps(body).encode(), expected=(HTTPStatus.CREATED,))
    if field(response.json(), "parent_ids", list) != [proposal.base]:
        raise ApiError(f"{response.request}: GitLab's response is not the commit")


def _action(path: str, old: bytes | None, new: bytes) -> dict[str, str]:
    content = base64.b64encode(new).decode()
    return {
        "action": "create" if old is None else "update",
        "file_path": path,
        "content": content,
        "encoding": "base64",
    }

"""A merge request that a job opens and keeps up to date.

At most one is open: GitLab allows one for a branch. A proposal is identified by a digest in its description, and one
that was closed is not opened again.

GitLab's API: https://docs.gitlab.com/api/merge_requests/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pipeline.gitlab import ApiError, GitLabApi
from pipeline.gitlab_responses import field, list_all
from pipeline.proposal_branch import Proposal, is_older, push, read_branch

_DRAFT = re.compile(r"(?i)\s*(?:\[draft\]|\(draft\)|draft:)\s*")  # set by reviewers


class Conflict(Exception):
    """The branch has commits by others, and lacks changes of this run."""


def propose(proposal: Proposal, project: str, api: GitLabApi) -> str:
    """Create or update the branch and its merge request, and return the outcome.

    Raises:
        Conflict: the branch was changed by others, and does not have these changes.
    """
    requests = list(merge_requests(proposal.branch, proposal.target, project, api))
    opened = next((request for request in requests if request["state"] == "opened"), None)
    if opened is None and (closed := next((each for each in requests if _is_rejected(each, proposal)), None)):
        return f"skipped: !{closed['iid']} with the same changes was closed; reopen it to propose them again"
    branch = read_branch(proposal, api)
    if branch and branch.parents and branch.version is None:
        if opened and proposal.marker in _text(opened):
            return f"!{opened['iid']} is up to date, with commits by others"
        raise Conflict(
            f'the branch "{proposal.branch}" has commits by others and lacks the latest changes; merge it or delete it'
        )
    if branch and branch.parents and is_older(proposal.base, branch.parents[0], api):
        return "skipped: the branch has newer commits of the default branch; a new pipeline would update it"
    is_current = branch is not None and (branch.version, branch.parents) == (proposal.version, [proposal.base])
    if not is_current:
        push(proposal, api, exists=branch is not None)
    return _store(proposal, opened, api, pushed=not is_current)


def merge_requests(branch: str, target: str, project: str, api: GitLabApi) -> Iterator[dict[str, Any]]:
    """Yield the merge requests of the branch in this project, the newest first. Forks may use the same name."""
    query = {"source_branch": branch, "target_branch": target, "state": "all", "order_by": "created_at", "sort": "desc"}
    for request in list_all(f"merge_requests?{urlencode(query)}", "merge requests", api):
        field(request, "iid", int)
        field(request, "state", str)
        if str(request.get("source_project_id")) == project and request.get("source_branch") == branch:
            yield request


def _text(request: Mapping[str, Any]) -> str:
    return str(request.get("description") or "")


def _is_rejected(request: Mapping[str, Any], proposal: Proposal) -> bool:
    """Return whether a merge request with the same changes was closed.

    One that was merged does not count: what a source says may change back, and then again.
    """
    return request["state"] == "closed" and proposal.marker in _text(request)


def _store(proposal: Proposal, opened: Mapping[str, Any] | None, api: GitLabApi, *, pushed: bool) -> str:
    """Create or update the merge request; only one can be open for a branch."""
    text = {"title": proposal.title, "description": proposal.body}
    if opened is None:
        branches = {"source_branch": proposal.branch, "target_branch": proposal.target, "remove_source_branch": True}
        return f"!{_send(proposal, 'POST', 'merge_requests', branches | text, api)} created"
    title = str(opened.get("title"))
    text["title"] = _draft_prefix(title) + proposal.title
    if (title, _text(opened).strip()) != (text["title"], text["description"]):
        _send(proposal, "PUT", f"merge_requests/{opened['iid']}", text, api)
    elif not pushed:
        return f"!{opened['iid']} is up to date"
    return f"!{opened['iid']} updated"


def _draft_prefix(title: str) -> str:
    match = _DRAFT.match(title)
    return match[0] if match else ""


def _send(proposal: Proposal, method: str, path: str, body: Mapping[str, Any], api: GitLabApi) -> int:
    """Store the merge request, which the response must show, and return its number."""
    expected = (HTTPStatus.OK, HTTPStatus.CREATED)
    response = api.send(method, path, json.dumps(body).encode(), expected=expected)
    request = response.json()
    if field(request, "source_branch", str) != proposal.branch or proposal.marker not in _text(request):
        raise ApiError(f"{response.request}: GitLab's response is not the merge request")
    iid: int = field(request, "iid", int)
    return iid

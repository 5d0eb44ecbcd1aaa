"""Posts the impact report of `roster diff` as a comment on a merge request: python tools/comment.py impact.md

There is one comment per merge request; later pushes update it. It is identified by the marker in its first line and by
its author, the user of the token, so comments by others are never changed. It ends with the commit that it describes,
because a failed run leaves the comment of an earlier push.

The token comes from ROSTER_COMMENT_TOKEN; docs/publishing.md lists the rights it needs. Without a token, or outside a
merge request pipeline, the script does nothing and succeeds.

GitLab's API: https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pipeline.gitlab import ApiError, GitLabApi, JobError, require, require_ids
from pipeline.gitlab_responses import field, list_all
from roster.markdown_text import without_quick_actions
from roster.naming import printable

MARKER = "<!-- roster impact -->"
MAX_CHARACTERS = 1_000_000  # GitLab's limit
REMEDIES = {
    401: "the token is invalid or has expired",
    403: "the token needs the scope api and the role Reporter in the project",
    404: "the token's user cannot see the merge request, or the comment has just been deleted",
}


def render_comment(report: str, commit: str) -> str:
    """Return the body of the comment."""
    body = f"{MARKER}\n{without_quick_actions(report.strip())}\n\n<sub>As of {commit}</sub>"
    if len(body) > MAX_CHARACTERS:
        raise JobError(f"the comment is too long: {len(body)} characters (GitLab accepts {MAX_CHARACTERS})")
    return body


def post(body: str, notes_path: str, api: GitLabApi) -> str:
    """Create or update the comment, and return the outcome. Of two comments of ours, the older one is updated."""
    user_id = field(api.send("GET", "user").json(), "id", int)
    for note in list_all(f"{notes_path}?sort=asc&order_by=created_at", "notes", api):
        if _is_ours(note, user_id):
            if note["body"].strip() == body:
                return "up to date"
            _store("PUT", f"{notes_path}/{note['id']}", body, user_id, api)
            return "updated"
    _store("POST", notes_path, body, user_id, api)
    return "created"


def _store(method: str, path: str, body: str, user_id: int, api: GitLabApi) -> None:
    """Create or update the comment, which the response must show; GitLab may normalize its text."""
    statuses = (HTTPStatus.OK, HTTPStatus.CREATED)
    response = api.send(method, path, json.dumps({"body": body}).encode(), expected=statuses)
    note = response.json()
    if not _is_ours(note, user_id) or body.splitlines()[-1] not in note["body"]:
        raise ApiError(f"{response.request}: GitLab's response is not the comment")


def _is_ours(note: Any, user_id: int) -> bool:
    field(note, "id", int)
    author = field(field(note, "author", dict), "id", int)
    body = field(note, "body", str)
    return bool(author == user_id and not field(note, "system", bool) and body.lstrip().startswith(MARKER))


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"cannot read {printable(str(path))}: {getattr(error, 'strerror', 'not UTF-8')}") from error
    if not text.strip():
        raise JobError(f"{printable(str(path))} is empty; a report without changes is not")
    return text


def run(path: Path, variables: Mapping[str, str]) -> str:
    """Post the report and return the outcome."""
    report = _read(path)
    if not variables.get("CI_MERGE_REQUEST_IID"):
        return "skipped: not a merge request pipeline (CI_MERGE_REQUEST_IID is not set)"
    token = variables.get("ROSTER_COMMENT_TOKEN", "").strip()
    if not token:
        return "skipped: ROSTER_COMMENT_TOKEN is not set (see docs/publishing.md)"
    names = ("CI_API_V4_URL", "CI_COMMIT_SHA", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_IID")
    url, commit, *_ = require(variables, *names)
    project, iid = require_ids(variables, *names[2:])
    api = GitLabApi(url, "PRIVATE-TOKEN", token)
    # In a merged results pipeline, CI_COMMIT_SHA is a temporary merge commit that reviewers do not know.
    commit = variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or commit
    return post(render_comment(report, commit), f"projects/{project}/merge_requests/{iid}/notes", api)


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Return the exit status: 0 posted or skipped, 1 a request to GitLab failed, 2 invalid usage or configuration."""
    if len(arguments) != 1:
        print("usage: comment.py FILE", file=sys.stderr)
        return 2
    try:
        print(f"comment: {run(Path(arguments[0]), variables)}")
    except JobError as error:
        print(f"comment: not posted: {error}", file=sys.stderr)
        return 2
    except ApiError as error:
        print(f"comment: not posted: {error.with_remedy(REMEDIES)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

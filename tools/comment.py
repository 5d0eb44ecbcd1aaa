"""Posts what `roster diff` wrote as a comment on the pipeline's merge request: python tools/comment.py impact.md

There is one comment, which later pushes update. It is found by the marker in its first line and by its author, the
user whose token this is; so a comment of anybody else is left alone, whatever it says. It ends with the commit that
it is about, since a run that fails leaves the comment of an earlier push.

The token comes from ROSTER_COMMENT_TOKEN; docs/publishing.md says which rights it needs. Without one, or outside a
merge request's pipeline, there is nothing to do and that is fine.

GitLab's side: https://docs.gitlab.com/api/notes/ and https://docs.gitlab.com/api/rest/#pagination
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gitlab import Answer, Api, ApiError, ConfigurationError, required

MARKER = "<!-- roster impact -->"
LONGEST = 1_000_000  # characters, GitLab's own limit
PER_PAGE = 100  # GitLab's most
REMEDIES = {
    401: "the token is not valid, or has expired",
    403: "the token needs the scope api and the role Reporter in the project",
    404: "the token's user cannot see the merge request, or the comment was deleted just now",
}


def comment(text: str, commit: str) -> str:
    """The comment's whole text.

    A line that begins with a slash would be a command to GitLab, given by the token's user.
    """
    harmless = re.sub(r"(?m)^([ \t]*)/", r"\1\\/", text.strip())
    body = f"{MARKER}\n{harmless}\n\n<sub>As of {commit}</sub>"
    if len(body) > LONGEST:
        raise ConfigurationError(f"the comment has {len(body)} characters, and GitLab takes {LONGEST}")
    return body


def post(body: str, notes: str, api: Api) -> str:
    """Creates or updates the comment, and returns what was done; `notes` is the path of the merge request's notes."""
    me = _field(_parsed(api.send("GET", "user"), "GET user"), "id", int)
    for note in _notes(notes, api):
        if _is_ours(note, me):
            path = f"{notes}/{_field(note, 'id', int)}"
            if note["body"].strip() == body:
                return "is up to date"
            _field(_parsed(_sent(api, "PUT", path, body), f"PUT {path}"), "id", int)
            return "updated"
    _field(_parsed(_sent(api, "POST", notes, body), f"POST {notes}"), "id", int)
    return "created"


def _is_ours(note: Any, me: int) -> bool:
    author = _field(_field(note, "author", dict), "id", int)
    body = _field(note, "body", str)
    return author == me and not _field(note, "system", bool) and body.lstrip().startswith(MARKER)


def _notes(path: str, api: Api) -> Iterator[Any]:
    """Every note of the merge request, oldest first, so that of two comments always the same one is updated."""
    page = 1
    while True:
        asked = f"{path}?sort=asc&order_by=created_at&per_page={PER_PAGE}&page={page}"
        answer = api.send("GET", asked)
        notes = _parsed(answer, f"GET {asked}")
        if not isinstance(notes, list):
            raise ApiError(f"GET {asked}: GitLab's answer is not a list of notes")
        yield from notes
        following = answer.headers.get("x-next-page", "" if len(notes) < PER_PAGE else "missing").strip()
        if not following:
            return
        if not following.isdecimal() or int(following) <= page:
            raise ApiError(f"GET {asked}: x-next-page is {following!r}, which does not lead on")
        page = int(following)


def _sent(api: Api, method: str, path: str, body: str) -> Answer:
    return api.send(method, path, json.dumps({"body": body}).encode())


def _parsed(answer: Answer, what: str) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise ApiError(f"{what}: GitLab's answer is not JSON") from error


def _field(value: Any, name: str, kind: type) -> Any:
    found = value.get(name) if isinstance(value, dict) else None
    if type(found) is not kind:
        raise ApiError(f"GitLab's answer lacks {name!r}, or it is of no use")
    return found


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {getattr(error, 'strerror', 'not UTF-8')}") from error
    if not text.strip():
        raise ConfigurationError(f"{path} is empty, which does not mean that nothing changes")
    return text


def run(path: Path, variables: Mapping[str, str]) -> str:
    """Returns one sentence on what was done."""
    text = _read(path)
    if not variables.get("CI_MERGE_REQUEST_IID"):
        return "skipped, since this is no merge request's pipeline (CI_MERGE_REQUEST_IID is not set)"
    if not variables.get("ROSTER_COMMENT_TOKEN"):
        return "skipped, since ROSTER_COMMENT_TOKEN is not set (docs/publishing.md says how to make one)"
    names = ("CI_API_V4_URL", "CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_IID", "CI_COMMIT_SHA")
    url, project, iid, commit = required(variables, *names)
    api = Api(url, "PRIVATE-TOKEN", variables["ROSTER_COMMENT_TOKEN"].strip())
    # In a pipeline of the merged result, the commit is one that nobody knows.
    commit = variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or commit
    return post(comment(text, commit), f"projects/{project}/merge_requests/{iid}/notes", api)


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """The exit status: 0 posted or nothing to do, 1 refused by GitLab, 2 wrong configuration."""
    if len(arguments) != 1:
        print("usage: comment.py FILE", file=sys.stderr)
        return 2
    try:
        print(f"comment: {run(Path(arguments[0]), variables)}")
    except ConfigurationError as error:
        print(f"comment: not posted: {error}", file=sys.stderr)
        return 2
    except ApiError as error:
        remedy = f" ({REMEDIES[error.status]})" if error.status in REMEDIES else ""
        print(f"comment: not posted: {error}{remedy}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

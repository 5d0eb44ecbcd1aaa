"""Stub of a GitLab project: branches, commits, files and merge requests."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any, NamedTuple
from urllib.parse import unquote

from tests.gitlab_stub import API, GitLabStub, StubHandler

TOKEN = "canary-of-the-update"
PROJECT = f"{API}/projects/24"
BRANCH = "roster-provider-facts"
LOCK = "schemas/provider_facts.yaml"


class Commit(NamedTuple):
    """A commit with its complete content."""

    message: str
    parents: tuple[str, ...]
    files: dict[str, bytes]

    @property
    def id(self) -> str:
        return hashlib.sha1(repr((self.message, self.parents, sorted(self.files.items()))).encode()).hexdigest()

    def json(self) -> dict[str, Any]:
        return {"id": self.id, "message": self.message, "parent_ids": list(self.parents)}


class Project(GitLabStub):
    """The project with the id 24. Its default branch is `main`.

    Attributes:
        branches: the id of the newest commit, by name.
        merge_requests: the newest first.
    """

    token = TOKEN

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(ProjectHandler)
        self.commits: dict[str, Commit] = {}
        self.branches: dict[str, str] = {}
        self.merge_requests: list[dict[str, Any]] = []
        self.commit("main", Commit("Add rosters", (), files))

    @property
    def head(self) -> Commit:
        """The newest commit of the job's branch."""
        return self.commits[self.branches[BRANCH]]

    def commit(self, branch: str, commit: Commit) -> Commit:
        self.commits[commit.id] = commit
        self.branches[branch] = commit.id
        return commit

    def push(self, branch: str, message: str = "By somebody", **files: str) -> Commit:
        """Add a commit of a person."""
        parent = self.commits[self.branches[branch]]
        contents = {name.replace("__", "/"): text.encode() for name, text in files.items()}
        return self.commit(branch, Commit(message, (parent.id,), parent.files | contents))

    def open(self, branch: str = BRANCH, *, project: int = 24, **more: Any) -> dict[str, Any]:
        """Add a merge request."""
        request = {"id": 900 + len(self.merge_requests), "iid": 1 + len(self.merge_requests), "state": "opened"}
        request |= {"source_branch": branch, "target_branch": "main", "source_project_id": project, **more}
        self.merge_requests.insert(0, request)
        return request

    def ancestors(self, commit: str) -> list[str]:
        """Return a commit and those before it, the newest first."""
        return [commit, *(each for parent in self.commits[commit].parents for each in self.ancestors(parent))]


class ProjectHandler(StubHandler):
    server: Project

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> None:
        name = f"{method} {path.removeprefix(PROJECT)}"
        if name == "GET /merge_requests":
            self.list_merge_requests(query)
        elif name == "POST /merge_requests":
            self.create_merge_request(body)
        elif match := re.fullmatch(r"PUT /merge_requests/(\d+)", name):
            [request] = [each for each in self.server.merge_requests if each["iid"] == int(match[1])]
            request |= body
            self.answer(200, request)
        elif name == "GET /repository/compare":
            self.compare(query["from"], query["to"])
        elif name == "POST /repository/commits":
            self.create_commit(body)
        elif match := re.fullmatch(r"GET /repository/branches/([^/]+)", name):
            head = self.server.branches.get(unquote(match[1]))
            self.answer(200, {"commit": self.server.commits[head].json()}) if head else self.not_found()
        elif match := re.fullmatch(r"GET /repository/files/([^/]+)/raw", name):
            content = self.server.commits[query["ref"]].files.get(unquote(match[1]))
            self.answer(200, content) if content is not None else self.not_found()
        else:
            self.not_found()

    def not_found(self) -> None:
        self.answer(404, {"message": "404 Not found"})

    def list_merge_requests(self, query: dict[str, str]) -> None:
        assert (query["state"], query["order_by"], query["sort"]) == ("all", "created_at", "desc")
        filters = {name: query[name] for name in ("source_branch", "target_branch")}
        self.page([each for each in self.server.merge_requests if filters.items() <= each.items()], query)

    def create_merge_request(self, body: dict[str, Any]) -> None:
        if any((each["state"], each["source_project_id"]) == ("opened", 24) for each in self.server.merge_requests):
            return self.answer(409, {"message": ["Another open merge request already exists"]})
        assert body["source_branch"] in self.server.branches
        return self.answer(201, self.server.open(body.pop("source_branch"), **body))

    def create_commit(self, body: dict[str, Any]) -> None:
        if body["branch"] in self.server.branches and not body.get("force"):
            return self.answer(400, {"message": "A branch called 'x' already exists."})
        files = dict(self.server.commits[body["start_sha"]].files)
        for action in body["actions"]:
            assert action["encoding"] == "base64"
            if (action["action"] == "create") == (action["file_path"] in files):
                return self.answer(400, {"message": "A file with this name already exists"})
            files[action["file_path"]] = base64.b64decode(action["content"])
        commit = Commit(body["commit_message"], (body["start_sha"],), files)
        return self.answer(201, self.server.commit(body["branch"], commit).json())

    def compare(self, old: str, new: str) -> None:
        """Answer with what `new` has that `old` does not have; the oldest commit is first."""
        base = self.server.ancestors(self.server.branches.get(old, old))
        ids = [each for each in reversed(self.server.ancestors(new)) if each not in base]
        commits = [self.server.commits[each] for each in ids]
        start = self.server.commits[commits[0].parents[0]].files if commits else {}
        end = commits[-1].files if commits else {}
        paths = [path for path in sorted({*start, *end}) if start.get(path) != end.get(path)]
        diffs = [{"old_path": path, "new_path": path, "diff": ""} for path in paths]
        self.answer(200, {"commits": [commit.json() for commit in commits], "diffs": diffs})

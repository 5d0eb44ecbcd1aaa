"""tools/update_facts.py against a stub of a GitLab project on a real socket, with scripted output of `roster`."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import update_facts
from pipeline import roster_command
from roster.registries import PROVIDER_FACTS
from tests.conftest import ROOT
from tests.gitlab_stub import plain, reset, running
from tests.publishing.gitlab_project import BRANCH, LOCK, PROJECT, TOKEN, Commit, Project

ROSTER = "env/production/offered_models_metadata.yaml"
LINE = "- `bedrock/claude`: ends 2026-04-28 (litellm)"
FILES = {LOCK: b"[]\n", ROSTER: b"- name: Claude\n", "README.md": b"# Rosters\n"}
COMMAND = "providers update --format markdown"
CHECK = "check --format json --quiet"
OFFERED = "Claude is offered after 2026-04-28, the day on which its provider ends it"


def facts(ends: str = "2026-04-28", read: str = "2026-11-30") -> str:
    """Return the lock file with one identifier."""
    source = json.dumps({"name": "litellm", "read": read})
    return (
        f'[\n  {{\n    "identifier": "bedrock/claude",\n    "ends": "{ends}",\n    "sources": [\n      {source}\n]}}]\n'
    )


def finding(message: str = OFFERED, severity: str = "error", **more: Any) -> dict[str, Any]:
    values = {"rule": "offered-after-end", "severity": severity, "path": ROSTER, "start": {"line": 1, "column": 9}}
    return (
        values
        | {"message": message, "hint": "run: roster retire claude", "note": "", "model": "claude", "key": ""}
        | more
    )


class Roster:
    """Stands in for the command: `providers update` writes the facts, and `check` reports findings afterwards.

    Attributes:
        results: other exit statuses and error outputs, by the first word of the command.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.commands = folder, list[str]()
        self.facts, self.lines, self.messages = facts(), [LINE], "1 change\n"
        self.findings_before, self.findings = [finding("an old one")], [finding("an old one"), finding()]
        self.retirement, self.moved = "", ("", "")
        self.results: dict[str, tuple[int, str]] = {}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.commands.append(" ".join(arguments))
        status, error = self.results.get(arguments[0], (0, self.messages if arguments[0] == "providers" else ""))
        is_printed = status < 2 or error.startswith("errors in the base")
        return subprocess.CompletedProcess(arguments, status, self.output(arguments) if is_printed else "", error)

    def output(self, arguments: tuple[str, ...]) -> str:
        if arguments[0] == "check":
            updated = any(command.startswith(COMMAND) for command in self.commands)
            return json.dumps({"diagnostics": self.findings if updated else self.findings_before})
        if arguments[0] == "diff":
            return "### Impact on customers\n\n/close\n"
        if arguments[0] == "retire":
            path = self.folder / ROSTER
            path.write_text(path.read_text().replace(*self.moved) + self.retirement)
            return "env/production: Claude retires\n"
        assert " ".join(arguments).startswith(COMMAND)
        (self.folder / LOCK).parent.mkdir(exist_ok=True)
        (self.folder / LOCK).write_text(self.facts)
        return "".join(f"{line}\n" for line in self.lines)


@pytest.fixture
def project() -> Iterator[Project]:
    with running(Project(FILES)) as stub:
        yield stub


Update = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def update(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Update:
    """Runs the script's main function in a checkout of `main`; keywords change the roster, capitals are variables."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **changed: Any) -> subprocess.CompletedProcess[str]:
        folder = Path(*arguments)
        (folder / LOCK).unlink(missing_ok=True)
        for path, content in project.commits[project.branches["main"]].files.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)
        roster = Roster(folder)
        for name in [name for name in changed if name.islower()]:
            setattr(roster, name, changed.pop(name))
        project.requests.clear()
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            status = update_facts.main(arguments, variables(project) | changed, roster)
        done = subprocess.CompletedProcess(roster.commands, status, out.getvalue(), err.getvalue())
        assert TOKEN not in done.stdout + done.stderr
        assert [line for line in (done.stdout + done.stderr).splitlines() if not line.isprintable()] == []
        return done

    return run


def variables(project: Project) -> dict[str, str]:
    return {
        "CI_API_V4_URL": f"{project.url}/api/v4",
        "CI_PROJECT_ID": "24",
        "CI_COMMIT_SHA": project.branches["main"],
        "CI_COMMIT_BRANCH": "main",
        "CI_DEFAULT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": "schedule",
        "ROSTER_UPDATE_TOKEN": TOKEN,
    }


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of a successful run, which had no other messages."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()[-1].removeprefix("update-facts: ")


def assert_failed(done: subprocess.CompletedProcess[str], *messages: str, status: int = 1) -> None:
    assert done.returncode == status
    assert done.stderr.startswith("update-facts: ")
    assert done.stderr.count("\n") == 1
    for message in messages:
        assert message in done.stderr


def test_first_run_opens_merge_request(project: Project, update: Update) -> None:
    base = project.branches["main"]
    assert LOCK == PROVIDER_FACTS

    done = update()

    assert outcome(done) == "!1 created"
    assert done.stdout == "1 change\nupdate-facts: !1 created\n"
    assert done.args == [CHECK, COMMAND, CHECK]
    assert project.sent == [
        "GET /projects/24/merge_requests",
        f"GET /projects/24/repository/branches/{BRANCH}",
        "POST /projects/24/repository/commits",
        "POST /projects/24/merge_requests",
    ]
    assert (project.head.parents, project.head.files) == ((base,), FILES | {LOCK: facts().encode()})
    [request] = project.merge_requests
    assert (request["source_branch"], request["target_branch"], request["remove_source_branch"]) == (
        BRANCH,
        "main",
        True,
    )
    assert request["title"] == "Update provider facts (1 new error)"
    assert request["title"] in project.head.message
    assert f"\n{LINE}\n" in request["description"]
    assert f"- **error**: {OFFERED} (`offered-after-end`)<br>run: roster retire claude<br>`{ROSTER}:1:9`" in (
        request["description"].replace("\N{WORD JOINER}", "").replace("\\", "")
    )
    assert "an old one" not in request["description"]
    assert "\n    roster retire --due" in request["description"]


def test_every_request_has_token_in_header_only(project: Project, update: Update) -> None:
    update()
    requests = [*project.requests]
    update(facts=facts("2026-04-29"))
    requests += project.requests

    assert len(requests) == 4 + 6
    for method, path, headers, body in requests:
        assert headers["private-token"] == TOKEN
        assert TOKEN not in path + json.dumps(body)
        assert method == "GET" or headers["content-type"] == "application/json"


def test_facts_of_new_repository_are_created(project: Project, update: Update) -> None:
    project.commit("main", Commit("Add rosters", (), {ROSTER: FILES[ROSTER]}))

    assert outcome(update()) == "!1 created"
    assert project.head.files[LOCK] == facts().encode()


@pytest.mark.parametrize("day", ["2026-11-30", "2026-12-01"])
def test_repeated_run_writes_nothing(project: Project, update: Update, day: str) -> None:
    """Also on the next day: the day on which a source was read is not a change."""
    update()

    assert outcome(update(facts=facts(read=day))) == "!1 is up to date"
    assert project.written == []


def test_newer_facts_update_branch_and_merge_request(project: Project, update: Update) -> None:
    update()
    project.merge_requests[0]["title"] = "Draft: Update provider facts (1 new error)"

    assert outcome(update(facts=facts("2026-05-01"), findings=[])) == "!1 updated"
    assert project.written == ["POST /projects/24/repository/commits", "PUT /projects/24/merge_requests/1"]
    assert project.head.files[LOCK] == facts("2026-05-01").encode()
    [request] = project.merge_requests
    assert request["title"] == "Draft: Update provider facts"
    assert request["description"].endswith("### New findings of `roster check`\n\nNone.")


def test_branch_is_rebuilt_when_default_branch_moved(project: Project, update: Update) -> None:
    update()
    moved = project.push("main", README_md="# New\n")

    assert outcome(update()) == "!1 updated"
    assert project.written == ["POST /projects/24/repository/commits"]
    assert (project.head.parents, project.head.files) == ((moved.id,), moved.files | {LOCK: facts().encode()})


def test_job_of_older_pipeline_does_not_rebuild_branch(project: Project, update: Update) -> None:
    older = project.branches["main"]
    project.push("main", README_md="# New\n")
    update()
    before = project.head

    skipped = update(facts=facts("2026-05-01"), CI_COMMIT_SHA=older)

    assert outcome(skipped).startswith("skipped: the branch has newer commits of the default branch")
    assert (project.written, project.head) == ([], before)


def test_merge_request_is_created_for_branch_of_failed_run(project: Project, update: Update) -> None:
    project.respond["POST", f"{PROJECT}/merge_requests"] = [plain(500)]
    assert_failed(update(), "500 Internal Server Error")

    assert outcome(update()) == "!1 created"
    assert project.written == ["POST /projects/24/merge_requests"]


def test_merged_branch_is_reused(project: Project, update: Update) -> None:
    """Also for changes that were merged before: a source can change its mind, and change it again."""
    update()
    project.merge_requests[0]["state"] = "merged"
    project.branches["main"] = project.branches[BRANCH]
    assert outcome(update(facts="[]\n")) == "!2 created"
    project.merge_requests[0]["state"] = "merged"
    project.branches["main"] = project.branches[BRANCH]

    assert outcome(update()) == "!3 created"


def amend(project: Project) -> None:
    commit = project.head
    project.commit(BRANCH, commit._replace(files=commit.files | {LOCK: b"[] # by hand\n"}))


def amend_other_file(project: Project) -> None:
    commit = project.head
    project.commit(BRANCH, commit._replace(files=commit.files | {"README.md": b"by hand\n"}))


def replace(project: Project) -> None:
    project.commit(BRANCH, Commit("By somebody", (project.branches["main"],), FILES | {"new": b""}))


def delete_file(project: Project) -> None:
    commit = project.head
    project.commit(BRANCH, commit._replace(files={path: data for path, data in commit.files.items() if path != LOCK}))


def push(project: Project) -> None:
    project.push(BRANCH, env__production__offered_models_metadata_yaml="- name: Claude 4\n")


def push_empty_commit(project: Project) -> None:
    project.push(BRANCH)


def amend_many_files(project: Project) -> None:
    commit = project.head
    project.commit(BRANCH, commit._replace(files=commit.files | {f"file{number}": b"" for number in range(200)}))


INTERFERENCES = [push, push_empty_commit, amend, amend_other_file, amend_many_files, replace, delete_file]


@pytest.mark.parametrize("interfere", INTERFERENCES, ids=lambda each: each.__name__)
def test_commits_by_others_are_not_overwritten(
    project: Project, update: Update, interfere: Callable[[Project], None]
) -> None:
    update()
    interfere(project)
    before = project.head

    assert outcome(update()) == "!1 is up to date, with commits by others"
    done = update(facts=facts("2026-05-01"))

    assert_failed(
        done, f'the branch "{BRANCH}" has commits by others and lacks the latest changes; merge it or delete it'
    )
    assert (project.written, project.head) == ([], before)
    assert len(project.requests) < 10


def test_rebased_branch_is_still_own(project: Project, update: Update) -> None:
    update()
    moved = project.push("main", README_md="# New\n")
    project.commit(BRANCH, project.head._replace(parents=(moved.id,), files=moved.files | {LOCK: facts().encode()}))

    assert outcome(update()) == "!1 is up to date"
    assert outcome(update(facts=facts("2026-05-01"))) == "!1 updated"


def test_closed_merge_request_is_not_opened_again_for_same_changes(project: Project, update: Update) -> None:
    update()
    project.merge_requests[0]["state"] = "closed"

    skipped = update(facts=facts(read="2026-12-01"))
    assert outcome(skipped) == "skipped: !1 with the same changes was closed; reopen it to propose them again"
    assert project.written == []
    assert outcome(update(facts=facts("2026-05-01"))) == "!2 created"
    assert [request["state"] for request in project.merge_requests] == ["opened", "closed"]


def test_merge_requests_of_forks_are_ignored(project: Project, update: Update) -> None:
    update()
    project.merge_requests[0] |= {"source_project_id": 99, "state": "closed"}
    project.open(project=99, title="A fork's", description=project.merge_requests[0]["description"])

    assert outcome(update()) == "!3 created"
    assert project.merge_requests[1]["title"] == "A fork's"


def test_own_merge_request_is_found_on_later_page(project: Project, update: Update) -> None:
    update()
    for _ in range(120):
        project.open(state="merged", description=None)

    assert outcome(update()) == "!1 is up to date"


def test_unchanged_facts_write_nothing(project: Project, update: Update) -> None:
    assert outcome(update(facts="[]\n", lines=[])) == "no changes"
    assert project.sent == ["GET /projects/24/merge_requests"]
    update()

    assert outcome(update(facts="[]\n", lines=[])) == "no changes; !1 proposes outdated facts, close it"
    assert project.written == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, "not a scheduled pipeline of the default branch"),
        ({"CI_COMMIT_BRANCH": "other"}, "not a scheduled pipeline of the default branch"),
        ({"ROSTER_UPDATE_TOKEN": " "}, "ROSTER_UPDATE_TOKEN is not set (see docs/publishing.md)"),
    ],
)
def test_skipped_run_gives_reason(project: Project, update: Update, changed: dict[str, str], reason: str) -> None:
    done = update(**changed)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"update-facts: skipped: {reason}\n", "")
    assert (done.args, project.requests) == ([], [])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"CI_API_V4_URL": "", "CI_COMMIT_SHA": ""}, "not set: CI_API_V4_URL, CI_COMMIT_SHA (GitLab sets them"),
        ({"CI_PROJECT_ID": "24/../25"}, "CI_PROJECT_ID is invalid: must be a number"),
        ({"CI_COMMIT_SHA": "main"}, "CI_COMMIT_SHA is invalid: must be the hash of a commit"),
        ({"ROSTER_UPDATE_TOKEN": f"{TOKEN}\n{TOKEN}"}, "the token for PRIVATE-TOKEN is invalid: must be"),
        ({"ROSTER_RETIRE_DUE": "yes"}, "ROSTER_RETIRE_DUE is invalid: must be true or false"),
    ],
)
def test_invalid_variables(project: Project, update: Update, changed: dict[str, str], message: str) -> None:
    done = update(**changed)

    assert_failed(done, message, status=2)
    assert (done.args, project.requests) == ([], [])


@pytest.mark.parametrize("folder", ["/etc", "a/../.."])
def test_folder_outside_repository_is_invalid(folder: str, project: Project) -> None:
    with redirect_stderr(io.StringIO()) as err:
        assert update_facts.main([folder], variables(project), roster=lambda *_: pytest.fail("runs")) == 2
    assert f'the folder "{folder}" is invalid: must be a path in the repository' in err.getvalue()


def test_rosters_in_folder_of_monorepo(project: Project, update: Update) -> None:
    files = {f"cfg/models/{path}": data for path, data in FILES.items()}
    project.commit("main", Commit("Add rosters", (), files))

    assert outcome(update("cfg/models")) == "!1 created"
    assert project.commits[project.branches[f"{BRANCH}-cfg-models"]].files == files | {
        f"cfg/models/{LOCK}": facts().encode()
    }


def test_sources_can_be_chosen(project: Project, update: Update) -> None:
    done = update(ROSTER_PROVIDERS_FROM="https://mirror.example.com/litellm.json  known.yaml")

    assert outcome(done) == "!1 created"
    assert done.args[1] == f"{COMMAND} --from=https://mirror.example.com/litellm.json --from=known.yaml"


def test_due_retirements_are_part_of_branch(project: Project, update: Update) -> None:
    retirement = "  retirement: {notice: 2026-11-30, last_day: 2027-01-31}\n"

    done = update(retirement=retirement, ROSTER_RETIRE_DUE="true")

    assert outcome(done) == "!1 created"
    assert done.args[2] == "retire --due"
    assert "env/production: Claude retires\n" in done.stdout
    assert done.args[4] == f"diff {project.branches['main']} --format markdown"
    assert project.head.files[ROSTER] == FILES[ROSTER] + retirement.encode()
    [request] = project.merge_requests
    assert request["description"].endswith("### Impact on customers\n\n\\/close")
    assert "This branch has the retirements" in request["description"]


def test_due_retirements_start_on_day_of_run(project: Project, update: Update) -> None:
    """The branch is rebuilt every day, but a merge request that was closed is not opened again."""
    today = "  retirement: {notice: 2026-11-30, last_day: 2027-01-31}\n"
    tomorrow = today.replace("11-30", "12-01")
    update(retirement=today, ROSTER_RETIRE_DUE="true")

    assert outcome(update(retirement=today, ROSTER_RETIRE_DUE="true")) == "!1 is up to date"
    assert outcome(update(retirement=tomorrow, ROSTER_RETIRE_DUE="true")) == "!1 updated"
    assert project.head.files[ROSTER] == FILES[ROSTER] + tomorrow.encode()
    project.merge_requests[0]["state"] = "closed"
    assert outcome(update(retirement=today, ROSTER_RETIRE_DUE="true")).startswith("skipped: !1 with the same changes")


@pytest.mark.parametrize(("error", "status"), [("errors in the base", 0), ("there is no commit", 1)])
def test_errors_in_base_leave_impact(project: Project, update: Update, error: str, status: int) -> None:
    """`roster diff` exits with 2 in both cases, but reports what it could compare in the first one."""
    done = update(retirement="  retirement: {}\n", results={"diff": (2, error)}, ROSTER_RETIRE_DUE="true")

    assert done.returncode == status
    assert len(project.merge_requests) == 1 - status
    assert ("### Impact on customers" in str(project.merge_requests)) == (status == 0)


def test_due_retirements_without_changed_facts(project: Project, update: Update) -> None:
    done = update(facts="[]\n", lines=[], retirement="  retirement: {}\n", ROSTER_RETIRE_DUE="true")

    assert outcome(done) == "!1 created"
    assert project.head.files[ROSTER] == FILES[ROSTER] + b"  retirement: {}\n"


def test_changes_that_are_days_are_proposed(project: Project, update: Update) -> None:
    """Such as a last day that is moved before the provider's end."""
    announced = FILES | {ROSTER: b"last_day: 2027-01-31\n"}
    project.commit("main", Commit("Add rosters", (), announced))

    done = update(facts="[]\n", moved=("2027-01-31", "2026-12-31"), ROSTER_RETIRE_DUE="true")

    assert outcome(done) == "!1 created"
    assert project.head.files == announced | {ROSTER: b"last_day: 2026-12-31\n"}


def test_models_that_need_a_replacement_are_listed(project: Project, update: Update) -> None:
    """`roster retire --due` exits with 1, and announces the retirements of other models."""
    message = "not retired in production: claude needs a replacement"
    done = update(results={"retire": (1, f"other\n{message}\n")}, ROSTER_RETIRE_DUE="true")

    assert outcome(done) == "!1 created"
    assert project.merge_requests[0]["description"].endswith(f"and are not retired:\n\n- `{message}`")


HOSTILE = (
    "/close\r\n/approve @root `x` <!-- --> <script> \x1b[31m section_start:1:x\r\x1b[0K \u202e [a](http://x) ``` #1 !2"
)


def test_hostile_facts_have_no_meaning(project: Project, update: Update) -> None:
    report = [finding(HOSTILE, hint=HOSTILE, note="/close")]
    undecided = (1, f"not retired in x: {HOSTILE}\n")

    done = update(lines=["/close"], findings=report, results={"retire": undecided}, ROSTER_RETIRE_DUE="true")

    assert outcome(done) == "!1 created"
    description = project.merge_requests[0]["description"]
    lines = description.splitlines()[1:]
    assert [line for line in lines if line.lstrip().startswith("/")] == []
    assert "\x1b" not in description
    assert [line for line in lines if "<script>" in line and not line.startswith("- `")] == []
    reported = [line for line in lines if line.startswith("- **error**")]
    assert all("@\N{WORD JOINER}root" in line for line in reported)
    assert len(reported) == 1


def test_description_is_bounded(project: Project, update: Update) -> None:
    many = [finding(f"{number}{'<@`' * 500}", key=str(number)) for number in range(99)]

    done = update(lines=["x" * 2000] * 99, messages="x\n" * 999, findings=many)

    assert outcome(done) == "!1 created"
    description = project.merge_requests[0]["description"]
    assert len(description) < 100_000
    assert re.findall("^- .* more lines$", description, re.MULTILINE) == ["- 85 more lines", "- 90 more lines"]
    assert done.stdout.count("\n") == 52


@pytest.mark.parametrize(
    ("command", "result", "message"),
    [
        (
            "check",
            (2, "roster: env/environments.yaml is missing"),
            "roster check failed with exit",
        ),
        (
            "providers",
            (1, "refused: litellm lost 9 of 10 facts"),
            "roster providers update failed with exit status 1",
        ),
        ("retire", (2, "\x1b[31mno"), "roster retire failed with exit status 2"),
    ],
)
def test_failed_command_stops_job(
    project: Project, update: Update, command: str, result: tuple[int, str], message: str
) -> None:
    done = update(results={command: result}, ROSTER_RETIRE_DUE="true")

    assert_failed(done, message)
    assert result[1].replace("\x1b", "\\x1b") in done.stdout
    assert project.requests == []


HTML = b"<!DOCTYPE html><title>Sign in</title>"
STEPS = {
    "list": ("GET", f"{PROJECT}/merge_requests"),
    "branch": ("GET", f"{PROJECT}/repository/branches/{BRANCH}"),
    "compare": ("GET", f"{PROJECT}/repository/compare"),
    "file": ("GET", f"{PROJECT}/repository/files/schemas%2Fprovider_facts.yaml/raw"),
    "commit": ("POST", f"{PROJECT}/repository/commits"),
    "update": ("PUT", f"{PROJECT}/merge_requests/1"),
}
FAILURES = {
    "401": (plain(401, HTML), "401 Unauthorized (the token in ROSTER_UPDATE_TOKEN is invalid or has expired)"),
    "403": (plain(403, HTML), "403 Forbidden (the token needs the scope api and the role Developer"),
    "500": (plain(500, HTML), "500 Internal Server Error"),
    "302": (plain(302, HTML, {"Location": "/users/sign_in"}), "GitLab answered"),
    "html": (plain(200, HTML), ""),
    "null": (plain(200, None), ""),
    "object": (plain(200, {"message": "\x1b[31m"}), ""),
    "reset": (reset, ""),
}


def test_failed_request_is_reported_with_reason(project: Project, update: Update) -> None:
    """Every failure of every step: the message has no text of the server, and nothing is written after it."""
    update()
    request, head = dict(project.merge_requests[0]), project.head
    for step, key in STEPS.items():
        for name, (respond, message) in FAILURES.items():
            if (step, name) in {("file", "html"), ("file", "null"), ("file", "object")}:
                continue  # a file may contain anything; then it is a commit by others
            project.commit(BRANCH, head)
            project.respond = {key: [respond]}
            done = update(facts=facts("2026-05-01"))
            assert done.returncode == 1, (step, name)
            assert_failed(done, message)
            assert "Sign in" not in done.stderr
            assert "sign_in" not in done.stderr
            assert project.merge_requests == [request], (step, name)
            assert project.head == head or step == "update", (step, name)


def test_failed_creation_is_reported_with_reason(project: Project, update: Update) -> None:
    for name, (respond, message) in FAILURES.items():
        project.respond = {("POST", f"{PROJECT}/merge_requests"): [respond]}
        done = update()
        assert done.returncode == 1, name
        assert_failed(done, message)
        assert project.merge_requests == []


def test_response_that_is_not_the_stored_object_fails(project: Project, update: Update) -> None:
    commits, requests = ("POST", f"{PROJECT}/repository/commits"), ("POST", f"{PROJECT}/merge_requests")
    stored = {"iid": 1, "source_branch": BRANCH, "description": "", "parent_ids": ["f" * 40]}
    for key, name in ((commits, "commit"), (requests, "merge request")):
        project.respond = {key: [plain(201, stored)]}
        assert_failed(update(), f"GitLab's response is not the {name}")


def test_commands_do_not_get_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_command, "ROSTER", "/usr/bin/env")

    done = roster_command.run_roster(str(tmp_path), {"PATH": "/bin", "ROSTER_UPDATE_TOKEN": TOKEN, "A": "b"})

    assert sorted(done.stdout.splitlines()) == ["A=b", "NO_COLOR=1", "PATH=/bin"]


@pytest.mark.slow
def test_script_runs_as_process(project: Project, checkout: Path) -> None:
    command = [sys.executable, str(ROOT / "tools/update_facts.py")]
    environment = os.environ | variables(project) | {"ROSTER_UPDATE_TOKEN": ""}

    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "update-facts: skipped: ROSTER_UPDATE_TOKEN is not set (see docs/publishing.md)\n"

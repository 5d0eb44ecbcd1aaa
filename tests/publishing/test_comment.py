"""tools/comment.py against a stub of GitLab's notes API on real sockets."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import comment
from pipeline import gitlab, gitlab_responses
from tests.conftest import ROOT
from tests.gitlab_stub import API, GitLabStub, StubHandler, plain, reset, running

SCRIPT = ROOT / "tools" / "comment.py"
TOKEN = "canary-of-the-comment"
BOT, SOMEBODY = 71, 5
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NOTES = "/api/v4/projects/24/merge_requests/7/notes"
MARKER = "<!-- roster impact -->"
IMPACT = "## What changes\n\n- **Codestral** is withdrawn\n"


class StubGitLab(GitLabStub):
    """Stores the notes of one merge request."""

    token = TOKEN

    def __init__(self) -> None:
        super().__init__(NotesHandler)
        self.notes: list[dict[str, Any]] = []

    def add(self, body: str, author: int = SOMEBODY, *, system: bool = False) -> dict[str, Any]:
        note = {"id": 1000 + len(self.notes), "body": body, "author": {"id": author}, "system": system}
        self.notes.append(note)
        return note


class NotesHandler(StubHandler):
    server: StubGitLab

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> None:
        if (method, path) == ("GET", f"{API}/user"):
            self.answer(200, {"id": BOT, "username": "project_24_bot"})
        elif (method, path) == ("GET", NOTES):
            assert (query["sort"], query["order_by"]) == ("asc", "created_at")
            self.page(self.server.notes, query)
        elif (method, path) == ("POST", NOTES):
            self.answer(201, self.server.add(body["body"], BOT))
        elif method == "PUT" and (match := re.fullmatch(rf"{NOTES}/(\d+)", path)):
            [note] = [note for note in self.server.notes if note["id"] == int(match[1])]
            note["body"] = body["body"]
            self.answer(200, note)
        else:
            self.answer(404, {"message": "404 Not found"})


def running_stub() -> AbstractContextManager[StubGitLab]:
    return running(StubGitLab())


@pytest.fixture
def server() -> Iterator[StubGitLab]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def impact(tmp_path: Path) -> Path:
    path = tmp_path / "impact.md"
    path.write_text(IMPACT)
    return path


def variables(server: StubGitLab) -> dict[str, str]:
    """The variables of a fork's pipeline: the merge request belongs to the target project."""
    return {
        "CI_API_V4_URL": f"{server.url}/api/v4",
        "CI_PROJECT_ID": "99",
        "CI_MERGE_REQUEST_PROJECT_ID": "24",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_SHA": COMMIT,
        "ROSTER_COMMENT_TOKEN": TOKEN,
    }


def post(impact: Path, server: StubGitLab, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run the script's main function; a separate process would take most of the time."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = comment.main([str(impact)], variables(server) | changed)
    done = subprocess.CompletedProcess(["comment.py"], status, out.getvalue(), err.getvalue())
    assert TOKEN not in done.stdout + done.stderr
    assert "no change" not in (done.stdout + done.stderr).lower()
    return done


def assert_not_posted(done: subprocess.CompletedProcess[str], status: int, *messages: str) -> None:
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("comment: not posted: ")
    assert done.stderr.count("\n") == 1
    for part in messages:
        assert part in done.stderr


def test_first_push_creates_comment(impact: Path, server: StubGitLab) -> None:
    done = post(impact, server)

    assert (done.returncode, done.stdout, done.stderr) == (0, "comment: created\n", "")
    [note] = server.notes
    assert note["body"] == f"{MARKER}\n{IMPACT}\n<sub>As of {COMMIT}</sub>"
    assert server.sent == [
        "GET /user",
        "GET /projects/24/merge_requests/7/notes",
        "POST /projects/24/merge_requests/7/notes",
    ]


def test_script_runs_as_process(impact: Path, server: StubGitLab) -> None:
    command = [sys.executable, str(SCRIPT), str(impact)]
    printed = [
        subprocess.run(command, env=variables(server) | changed, capture_output=True, text=True, timeout=60)
        for changed in ({}, {"ROSTER_COMMENT_TOKEN": "by a former member"}, {"CI_COMMIT_SHA": ""})
    ]

    assert [done.returncode for done in printed] == [0, 1, 2]
    assert [done.stdout for done in printed] == ["comment: created\n", "", ""]
    assert [done.stderr.count("\n") for done in printed] == [0, 1, 1]


def test_next_push_updates_comment(impact: Path, server: StubGitLab) -> None:
    post(impact, server)
    server.requests.clear()
    impact.write_text("Now something else changes.\n")

    done = post(impact, server, CI_COMMIT_SHA="f" * 40)

    assert (done.returncode, done.stdout) == (0, "comment: updated\n")
    [note] = server.notes
    assert note["body"] == f"{MARKER}\nNow something else changes.\n\n<sub>As of {'f' * 40}</sub>"
    assert server.written == [f"PUT /projects/24/merge_requests/7/notes/{note['id']}"]


def test_repeated_run_writes_nothing(impact: Path, server: StubGitLab) -> None:
    post(impact, server)
    server.requests.clear()

    done = post(impact, server)

    assert (done.returncode, done.stdout, server.written) == (0, "comment: up to date\n", [])


def test_every_request_has_token_and_content_type(impact: Path, server: StubGitLab) -> None:
    post(impact, server)
    impact.write_text("Other.\n")
    post(impact, server)

    assert len(server.requests) == 6
    for method, path, headers, _ in server.requests:
        assert headers["private-token"] == TOKEN
        assert TOKEN not in path
        if method != "GET":
            assert headers["content-type"] == "application/json"


def test_comment_is_found_on_later_page(impact: Path, server: StubGitLab) -> None:
    for number in range(230):
        server.add(f"comment {number}")
    own_note = server.add(f"{MARKER}\nold", BOT)
    server.add("one more")

    done = post(impact, server)

    assert (done.returncode, done.stdout) == (0, "comment: updated\n")
    assert server.written == [f"PUT /projects/24/merge_requests/7/notes/{own_note['id']}"]
    pages = [parse_qs(urlsplit(path).query)["page"] for method, path, _, _ in server.requests if "?" in path]
    assert pages == [["1"], ["2"], ["3"]]


@pytest.mark.parametrize("full", [100, 200])
def test_last_page_may_be_full(impact: Path, server: StubGitLab, full: int) -> None:
    for number in range(full):
        server.add(f"comment {number}")

    assert post(impact, server).stdout == "comment: created\n"


def test_comments_of_others_are_unchanged(impact: Path, server: StubGitLab) -> None:
    """Also comments with a copied marker, and system notes in the name of the token's user."""
    server.add(f"{MARKER}\ncopied by somebody")
    server.add(f"{MARKER}\nchanged the title", BOT, system=True)
    server.add("another comment of the bot", BOT)
    server.add(f"quoted: {MARKER}", BOT)
    before = [dict(note) for note in server.notes]

    done = post(impact, server)

    assert (done.returncode, done.stdout) == (0, "comment: created\n")
    assert server.notes[:-1] == before
    assert server.written == ["POST /projects/24/merge_requests/7/notes"]


def test_older_of_two_comments_is_updated(impact: Path, server: StubGitLab) -> None:
    first = server.add(f"{MARKER}\nolder", BOT)
    second = server.add(f"{MARKER}\nnewer", BOT)

    post(impact, server)

    assert "Codestral" in first["body"]
    assert second["body"] == f"{MARKER}\nnewer"


def test_merged_results_pipeline_names_source_branch_commit(impact: Path, server: StubGitLab) -> None:
    post(impact, server, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA="e" * 40)

    assert server.notes[0]["body"].endswith(f"<sub>As of {'e' * 40}</sub>")


def test_quick_actions_are_escaped(impact: Path, server: StubGitLab) -> None:
    impact.write_text("/approve\n  /merge\n\n\t/close\nand/or\n")

    post(impact, server)

    body = server.notes[0]["body"]
    assert body == f"{MARKER}\n\\/approve\n  \\/merge\n\n\t\\/close\nand/or\n\n<sub>As of {COMMIT}</sub>"
    assert post(impact, server).stdout == "comment: up to date\n"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("CI_MERGE_REQUEST_IID", "not a merge request pipeline (CI_MERGE_REQUEST_IID is not set)"),
        ("ROSTER_COMMENT_TOKEN", "ROSTER_COMMENT_TOKEN is not set (see docs/publishing.md)"),
    ],
)
def test_skipped_run_gives_reason(impact: Path, server: StubGitLab, missing: str, reason: str) -> None:
    done = post(impact, server, **{missing: ""})

    assert (done.returncode, done.stdout, done.stderr) == (0, f"comment: skipped: {reason}\n", "")
    assert server.requests == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"CI_API_V4_URL": "", "CI_COMMIT_SHA": ""},
            "not set: CI_API_V4_URL, CI_COMMIT_SHA (GitLab sets them in a job)",
        ),
        ({"CI_API_V4_URL": "file:///etc"}, "CI_API_V4_URL is invalid: must be an http or https URL"),
        ({"CI_API_V4_URL": "http://[::1/"}, "CI_API_V4_URL is invalid: must be an http or https URL"),
        ({"ROSTER_COMMENT_TOKEN": f"{TOKEN}\n{TOKEN}"}, "the token for PRIVATE-TOKEN is invalid: must be"),
    ],
)
def test_invalid_variables(impact: Path, server: StubGitLab, changed: dict[str, str], message: str) -> None:
    assert_not_posted(post(impact, server, **changed), 2, message)
    assert server.requests == []


@pytest.mark.parametrize("content", [None, b"", b" \n\n", b"\xff\xfe"])
def test_missing_or_empty_report_fails(impact: Path, server: StubGitLab, content: bytes | None) -> None:
    if content is None:
        impact.unlink()
    else:
        impact.write_bytes(content)

    assert_not_posted(post(impact, server), 2, str(impact))
    assert server.requests == []


def test_report_over_size_limit_is_not_sent(impact: Path, server: StubGitLab) -> None:
    impact.write_text("ä" * 1_000_000)

    assert_not_posted(post(impact, server), 2, "the comment is too long: 10000", "(GitLab accepts 1000000)")
    assert server.requests == []


STEPS = [("GET", "/api/v4/user"), ("GET", NOTES), ("POST", NOTES), ("PUT", f"{NOTES}/1000")]
HTML = b"<!DOCTYPE html><title>Sign in</title>"
FAILURES = {
    "400": (plain(400), "GitLab answered 400 Bad Request"),
    "401": (plain(401), "GitLab answered 401 Unauthorized (the token is invalid or has expired)"),
    "403": (plain(403), "GitLab answered 403 Forbidden (the token needs the scope api and the role Reporter"),
    "404": (plain(404), "GitLab answered 404 Not Found (the token's user cannot see the merge request"),
    "500": (plain(500, HTML), "GitLab answered 500 Internal Server Error"),
    "503": (plain(503, b"", {"Retry-After": "0"}), "GitLab answered 503 Service Unavailable"),
    "429": (plain(429, b"", {"Retry-After": "3600"}), "GitLab answered 429 Too Many Requests"),
    "html": (plain(200, HTML), "GitLab's response is not JSON"),
    "empty": (plain(200), "GitLab's response is not JSON"),
    "deep": (plain(200, b"[" * 100_000), "GitLab's response is not JSON"),
    "null": (plain(200, None), "GitLab's response"),
    "no-id": (plain(200, {"message": "fine"}), "GitLab's response"),
    "truncated": (
        plain(200, b'{"id": 7', {"Content-Length": "900"}),
        "IncompleteRead(8 bytes read, 892 more expected)",
    ),
    "half": (plain(200, b'[{"id": 7}, {"id"'), "GitLab's response is not JSON"),
    "reset": (reset, ""),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(step).replace("/", "."))
def test_failed_request_is_reported_with_reason(
    impact: Path, server: StubGitLab, step: tuple[str, str], failure: str
) -> None:
    respond, message = FAILURES[failure]
    if step[0] == "PUT":
        server.add(f"{MARKER}\nold", BOT)
    server.respond[step] = [respond]
    before = [dict(note) for note in server.notes]

    done = post(impact, server)

    assert_not_posted(done, 1, message)
    assert server.notes == before
    assert server.sent[-1] == f"{step[0]} {step[1].removeprefix('/api/v4')}"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(step).replace("/", "."))
@pytest.mark.slow
def test_too_many_requests_is_retried_after_delay(impact: Path, server: StubGitLab, step: tuple[str, str]) -> None:
    if step[0] == "PUT":
        server.add(f"{MARKER}\nold", BOT)
    server.respond[step] = [plain(429, b"Retry later", {"Retry-After": "1"}), plain(429, b"", {"Retry-After": "0"})]
    start = monotonic()

    done = post(impact, server)

    assert (done.returncode, done.stderr) == (0, "")
    assert monotonic() - start >= 1
    assert [server.sent.count(line) for line in dict.fromkeys(server.sent)].count(3) == 1
    assert len(server.notes) == 1


def test_retries_are_limited(impact: Path, server: StubGitLab) -> None:
    server.respond["GET", "/api/v4/user"] = [plain(429, b"", {"Retry-After": "0"})] * 9

    assert_not_posted(post(impact, server), 1, "GET user: GitLab answered 429 Too Many Requests")
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "notes",
    [
        {"message": "no list"},
        ["text"],
        [{"id": 1, "body": f"{MARKER}\nx", "author": None, "system": False}],
        [{"id": 1, "author": {"id": BOT}, "system": False}],
        [{"id": "1/../2", "body": f"{MARKER}\nx", "author": {"id": BOT}, "system": False}],
    ],
)
def test_invalid_notes_fail(impact: Path, server: StubGitLab, notes: Any) -> None:
    server.respond["GET", NOTES] = [plain(200, notes, {"X-Next-Page": ""})]

    assert_not_posted(post(impact, server), 1, "GitLab's response")
    assert server.written == []


@pytest.mark.parametrize("next_page", ["1", "0", "-2", "next", "3", "2\t3", "9" * 5000, "\x1b[31m"])
def test_invalid_next_page_fails(impact: Path, server: StubGitLab, next_page: str) -> None:
    notes = [server.add(f"comment {number}") for number in range(100)]
    server.respond["GET", NOTES] = [plain(200, notes, {"X-Next-Page": next_page})]

    assert_not_posted(post(impact, server), 1, "x-next-page is invalid")
    assert server.written == []


@pytest.mark.parametrize("size", [1, 20, 100])
def test_comment_is_found_on_limited_pages_without_next_page_header(
    impact: Path, server: StubGitLab, size: int
) -> None:
    for number in range(2 * size + 3):
        server.add(f"comment {number}")
    own_note = server.add(f"{MARKER}\nold", BOT)
    server.add("one more")
    pages = [server.notes[start : start + size] for start in range(0, len(server.notes) + size, size)]
    server.respond["GET", NOTES] = [plain(200, page) for page in pages]

    done = post(impact, server)

    assert (done.returncode, done.stdout) == (0, "comment: updated\n")
    assert server.written == [f"PUT /projects/24/merge_requests/7/notes/{own_note['id']}"]


def test_empty_page_is_the_last_one(impact: Path, server: StubGitLab) -> None:
    """Without the header, and with one that names a next page for ever."""
    for headers in ({}, {"X-Next-Page": "2"}):
        server.notes.clear()
        server.respond["GET", NOTES] = [plain(200, [], headers)]
        assert post(impact, server).stdout == "comment: created\n"


@pytest.mark.parametrize("next_page", [None, "2"])
def test_repeated_page_fails(impact: Path, server: StubGitLab, next_page: str | None) -> None:
    """The server ignores the number of the page, so the comment may be on a page that it never sends."""
    notes = [server.add(f"comment {number}") for number in range(20)]
    headers = {"X-Next-Page": next_page} if next_page else {}
    server.respond["GET", NOTES] = [plain(200, notes, headers), plain(200, notes)]

    assert_not_posted(post(impact, server), 1, "page=2: GitLab sent the same notes again")
    assert server.written == []


def test_endless_pages_fail(impact: Path, server: StubGitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab_responses, "MAX_PAGES", 5)
    pages = [plain(200, [server.add(f"comment {page}")], {"X-Next-Page": str(page + 1)}) for page in range(1, 9)]
    server.respond["GET", NOTES] = pages

    assert_not_posted(post(impact, server), 1, "notes: GitLab sent more than 5 pages of notes")
    assert len(server.requests) == 1 + 5
    assert server.written == []


@pytest.mark.parametrize(
    "note",
    [
        {"id": 1, "body": f"{MARKER}\nx", "author": {"id": SOMEBODY}, "system": False},
        {"id": 1, "body": f"{MARKER}\nold", "author": {"id": BOT}, "system": False},
        {"id": 1, "body": "another", "author": {"id": BOT}, "system": False},
        {"commands_changes": {}, "summary": ["Approved."]},
    ],
)
@pytest.mark.parametrize("step", STEPS[2:], ids=lambda step: step[0])
def test_response_that_is_not_the_comment_fails(
    impact: Path, server: StubGitLab, step: tuple[str, str], note: dict[str, Any]
) -> None:
    if step[0] == "PUT":
        server.add(f"{MARKER}\nold", BOT)
    server.respond[step] = [plain(200, note)]

    assert_not_posted(post(impact, server), 1, "GitLab's response")


def test_text_of_server_is_not_logged(impact: Path, server: StubGitLab) -> None:
    hostile = f"\x1b[31m section_start:1:x\r\x1b[0K {TOKEN}"

    def misbehave(handler: StubHandler) -> None:
        handler.send_response(500, hostile.replace("\r", ""))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    for step in STEPS[:3]:
        for respond in (misbehave, plain(200, hostile.encode()), plain(200, {"id": hostile}), plain(302, hostile)):
            server.respond[step] = [respond]
            done = post(impact, server)
            assert_not_posted(done, 1)
            assert done.stderr.strip().isprintable()
            assert "section_start" not in done.stderr


@pytest.mark.parametrize("variable", ["CI_MERGE_REQUEST_PROJECT_ID", "CI_MERGE_REQUEST_IID"])
@pytest.mark.parametrize("value", ["é", "7/../8", "-1", "7?", "7\n8", "\x1b"])
def test_invalid_ids_are_reported(impact: Path, server: StubGitLab, variable: str, value: str) -> None:
    assert_not_posted(post(impact, server, **{variable: value}), 2, f"{variable} is invalid: must be a number\n")
    assert server.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(step).replace("/", "."))
def test_redirect_does_not_receive_token(impact: Path, server: StubGitLab, step: tuple[str, str], status: int) -> None:
    if step[0] == "PUT":
        server.add(f"{MARKER}\nold", BOT)
    with running_stub() as target:
        server.respond[step] = [plain(status, b"", {"Location": f"{target.url}{step[1]}"})]
        done = post(impact, server)

    assert_not_posted(done, 1, "GitLab answered 401" if step[0] == "GET" else f"GitLab answered {status}")
    assert [method for method, *_ in target.requests] == (["GET"] if step[0] == "GET" else [])
    assert TOKEN not in str(target.requests)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_dripping_response_is_cut_off(
    impact: Path,
    server: StubGitLab,
    start: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut = Event()

    def drip(handler: StubHandler) -> None:
        handler.wfile.write(start)
        with suppress(OSError):  # the connection is closed
            while not cut.wait(0.01):
                handler.wfile.write(b" ")
        cut.set()

    monkeypatch.setattr(gitlab, "TIMEOUT", 0.2)
    server.respond["GET", "/api/v4/user"] = [drip]

    assert_not_posted(post(impact, server), 1, "GET user: timed out")
    assert cut.wait(10)


def test_unreachable_gitlab_fails(impact: Path, server: StubGitLab) -> None:
    server.shutdown()
    server.server_close()

    assert_not_posted(post(impact, server), 1, "GET user: ", "refused")


def test_wrong_usage_prints_usage(server: StubGitLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert comment.main([], variables(server)) == 2
    assert capsys.readouterr().err == "usage: comment.py FILE\n"

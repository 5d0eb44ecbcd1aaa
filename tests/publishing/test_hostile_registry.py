"""tools/publish.py with a registry that misbehaves: nothing is claimed that was not verified, and all work ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPMessage
from io import BytesIO
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from urllib.request import Request

import pytest

from pipeline import gitlab
from tests.package_registry import PACKAGE, TOKEN, Handler, Registry
from tests.publishing.test_publish import (
    REVISION,
    dist,
    object_store,
    pointer,
    publish,
    registry,
    render,
)

__all__ = ["dist", "object_store", "registry"]  # fixtures

Script = Callable[[Handler, bytes], None]
POINTER = "current/production.json"
HTML = b"<!DOCTYPE html><title>GitLab is not responding</title>"
OTHER_REVISION = "f" * 40


def answer(status: int, body: bytes = b"", **headers: str) -> Script:
    """Send a response; an upload is lost."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def script(handler: Handler, _: bytes) -> None:
        handler.respond("", "", status, body, **headers)

    return script


def raw(response: bytes) -> Script:
    """Send bytes that need not be HTTP, and close the connection."""

    def script(handler: Handler, _: bytes) -> None:
        handler.wfile.write(response)
        handler.close_connection = True

    return script


def store(body: bytes | None) -> Script:
    """Confirm an upload, but store something else; None stores nothing."""

    def script(handler: Handler, _: bytes) -> None:
        path = handler.path.removeprefix(PACKAGE)
        if body is not None:
            handler.server.stored[path] = body
        handler.respond("", "", 201, b'{"message":"201 Created"}')

    return script


UPLOADS = {
    "sign-in page": (answer(200, HTML), "GitLab answered 200 OK (expected 201 Created)"),
    "200 JSON": (answer(200, b'{"message":"201 Created"}'), "GitLab answered 200 OK (expected 201 Created)"),
    "202": (answer(202), "GitLab answered 202 Accepted (expected 201 Created)"),
    "204": (answer(204), "GitLab answered 204 No Content (expected 201 Created)"),
    "redirect": (answer(302, Location="/sign_in"), "GitLab answered 302 Found (expected 201 Created)"),
    "unmodified": (answer(304), "GitLab answered 304 Not Modified (expected 201 Created)"),
    "forbidden": (answer(403, b'{"message":"403 Forbidden"}'), "GitLab answered 403 Forbidden"),
    "conflict": (answer(409), "GitLab answered 409 Conflict"),
    "too large": (answer(413, HTML), "GitLab answered 413 "),
    "error": (answer(500), "GitLab answered 500 Internal Server Error"),
    "maintenance": (answer(503, HTML, Retry_After="3600"), "GitLab answered 503 Service Unavailable"),
    "unknown status": (answer(599), "GitLab answered 599\n"),
    "lost": (store(None), "GitLab answered 201 Created, but the stored file differs"),
    "truncated": (store(b'{"environment": "prod'), "GitLab answered 201 Created, but the stored file differs"),
    "page stored": (store(HTML), "GitLab answered 201 Created, but the stored file differs"),
    "reset": (raw(b""), "remote end closed connection without response"),
    "not HTTP": (raw(b"220 ready\r\n\r\n"), "GitLab's response is not valid HTTP"),
}


@pytest.mark.parametrize("case", UPLOADS)
def test_unconfirmed_upload_fails_and_moves_no_pointer(dist: Path, registry: Registry, case: str) -> None:
    publish(dist, registry)
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=13, models=["Qwen"])
    with Registry() as trial:
        publish(dist, trial)
        path = trial.uploads[1]
    before = registry.stored[POINTER]
    script, message = UPLOADS[case]
    registry.scripts["PUT", path] = script

    done = publish(dist, registry)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"publish: PUT {path}: ")
    assert message in done.stderr
    assert f"published {path}" not in done.stdout
    assert registry.stored[POINTER] == before


@pytest.mark.parametrize("case", UPLOADS)
def test_unconfirmed_pointer_is_not_reported_as_published(dist: Path, registry: Registry, case: str) -> None:
    script, message = UPLOADS[case]
    registry.scripts["PUT", POINTER] = script

    done = publish(dist, registry)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert message in done.stderr
    assert "published current" not in done.stdout


WRONG_VALUES: dict[str, list[Any]] = {
    "sequence": ["99", True, 99.0, None, [], -5, 0, 2**53, 10**4000],
    "revision": [1, "main", REVISION[:12], f"{REVISION}\n"],
    "version": [1, "", "../x", "é", "a/b", "x" * 300],
    "environment": ["staging-ref", None, 1],
    "files": [None, [], {}, "x", {"gateway.json": {}}],
}
WRONG_VALUES_OF_FILE: dict[str, list[Any]] = {
    "path": [..., 1, "../é", "/etc/passwd", "http://[::1/"],
    "sha256": [..., 1, "", "é" * 64, "A" * 64],
}


@pytest.mark.parametrize("read", [answer(200, HTML), answer(500), answer(204)])
def test_unreadable_upload_is_not_confirmed(dist: Path, registry: Registry, read: Script) -> None:
    def vanish(handler: Handler, _: bytes) -> None:
        path = handler.path.removeprefix(PACKAGE)
        registry.scripts["GET", path] = read
        handler.respond("", "", 201, b"")

    with Registry() as trial:
        publish(dist, trial)
        path = trial.uploads[0]
    registry.scripts["PUT", path] = vanish

    done = publish(dist, registry)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert POINTER not in registry.stored


def changed(**keys: Any) -> Callable[[dict[str, Any]], bytes]:
    """Return a function that changes keys of a pointer; the value ... removes the key."""
    return lambda pointer: json.dumps(
        {name: value for name, value in (pointer | keys).items() if value is not ...}
    ).encode()


def changed_file(**keys: Any) -> Callable[[dict[str, Any]], bytes]:
    def change(pointer: dict[str, Any]) -> bytes:
        file = {name: value for name, value in (pointer["files"]["gateway.json"] | keys).items() if value is not ...}
        return json.dumps(pointer | {"files": pointer["files"] | {"gateway.json": file}}).encode()

    return change


def test_invalid_pointer_is_no_evidence_that_nothing_newer_is_published(dist: Path, registry: Registry) -> None:
    """An older release must not replace whatever the registry fails to show."""
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=200)
    publish(dist, registry)
    published = pointer(registry, "production")
    text = json.dumps(published)
    bodies: dict[str, Callable[[dict[str, Any]], bytes]] = {
        "page": lambda _: HTML,
        "empty": lambda _: b"",
        "truncated": lambda _: text[:-9].encode(),
        "not UTF-8": lambda _: b"\xff" + text.encode(),
        "list": lambda _: b"[]",
        "null": lambda _: b"null",
        "deep": lambda _: b"[" * 60_000,
        "large": lambda _: text.encode() + b" " * 70_000,
        "duplicate key": lambda _: text.replace('"sequence"', '"sequence": 1, "sequence"').encode(),
        "NaN": lambda _: text.replace("200,", "NaN,").encode(),
        **{f"no {key}": changed(**{key: ...}) for key in published},
        **{
            f"{key} {str(value)[:40]}": changed(**{key: value})
            for key, values in WRONG_VALUES.items()
            for value in values
        },
        **{
            f"{key} {str(value)[:40]}": changed_file(**{key: value})
            for key, values in WRONG_VALUES_OF_FILE.items()
            for value in values
        },
    }
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=100)
    accepted = []
    for name, body in bodies.items():
        registry.requests.clear()
        registry.scripts["GET", POINTER] = answer(200, body(published))
        done = publish(dist, registry)
        refused = done.stderr.startswith(f"publish: GET {POINTER}: not a pointer file: ")
        if (done.returncode, refused, done.stderr.count("\n"), registry.uploads) != (1, True, 1, []):
            accepted.append((name, done))
    assert accepted == []


@pytest.mark.parametrize(
    "script",
    [
        answer(202, HTML),
        answer(204),
        answer(206, b"{}"),
        answer(304),
        answer(400),
        answer(401),
        answer(403),
        answer(410),
        answer(500),
        answer(503, HTML),
        answer(301, Location="http://[::1/"),
        answer(302, Location="ftp://127.0.0.1/x"),
        answer(302, Location="/\xe9 \x1b[31m"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nzz"),
        raw(b"HTTP/1.1 200 OK\r\n\r\n{}"),
        raw(b"HTTP/1.1 404"),
        raw(b"HTTP/1.1 404 Not Found\r\n\r\n"),
        raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 90\r\n\r\n{"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
        raw(b""),
    ],
)
def test_only_404_means_that_there_is_no_pointer(dist: Path, registry: Registry, script: Script) -> None:
    registry.scripts["GET", POINTER] = script

    done = publish(dist, registry)

    assert (done.returncode, done.stderr.count("\n"), registry.uploads) == (1, 1, [])
    assert done.stderr.startswith(f"publish: GET {POINTER}: ")


@pytest.mark.parametrize(
    ("url", "target", "is_followed"),
    [
        ("https://a/x", "https://b/y", True),
        ("https://a/x", "http://b/y", False),
        ("http://a/x", "http://b/y", True),
        ("http://a/x", "https://b/y", True),
        ("http://a/x", "ftp://b/y", False),
    ],
)
def test_redirect_never_leaves_https(url: str, target: str, is_followed: bool) -> None:
    redirect = gitlab._RedirectOnlyGet().redirect_request(Request(url), BytesIO(), 302, "", HTTPMessage(), target)
    assert (redirect is not None) is is_followed


def test_404_of_object_store_is_not_a_missing_pointer(dist: Path, registry: Registry, object_store: Registry) -> None:
    registry.responses["GET", POINTER] = (302, {"Location": f"{object_store.url}/lost"})

    done = publish(dist, registry)

    assert (done.returncode, registry.uploads) == (1, [])
    assert done.stderr == f"publish: GET {POINTER}: GitLab redirected to a file that does not exist\n"


def test_redirect_to_sign_in_page_is_not_a_pointer(dist: Path, registry: Registry, object_store: Registry) -> None:
    object_store.stored["/sign_in"] = HTML
    registry.responses["GET", POINTER] = (302, {"Location": f"{object_store.url}/sign_in"})

    done = publish(dist, registry)

    assert (done.returncode, registry.uploads) == (1, [])
    assert "not a pointer file: it is not JSON" in done.stderr


def test_pointer_moved_by_another_job_is_not_replaced(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    newer = json.dumps(pointer(registry, "production") | {"sequence": 99}).encode()
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=13, models=["Qwen"])
    with Registry() as trial:
        publish(dist, trial)
        last_file = trial.uploads[-3]

    def move(handler: Handler, body: bytes) -> None:
        registry.stored |= {last_file: body, POINTER: newer}
        handler.respond("", "", 201, b"")

    registry.scripts["PUT", last_file] = move

    done = publish(dist, registry)

    assert done.returncode == 1
    assert done.stderr == f"publish: {POINTER} was changed by another job during this one; run the job again\n"
    assert registry.stored[POINTER] == newer


def test_release_dated_in_the_future_is_not_published(dist: Path, registry: Registry) -> None:
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=42_00_2126_11_15)

    done = publish(dist, registry)

    assert (done.returncode, registry.requests) == (2, [])
    assert "sequence 420021261115 is dated in the future, so gateways would reject it; render it again" in done.stderr


def test_pointer_dated_in_the_future_is_an_error(dist: Path, registry: Registry) -> None:
    """It would be newer than all later releases, which would be skipped without an error."""
    publish(dist, registry)
    future = pointer(registry, "production") | {"sequence": 42_00_2126_11_15}
    registry.stored[POINTER] = json.dumps(future).encode()

    done = publish(dist, registry)

    assert done.returncode == 2
    assert done.stderr == (
        f"publish: {POINTER}: sequence 420021261115 is dated in the future, so that nothing newer could be published; "
        "delete the file from the package registry\n"
    )


class TestSameSequence:
    def test_other_revision_in_pointer_is_rejected(self, dist: Path, registry: Registry) -> None:
        publish(dist, registry)
        other = pointer(registry, "production") | {"revision": OTHER_REVISION}
        registry.stored[POINTER] = json.dumps(other).encode()

        done = publish(dist, registry)

        assert done.returncode == 2
        assert "production: sequence 12 is already published with different content" in done.stderr

    def test_artifacts_of_other_revisions_are_rejected(self, dist: Path, registry: Registry) -> None:
        path = dist / "production" / "gateway.json"
        path.write_text(path.read_text().replace(REVISION, OTHER_REVISION))

        done = publish(dist, registry)

        assert done.returncode == 2
        assert done.stderr == f"publish: {dist} has artifacts of different commits; run `roster render` again\n"
        assert registry.requests == []

    def test_signed_release_can_be_published_again(self, dist: Path, registry: Registry) -> None:
        sign(dist)
        publish(dist, registry)
        registry.requests.clear()

        done = publish(dist, registry)

        assert (done.returncode, done.stderr, registry.uploads) == (0, "", [])

    @pytest.mark.parametrize("name", ["gateway.json", "offered_models.json", "gateway.json.sig"])
    def test_lost_or_damaged_files_are_uploaded_again(self, dist: Path, registry: Registry, name: str) -> None:
        sign(dist)
        publish(dist, registry)
        path = pointer(registry, "production")["files"][name]["path"]
        for damage in (None, HTML):
            before = dict(registry.stored)
            del registry.stored[path]
            if damage:
                registry.stored[path] = damage
            done = publish(dist, registry)
            assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"published {path}")
            assert registry.stored == before


class TestHigherSequence:
    @pytest.fixture(autouse=True)
    def _published(self, dist: Path, registry: Registry) -> None:
        sign(dist)
        publish(dist, registry)
        for environment in ("production", "staging-ref"):
            render(dist, environment, sequence=13)

    def test_unchanged_signed_release_is_not_published(self, dist: Path, registry: Registry) -> None:
        sign(dist, signature="d2l0aA==")
        before = dict(registry.stored)

        done = publish(dist, registry)

        assert (done.returncode, registry.stored) == (0, before)
        assert done.stdout.count("is already published") == 2

    @pytest.mark.parametrize("name", ["gateway.json", "offered_models.json"])
    def test_signature_with_another_key_is_published(self, dist: Path, registry: Registry, name: str) -> None:
        sign(dist)
        (dist / "production" / f"{name}.sig").write_text('{"key": "other", "signature": "c2lnbg=="}')

        assert publish(dist, registry).returncode == 0
        assert (pointer(registry, "production")["sequence"], pointer(registry, "staging-ref")["sequence"]) == (13, 12)

    def test_release_without_signature_replaces_signed_one(self, dist: Path, registry: Registry) -> None:
        for path in dist.glob("*/*.sig"):
            path.unlink()
        assert publish(dist, registry).returncode == 0
        assert pointer(registry, "production")["files"].keys() == {"gateway.json", "offered_models.json"}
        for environment in ("production", "staging-ref"):
            render(dist, environment, sequence=14)
        sign(dist)
        assert publish(dist, registry).returncode == 0
        assert "gateway.json.sig" in pointer(registry, "production")["files"]

    def test_file_that_does_not_match_the_pointer_is_not_taken_for_published(
        self, dist: Path, registry: Registry
    ) -> None:
        sign(dist, signature="d2l0aA==")
        path = pointer(registry, "production")["files"]["gateway.json"]["path"]
        registry.stored[path] = registry.stored[path].replace(b'"sequence": 12', b'"sequence": 11')

        assert publish(dist, registry).returncode == 0
        assert pointer(registry, "production")["sequence"] == 13

    @pytest.mark.parametrize("name", ["gateway.json", "offered_models.json", "offered_models.json.sig"])
    def test_damaged_file_is_not_taken_for_published(self, dist: Path, registry: Registry, name: str) -> None:
        sign(dist, signature="d2l0aA==")
        registry.stored[pointer(registry, "production")["files"][name]["path"]] = HTML

        assert publish(dist, registry).returncode == 0
        assert pointer(registry, "production")["sequence"] == 13


def sign(dist: Path, signature: str = "c2lnbg==") -> None:
    """Write the signatures of all artifacts; only that of gateway.json depends on the sequence."""
    for path in dist.glob("*/*.json"):
        varying = signature if path.name == "gateway.json" else "c2lnbg=="
        path.with_name(f"{path.name}.sig").write_text(json.dumps({"key": "4f1c", "signature": varying}))


class TestJobLog:
    HOSTILE = f"\x1b[31m section_start:1:x\r\x1b[0K {TOKEN} "
    RESPONSES = (
        f"HTTP/1.1 500 {HOSTILE}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 599 {HOSTILE}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{HOSTILE}",
        f"HTTP/1.1 200 OK\r\nContent-Length: {len(HOSTILE)}\r\n\r\n{HOSTILE}",
        f"HTTP/1.1 302 {HOSTILE}\r\nLocation: gopher://{HOSTILE}\r\n\r\n",
        f"HTTP/1.1 302 {HOSTILE}\r\nLocation: /{HOSTILE}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\n{HOSTILE}: x\r\nTransfer-Encoding: chunked\r\n\r\n{HOSTILE}",
        f"HTTP/9.9 {HOSTILE}\r\n\r\n",
        f"{HOSTILE}\r\n\r\n",
        f"HTTP/1.1 {HOSTILE}\r\n\r\n",
        f"HTTP/1.1 429 {HOSTILE}\r\nRetry-After: {HOSTILE}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 429 x\r\nRetry-After: {'9' * 5000}\r\nContent-Length: 0\r\n\r\n",
    )

    @pytest.mark.parametrize("response", RESPONSES)
    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_text_of_server_is_not_logged(self, dist: Path, registry: Registry, method: str, response: str) -> None:
        """`publish` checks the log after each run; the token is in every response."""
        registry.scripts[method, POINTER] = raw(response.encode())

        done = publish(dist, registry)

        assert (done.returncode, done.stderr.count("\n"), "section_start" in done.stderr) == (1, 1, False)

    def test_text_of_artifact_is_escaped_and_shortened(self, dist: Path, registry: Registry) -> None:
        path = dist / "production" / "gateway.json"
        original = json.loads(path.read_text())
        for key in ("environment", "sequence", "revision"):
            values: list[Any] = [self.HOSTILE.replace(TOKEN, ""), "é" * 1000, [[]] * 1000, 10**4000, {}]
            for value in values:
                path.write_text(json.dumps(original | {key: value}))
                done = publish(dist, registry)
                assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        path.write_text("[" * 100_000)
        assert publish(dist, registry).returncode == 2
        assert registry.requests == []

    def test_name_of_folder_is_escaped(self, dist: Path, registry: Registry) -> None:
        (dist / "production").rename(dist / "é\x1b[31m\r\n")

        done = publish(dist, registry)

        assert (done.returncode, done.stderr.count("\n"), registry.requests) == (2, 1, [])


class TestLimits:
    @pytest.mark.slow
    def test_drip_ends_with_timeout(self, dist: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A socket timeout limits only the time between two bytes."""
        monkeypatch.setattr(gitlab, "TIMEOUT", 0.3)
        stopped = Event()
        heads = (b"", b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")

        def drip(head: bytes) -> Script:
            def script(handler: Handler, _: bytes) -> None:
                handler.wfile.write(head)
                while not stopped.wait(0.02):
                    handler.wfile.write(b" ")

            return script

        for method in ("GET", "PUT"):
            for head in heads:
                registry.scripts = {(method, POINTER): drip(head)}
                start = monotonic()
                done = publish(dist, registry)
                assert monotonic() - start < 5
                assert done.returncode == 1
                assert done.stderr.endswith(": timed out: no complete response within 0.3 seconds\n")
        stopped.set()

    def test_delays_count_towards_deadline(
        self, dist: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gitlab, "DEADLINE", 20)
        registry.scripts["GET", POINTER] = answer(429, Retry_After="60")

        done = publish(dist, registry)

        assert (done.returncode, len(registry.requests)) == (1, 1)
        assert done.stderr == f"publish: GET {POINTER}: GitLab answered 429 Too Many Requests\n"

    def test_no_request_is_sent_after_deadline(
        self, dist: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gitlab, "DEADLINE", 0)

        done = publish(dist, registry)

        assert (done.returncode, registry.requests) == (1, [])
        assert "not sent: all requests together took longer than 0 seconds" in done.stderr

    @pytest.mark.parametrize("limit", ["MAX_BYTES", "MAX_TOTAL_BYTES"])
    @pytest.mark.parametrize("head", [b"Content-Length: 5000", b"Transfer-Encoding: chunked"])
    def test_large_response_is_not_read(
        self, dist: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch, limit: str, head: bytes
    ) -> None:
        monkeypatch.setattr(gitlab, limit, 1000)
        chunk = b"1388\r\n" if b"chunked" in head else b""
        registry.scripts["GET", POINTER] = raw(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + chunk + b" " * 5000)

        done = publish(dist, registry)

        assert (done.returncode, registry.uploads) == (1, [])
        assert done.stderr == f"publish: GET {POINTER}: the response is larger than 1000 bytes\n"

    def test_responses_together_are_limited(
        self, dist: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(dist, registry)
        limit = len(registry.stored[POINTER]) + 10
        monkeypatch.setattr(gitlab, "MAX_TOTAL_BYTES", limit)

        done = publish(dist, registry)

        assert done.returncode == 1
        assert done.stderr == "publish: GET current/staging-ref.json: the response is larger than 10 bytes\n"

    def test_large_artifact_is_rejected(self, dist: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pipeline.rendered_releases.MAX_BYTES", 20)

        done = publish(dist, registry)

        assert (done.returncode, registry.requests) == (2, [])
        assert done.stderr.endswith("gateway.json: gateway.json is larger than 20 bytes\n")


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        (
            "CI_API_V4_URL",
            ["http://[::1/", "http://h:99999999/", "http://h:x/", "http://h:0/", "http:///v4", "http://é/", "//h",
             "https://user:pw@h/", "http://h/?a=b", "http://h/#a", "http://h/a b", "http://h\x1b/", "ftp://h/", "h"],
        ),
        ("CI_PROJECT_ID", ["é", "24/../25", "٢٤", "-1", "24?", "9" * 30, "24\n25", "\x1b"]),
        ("CI_JOB_TOKEN", [f"{TOKEN}\n{TOKEN}", f"{TOKEN}é", f"{TOKEN}\x00", f"\x1b{TOKEN}"]),
    ],
)  # fmt: skip
def test_invalid_variable_is_reported_without_its_value(
    dist: Path, registry: Registry, variable: str, values: list[str]
) -> None:
    for value in values:
        done = publish(dist, registry, **{variable: value})
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), value
        assert "is invalid: must be" in done.stderr
        assert value not in done.stderr or value == "h"
    assert registry.requests == []

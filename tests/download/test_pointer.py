"""Pointers: parsing, and downloading the named file within the origin."""

import json
import runpy
from hashlib import sha256

import pytest

from roster.download.download_result import Download
from roster.download.pointer import Pointer, parse_pointer
from roster.download.rejection import Rejected
from tests.conftest import ROOT
from tests.download.download_helpers import (
    BODY,
    FILE,
    HALF,
    PACKAGE,
    downloaded,
    pointer_to_body,
    rejection,
    rejection_of,
)
from tests.download.scripted_server import Ending, ScriptedServer, answer, head, ok, redirect


def test_published_pointer_is_parsed():
    publish = runpy.run_path(str(ROOT / "tools" / "publish.py"), run_name="publish")
    release = publish["Release"]("production", 42, "4b" * 20, {"gateway.json": BODY, "offered_models.json": b"[]"})
    result = parse_pointer(release.pointer("42-4b4b4b4b4b4b-0a1b2c3d"))
    path = release.path("42-4b4b4b4b4b4b-0a1b2c3d", "gateway.json")
    assert result == Pointer("production", path, sha256(BODY).hexdigest())
    package = f"https://gitlab.example.com{PACKAGE}"
    assert result.file_url(package + release.pointer_path) == package + path


def test_pointer_is_followed():
    with ScriptedServer(ok(pointer_to_body(), 'ETag: "p"'), ok(BODY, 'ETag: "f"')) as server:
        download = downloaded(f"{server.origin}{PACKAGE}current/production.json?x=y", '"o"', environment="production")
    assert download == Download(BODY, '"p"', None, f"{server.origin}{PACKAGE}{FILE}", 2)
    assert server.requests[1].path == f"{PACKAGE}{FILE}"
    assert [request.headers.get("if-none-match") for request in server.requests] == ['"o"', None]


def test_signature_is_next_to_pointed_file():
    with ScriptedServer(ok(pointer_to_body()), ok(BODY), ok(b"signed")) as server:
        download = downloaded(f"{server.origin}{PACKAGE}current/production.json", public_keys=("a key",))
    assert download.signature == b"signed"
    assert server.requests[2].path == f"{PACKAGE}{FILE}.sig"


def test_file_without_length_is_accepted_with_matching_sha256():
    with ScriptedServer(ok(pointer_to_body()), [head("HTTP/1.1 200 OK"), BODY, Ending.CLOSE]) as server:
        assert downloaded(f"{server.origin}/current/production.json").body == BODY
    with ScriptedServer(ok(pointer_to_body()), [head("HTTP/1.1 200 OK"), HALF, Ending.CLOSE]) as server:
        assert str(rejection(f"{server.origin}/current/production.json")) == (
            "truncated: the file does not match the sha256 in the pointer"
        )


def test_file_with_other_sha256_is_rejected():
    assert rejection_of(ok(pointer_to_body()), ok(b"- name: Other\n")).startswith("truncated: the file does not match")


def test_missing_file_is_rejected():
    assert rejection_of(ok(pointer_to_body()), answer("404 Not Found")).startswith("not-found: ")


def test_file_over_limit_is_rejected():
    assert rejection_of(ok(pointer_to_body()), ok(b"x" * 2049), max_bytes=2048).startswith("too-large: ")


def test_file_is_downloaded_from_same_origin():
    assert rejection_of(ok(pointer_to_body()), redirect("https://evil.example/")).startswith("redirected-away: ")


def test_pointer_of_other_environment_is_rejected_first():
    with ScriptedServer(ok(pointer_to_body())) as server:
        rejected = rejection(f"{server.origin}/current/production.json", environment="staging")
    assert str(rejected) == 'wrong-environment: the pointer is for "production", not "staging"'
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"path": path}
        for path in (
            "https://evil.example/a",
            "//evil.example/a",
            "/a",
            "../a",
            "a/../../b",
            "a\\b",
            "a?b",
            "a#b",
            "a%2e",
            "a b",
            "",
            ".",
            "a\n",
            7,
            None,
        )
    ]
    + [{"sha256": digest} for digest in ("", "0" * 63, "G" * 64, sha256(BODY).hexdigest().upper(), 7)],
)
def test_pointer_with_unsafe_path_is_rejected(changes: dict[str, object]):
    assert rejection_of(ok(pointer_to_body(**changes))).startswith("wrong-shape: the pointer")


@pytest.mark.parametrize(
    "body", [b'{"files": {}}', b'{"files": []}', b'{"files": null}', b'{"files": {"gateway.json": {"path": "a"}}}']
)
def test_pointer_without_file_is_rejected(body: bytes):
    assert rejection_of(ok(body)).startswith("wrong-shape: the pointer")


def test_duplicate_key_is_rejected():
    body = pointer_to_body().replace(b'"version"', b'"files": {}, "files"')
    assert rejection_of(ok(body)) == "not-parsed: an object has a duplicate key"


@pytest.mark.parametrize(
    "body",
    [
        b'{"format": 1, "offered_models": []}',
        b"[]",
        b"{name: a}",
        b"{",
        b'{"a": ' * 9000,
        b'{"files": 1}' + b" " * 65536,
    ],
    ids=["gateway.json", "list", "YAML", "broken", "deep", "large"],
)
def test_other_files_are_not_pointers(body: bytes):
    with ScriptedServer(ok(body)) as server:
        assert downloaded(server.origin).body == body


def test_keys_of_newer_pointer_are_ignored():
    content = json.loads(pointer_to_body())
    newer = content | {"format": 2, "files": content["files"] | {"models.yml": {"path": "x", "size": 1}}}
    newer["files"]["gateway.json"] = content["files"]["gateway.json"] | {"size": 1}
    assert parse_pointer(json.dumps(newer).encode()) == parse_pointer(pointer_to_body())


def test_pointer_without_artifact_of_this_version_is_rejected():
    content = json.loads(pointer_to_body())
    content["files"] = {"gateway-2.json": content["files"]["gateway.json"]}
    with pytest.raises(Rejected, match=r"the pointer has no gateway\.json"):
        parse_pointer(json.dumps(content).encode())

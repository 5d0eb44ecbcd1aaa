"""Whatever the source does, the served list remains, and readiness and metrics report the failure."""

import gzip
import logging
import socket
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from roster.download.rejection import REASONS
from roster.findings import ConfigurationError
from roster.gateway.list_updater import ListUpdater
from roster.publishing.signature import sign
from tests.accept.example_downloads import KINDS, ROSTER, as_bytes, envelope, model, rendered
from tests.download.certificates import Authority
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import (
    CHUNKED,
    Ending,
    Play,
    ScriptedServer,
    answer,
    chunk,
    endless,
    head,
    ok,
    redirect,
)
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, PLAIN, client, updater
from tests.publishing.test_signature import private, public

GATEWAY = KINDS["gateway"]
GOOD = ok(GATEWAY, 'ETag: "good"')


class Failure(NamedTuple):
    """A failure of the source: its script, the reason, and the body that was rejected, if any arrived."""

    play: Play
    name: str
    body: bytes = b""


def refused(body: bytes, name: str) -> Failure:
    """Return a failure with a complete response whose body is rejected."""
    return Failure(ok(body, 'ETag: "bad"'), name, body)


FAILURES = {
    "204": Failure(answer("204 No Content"), "bad-status"),
    "206": Failure(answer("206 Partial Content", body=GATEWAY), "bad-status"),
    "301": Failure(answer("301 Moved Permanently"), "bad-status"),
    "401": Failure(answer("401 Unauthorized", body=CANARY.encode()), "unauthorized"),
    "403": Failure(answer("403 Forbidden"), "unauthorized"),
    "404": Failure(answer("404 Not Found", 'ETag: "bad"', body=b"[]"), "not-found"),
    "429": Failure(answer("429 Too Many Requests", "Retry-After: 3600"), "rate-limited"),
    "500": Failure(answer("500 Internal Server Error"), "bad-status"),
    "503": Failure(answer("503 Service Unavailable"), "bad-status"),
    "closed": Failure([Ending.CLOSE], "unreachable"),
    "reset": Failure([Ending.RESET], "unreachable"),
    "no http": Failure([b"SSH-2.0-OpenSSH_9.2\r\n", Ending.CLOSE], "bad-status"),
    "no bytes": Failure(ok(b"", 'ETag: "bad"'), "empty"),
    "truncated with a length": Failure([answer("200 OK", body=GATEWAY[:9], length=99)[0], Ending.CLOSE], "truncated"),
    "truncated in chunks": Failure([CHUNKED, chunk(GATEWAY[:9]), Ending.CLOSE], "truncated"),
    "truncated without a length": Failure([head("HTTP/1.1 200 OK"), GATEWAY[:9], Ending.CLOSE], "truncated"),
    "header drip": Failure(endless(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.05), "deadline-passed"),
    "body drip": Failure(endless(head("HTTP/1.1 200 OK", "Content-Length: 9999"), b" ", 0.05), "deadline-passed"),
    "silence": Failure([60.0], "deadline-passed"),
    "endless body": Failure(endless(CHUNKED, chunk(b" " * 65536)), "too-large"),
    "gzip bomb": Failure(ok(gzip.compress(b"\0" * 10_000_000), "Content-Encoding: gzip"), "bad-status"),
    "endless redirects": Failure(redirect("/again"), "bad-status"),
    "redirect to elsewhere": Failure(redirect("https://evil.example/"), "redirected-away"),
    "white space": refused(b" \n\n ", "empty"),
    "sign-in page": refused(b"<!DOCTYPE html><title>Sign in</title>", "wrong-shape"),
    "byte order mark": refused(b"\xef\xbb\xbf" + GATEWAY, "not-text"),
    "invalid UTF-8": refused(GATEWAY.replace(b"Claude", b"Cl\xffude"), "not-text"),
    "UTF-16": refused(ROSTER.encode("utf-16-le"), "not-text"),
    "half of a file": refused(GATEWAY[: len(GATEWAY) // 2], "not-parsed"),
    "duplicate keys": Failure(ok(GATEWAY.replace(b'"format"', b'"format": 1, "format"', 1)), "not-parsed"),
    "duplicate keys in the list": refused(KINDS["offered_models"].replace(b'"id"', b'"id": 1, "id"'), "not-parsed"),
    "NaN": refused(GATEWAY.replace(b'"sequence": 42', b'"sequence": NaN'), "not-parsed"),
    "private endpoint": refused(GATEWAY.replace(b"gemini.example-models.com", b"models.internal"), "rule-broken"),
    "wrong schema": refused(as_bytes(envelope(routes=[])), "wrong-shape"),
    "newer format": refused(as_bytes(envelope(format=2)), "unknown-format"),
    "broken rule": refused(GATEWAY.replace(b"https://gemini.", b"http://gemini."), "wrong-shape"),
    "empty list": refused(as_bytes(envelope(offered_models=[])), "no-models"),
    "empty array": refused(b"[]", "no-models"),
    "another environment": refused(as_bytes(envelope(environment="staging", sequence=43)), "wrong-environment"),
    "older": refused(rendered("gateway", sequence=41), "older"),
    "no sequence": refused(KINDS["roster"], "older"),
    "too few left": refused(rendered("gateway", model("claude"), sequence=43), "shrunk"),
}
SLOW = ("header drip", "body drip", "silence")


def served(asking: TestClient) -> list[Any]:
    """Return what callers see: the bytes and ETag of each response."""
    paths = (LIST, f"{LIST}?feature=duo_chat", DEFINITIONS)
    return [(got.content, got.headers["etag"]) for got in (asking.get(path, headers=PLAIN) for path in paths)]


def started(server: ScriptedServer, folder: Path, **changes: Any) -> ListUpdater:
    source = updater(server.origin, folder / "kept", deadline_seconds=5.0)
    source.start()
    assert source.active
    if changes:
        source._settings = updater(server.origin, folder / "kept", **changes)._settings
    return source


def stays(source: ListUpdater, name: str, body: bytes = b"") -> None:
    """Check that a poll changes nothing but readiness and metrics."""
    http_client, active = client(source), source.active
    assert active
    before, cached, checked = served(http_client), source._cache.load(), source.last_check
    assert not source.poll()
    assert source.active is active
    assert served(http_client) == before
    assert source._cache.load() == cached
    assert source.last_check == checked

    assert name in REASONS
    version = sha256(body).hexdigest()[:12] if body else ""
    readiness = http_client.get("/-/readiness")
    assert readiness.status_code == 200
    report = readiness.json()
    assert (report["status"], report["active"]["version"]) == ("ready", active.name)
    assert report["active"]["age_seconds"] >= 0
    assert (report["last_error"]["name"], report["last_error"]["version"]) == (name, version)
    assert report["last_error"]["message"]
    assert report["last_refused"] == (report["last_error"] if body else None)
    figures = http_client.get("/metrics").text
    assert f'roster_last_poll_failed{{reason="{name}"}} 1.0' in figures
    assert f'roster_polls_total{{outcome="{name}"}} 1.0' in figures
    assert f'roster_active_version{{environment="production",source="download",version="{active.name}"}} 1.0' in figures
    assert "roster_active_age_seconds " in figures
    assert (f'roster_last_refused{{reason="{name}",version="{version}"}} 1.0' in figures) == bool(body)
    assert CANARY not in readiness.text + figures


@pytest.mark.parametrize(
    "does", [pytest.param(each, marks=pytest.mark.slow if each in SLOW[1:] else ()) for each in FAILURES]
)
def test_served_list_remains_after_failure(tmp_path: Path, does: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    failure = FAILURES[does]
    with ScriptedServer(GOOD, failure.play) as server:
        source = started(server, tmp_path, deadline_seconds=1.0 if does in SLOW else 20.0, max_bytes=200_000)
        stays(source, failure.name, failure.body)
        # the next poll, which succeeds, sends the ETag of the served list
        server.plays = [answer("304 Not Modified")]
        assert source.poll()
    assert server.requests[-1].headers["if-none-match"] == '"good"'
    report = client(source).get("/-/readiness").json()
    assert report["last_error"] is None
    assert bool(report["last_refused"]) == bool(failure.body)
    assert "roster_last_poll_failed{" not in client(source).get("/metrics").text
    assert CANARY not in caplog.text


def test_missing_or_untrusted_signature_is_rejected(tmp_path: Path):
    trusted_key, another = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    keys = (public(trusted_key).decode(),)
    with ScriptedServer(ok(GATEWAY), ok(sign(private(trusted_key), GATEWAY))) as server:
        source = updater(server.origin, tmp_path / "kept", public_keys=keys)
        source.start()
        assert source.active
        server.plays = [ok(GATEWAY), answer("404 Not Found")]
        stays(source, "not-signed", GATEWAY)
        server.plays = [ok(GATEWAY), ok(sign(private(another), GATEWAY))]
        stays(source, "bad-signature", GATEWAY)
        # the cache includes the signature, which is verified again at the next start
        server.plays = [answer("404 Not Found")]
        repeated = updater(server.origin, tmp_path / "kept", public_keys=keys)
        repeated.start()
        assert repeated.active
        other = updater(server.origin, tmp_path / "kept", public_keys=(public(another).decode(),))
        other.start()
    assert other.active is None


def test_invalid_public_key_prevents_start(tmp_path: Path):
    key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
    with pytest.raises(ConfigurationError, match=r"^MODEL_SWITCHING_METADATA_PUBLIC_KEYS is invalid: "):
        updater("https://gitlab.example.com/a", tmp_path / "kept", public_keys=(key,))


def test_list_remains_if_source_is_down(tmp_path: Path):
    with ScriptedServer(GOOD) as server:
        source = started(server, tmp_path)
    stays(source, "unreachable")


def test_list_remains_if_host_is_unresolvable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with ScriptedServer(GOOD) as server:
        source = started(server, tmp_path)
        source._settings = updater("https://gitlab.example.com/a", tmp_path / "kept")._settings
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        stays(source, "unreachable")


def test_list_remains_if_certificate_is_untrusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with ScriptedServer(GOOD, tls=authority.server()) as server:
        source = started(server, tmp_path)
        monkeypatch.delenv("SSL_CERT_FILE")
        stays(source, "tls-failed")


def test_unrequested_304_is_rejected(tmp_path: Path):
    with ScriptedServer(answer("304 Not Modified")) as server:
        source = updater(server.origin, tmp_path / "kept")
        source.start()
    assert source.active is None
    assert source.last_error
    assert source.last_error.reason == "bad-status"


def test_valid_list_is_accepted_after_failure(tmp_path: Path):
    newer = rendered("gateway", ROSTER + model("llama"), sequence=43)
    with ScriptedServer(GOOD, ok(b"[]"), ok(newer, 'ETag: "newer"')) as server:
        source = started(server, tmp_path)
        assert not source.poll()
        assert source.poll()
    assert source.active
    assert source.active.accepted.sequence == 43

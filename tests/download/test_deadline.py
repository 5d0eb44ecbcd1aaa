"""The deadline ends a download, wherever it hangs, and the bytes it reads are limited."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from roster.download.deadline import Deadline, run_with_deadline
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from tests.download.certificates import Authority
from tests.download.download_helpers import BODY, RecordedPauses, pointer_to_body, rejection, settings_for
from tests.download.scripted_server import CHUNKED, Play, ScriptedServer, answer, endless, head, ok, redirect
from tests.new_threads import PATIENCE, NewThreads

SECONDS = 0.5
LATE = "deadline-passed: the download took longer than 0.5 seconds"


def late(url: str) -> str:
    """Return the rejection of a download, and check that it does not take longer than the deadline."""
    started = monotonic()
    rejected = rejection(url, deadline_seconds=SECONDS)
    assert monotonic() - started < SECONDS + 1
    return str(rejected)


@pytest.fixture
def downloads() -> NewThreads:
    """The threads of the test's downloads."""
    return NewThreads("roster-fetch")


DRIPS: dict[str, Play] = {
    "silence": [60.0],
    "status drip": endless(b"HTTP/1.1 ", b"2", 0.05),
    "header drip": endless(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.05),
    "headers drip": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05),
    "continue drip": endless(b"", head("HTTP/1.1 100 Continue"), 0.05),
    "body stalls": [head("HTTP/1.1 200 OK", "Content-Length: 1000"), 60.0],
    "body drip": endless(head("HTTP/1.1 200 OK", "Content-Length: 1000"), b"x", 0.05),
    "chunks drip": endless(CHUNKED, b"1\r\nx\r\n", 0.05),
    "chunk size drip": endless(CHUNKED, b"0", 0.05),
    "trailers drip": endless(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n", 0.05),
    "slow redirects": [0.2, *redirect("/a")],
}
FAST = ("silence", "header drip", "chunks drip")


@pytest.mark.parametrize("drip", [pytest.param(each, marks=() if each in FAST else pytest.mark.slow) for each in DRIPS])
def test_slow_response_is_cut_off(drip: str, downloads: NewThreads):
    with ScriptedServer(DRIPS[drip]) as server:
        assert late(server.origin) == LATE
        assert downloads.end_soon()


def test_deadline_covers_pointer_file_and_signature():
    with ScriptedServer([0.3, *ok(pointer_to_body())], [0.3, *ok(BODY)]) as server:
        assert late(f"{server.origin}/current/production.json") == LATE


def test_slow_tls_handshake_is_cut_off(downloads: NewThreads):
    """The server does not speak TLS; connecting takes a quarter of the remaining time for each address."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert late(f"https://127.0.0.1:{silent.getsockname()[1]}") in (
            LATE,
            "unreachable: connecting to the source took more than a quarter of the remaining time",
        )
        assert downloads.end_soon()


def test_slow_tls_response_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, downloads: NewThreads):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    drip = endless(head("HTTP/1.1 200 OK", "Content-Length: 1000"), b"x", 0.05)
    with ScriptedServer(drip, tls=authority.server()) as server:
        assert late(server.origin) == LATE
        assert downloads.end_soon()


@contextmanager
def hanging_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Block name resolution until the end of the test."""
    over = Event()

    def hang(*_: object) -> None:
        over.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield
    over.set()


def test_slow_resolver_is_not_awaited(monkeypatch: pytest.MonkeyPatch, downloads: NewThreads):
    with hanging_resolver(monkeypatch):
        assert late("https://gitlab.example.com/a") == LATE
    assert downloads.end_soon()


def test_nothing_is_sent_after_the_deadline(monkeypatch: pytest.MonkeyPatch, downloads: NewThreads):
    """The resolver answers after the deadline: the token is not sent."""
    responded = Event()
    resolve = socket.getaddrinfo

    def slow(*arguments: object) -> object:
        responded.wait(30)
        return resolve(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with ScriptedServer(ok(b"a")) as server:
        assert late(server.origin) == LATE
        responded.set()
        assert downloads.end_soon()
        assert server.requests == []


def test_retries_end_at_deadline():
    """Real pauses of minimum length: 0.25 s, 0.5 s, then 1 s, which exceeds the deadline."""
    waits = RecordedPauses().timing()._replace(sleep=sleep, random=lambda: 0.0)
    with ScriptedServer(answer("503 Later")) as server:
        started = monotonic()
        with pytest.raises(Rejected, match="bad-status: the source answered 503"):
            fetch(settings_for(server.origin, deadline_seconds=1.5), None, waits)
        assert monotonic() - started < 1.5
        assert len(server.requests) == 3


def test_no_connection_is_left_open():
    """A source that keeps its connections open sees the download's connection close."""
    ended = Event()

    class Watching(ScriptedServer):
        def _read(self, connection: socket.socket) -> bool:
            more = super()._read(connection)
            if not more:
                ended.set()
            return more

    with Watching(ok(b"a")) as server:
        fetch(settings_for(server.origin), None)
        assert ended.wait(PATIENCE)


def test_unexpected_exception_is_rejection():
    def fail(_: Deadline) -> None:
        raise ZeroDivisionError("secret")

    with pytest.raises(Rejected) as raised:
        run_with_deadline(1.0, fail)
    assert str(raised.value) == "unreachable: the download failed with ZeroDivisionError"


def test_late_connection_is_closed():
    deadline = Deadline(60)
    deadline.expire()
    connection = socket.socket()
    with pytest.raises(OSError, match="the deadline has passed"):
        deadline.watch(connection)
    assert connection.fileno() == -1
    assert deadline.remaining() == 0

"""Downloads from a scripted server: only a complete 200 response is returned, everything else is rejected."""

import gzip
import socket
from time import monotonic

import pytest

from roster.download.download_result import Download
from roster.download.fetch import fetch
from tests.download.download_helpers import BODY, HALF, downloaded, rejection, rejection_of, settings_for
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


class TestAcceptedResponses:
    @pytest.mark.parametrize(
        "play",
        [
            ok(BODY),
            ok(BODY, "Content-Encoding: identity"),
            [CHUNKED, chunk(HALF), chunk(BODY[12:]), chunk(b"")],
            [b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY, Ending.CLOSE],
            [head("HTTP/1.1 100 Continue"), *ok(BODY)],
            [*(bytes([byte]) for byte in ok(BODY)[0])],  # type: ignore[union-attr]
        ],
        ids=["length", "identity", "chunked", "http-1.0", "continue", "byte by byte"],
    )
    def test_complete_response_is_returned(self, play: Play):
        with ScriptedServer(play) as server:
            assert downloaded(f"{server.origin}/a") == Download(BODY, None, None, f"{server.origin}/a", 1)

    def test_arbitrary_bytes_are_returned_unchanged(self):
        body = b'\xef\xbb\xbf<html>\xff\0\r\n{"a":1,"a":NaN}'
        with ScriptedServer(ok(body)) as server:
            assert downloaded(server.origin).body == body

    def test_body_of_maximum_size_is_returned(self):
        body = b"x" * 200_000
        for play in (ok(body), [CHUNKED, chunk(body), chunk(b"")]):
            with ScriptedServer(play) as server:
                assert downloaded(server.origin, max_bytes=len(body)).body == body

    def test_request_has_expected_headers_only(self):
        with ScriptedServer(ok(BODY)) as server:
            downloaded(f"{server.origin}/a%2Fb/raw?ref=main")
        (request,) = server.requests
        assert request.path == "/a%2Fb/raw?ref=main"
        assert sorted(request.headers) == ["accept-encoding", "host", "private-token", "user-agent"]
        assert request.headers["accept-encoding"] == "identity"


class TestRejectedResponses:
    @pytest.mark.parametrize(
        ("status", "name"),
        [
            ("201 Created", "bad-status"),
            ("203 Non-Authoritative Information", "bad-status"),
            ("204 No Content", "bad-status"),
            ("206 Partial Content", "bad-status"),
            ("300 Multiple Choices", "bad-status"),
            ("304 Not Modified", "bad-status"),
            ("400 Bad Request", "bad-status"),
            ("401 Unauthorized", "unauthorized"),
            ("403 Forbidden", "unauthorized"),
            ("404 Not Found", "not-found"),
            ("410 Gone", "not-found"),
            ("418 I'm a teapot", "bad-status"),
            ("429 Too Many Requests", "rate-limited"),
            ("500 Internal Server Error", "bad-status"),
            ("502 Bad Gateway", "bad-status"),
            ("503 Service Unavailable", "bad-status"),
            ("504 Gateway Timeout", "bad-status"),
            ("599 Whatever", "bad-status"),
        ],
    )
    def test_other_status_is_rejected(self, status: str, name: str):
        assert rejection_of(answer(status, body=BODY)).startswith(f"{name}: the source answered {status[:3]}")

    def test_empty_body_is_rejected(self):
        assert rejection_of(ok(b"")) == "empty: the response has no body"
        assert rejection_of([CHUNKED, chunk(b"")]) == "empty: the response has no body"

    @pytest.mark.parametrize(
        "play",
        [
            [answer("200 OK", body=HALF, length=len(BODY))[0], Ending.CLOSE],
            [answer("200 OK", body=HALF, length=len(BODY))[0], Ending.RESET],
            [CHUNKED, chunk(HALF), Ending.CLOSE],
            [CHUNKED, chunk(BODY)[:-6], Ending.CLOSE],
            [CHUNKED, b"zz\r\n", Ending.CLOSE],
            [CHUNKED, chunk(HALF), b"0", Ending.CLOSE],
        ],
        ids=["length", "reset", "no last chunk", "within a chunk", "no chunk", "within a size"],
    )
    def test_truncated_response_is_rejected(self, play: Play):
        assert rejection_of(play).startswith("truncated: the response was cut off after")

    @pytest.mark.parametrize("length", ["", "Content-Length: many", "Content-Length: -1"])
    def test_response_without_length_is_rejected(self, length: str):
        lines = ["HTTP/1.1 200 OK", *([length] if length else [])]
        assert rejection_of([head(*lines), BODY, Ending.CLOSE]) == (
            "truncated: the response has no length, so it may be truncated"
        )

    def test_conflicting_lengths_are_rejected(self):
        lines = head("HTTP/1.1 200 OK", "Content-Length: 3", "Content-Length: 9")
        assert rejection_of([lines + BODY, Ending.CLOSE]) == "bad-status: the source's response is not HTTP"

    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "br", "zstd", "deflate", "identity, gzip", "GZIP"])
    def test_compressed_response_is_rejected(self, coding: str):
        bomb = gzip.compress(b"\0" * 10_000_000)
        assert rejection_of(ok(bomb, f"Content-Encoding: {coding}")) == (
            "bad-status: the source compressed the response, which was not requested"
        )

    def test_other_transfer_encoding_is_rejected(self):
        lines = head("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked")
        assert rejection_of([lines, chunk(gzip.compress(BODY)), chunk(b"")]).startswith(
            "bad-status: the source used a transfer encoding"
        )

    @pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 400 + b"\r\n\r\n", b"HTTP/1.1 ok\r\n\r\n"])
    def test_non_http_response_is_rejected(self, garbage: bytes):
        assert rejection_of([garbage, Ending.CLOSE]) == "bad-status: the source's response is not HTTP"

    def test_endless_headers_are_rejected(self):
        assert rejection_of(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")).startswith("bad-status: ")
        assert rejection_of(endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000)).startswith("bad-status: ")


class TestSizeLimit:
    def test_length_over_limit_is_rejected_before_reading(self):
        promise = head("HTTP/1.1 200 OK", "Content-Length: 2049")
        started = monotonic()
        assert rejection_of([promise, 60.0], max_bytes=2048) == "too-large: the file is larger than 2048 bytes"
        assert monotonic() - started < 5

    @pytest.mark.parametrize("play", [[CHUNKED, chunk(b"x" * 2049), chunk(b"")], endless(CHUNKED, chunk(b"x" * 512))])
    def test_body_without_length_is_read_up_to_limit(self, play: Play):
        assert rejection_of(play, max_bytes=2048) == "too-large: the file is larger than 2048 bytes"

    def test_endless_chunk_size_is_rejected(self):
        assert rejection_of(endless(CHUNKED, b"0" * 1000)).startswith("truncated: ")

    def test_huge_chunk_is_read_up_to_limit(self):
        assert rejection_of(endless(CHUNKED + b"ffffffffff\r\n", b"x" * 1000), max_bytes=2048).startswith("too-large: ")


class TestUnreachable:
    def test_closed_port_is_rejected(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        rejected = rejection(f"http://127.0.0.1:{port}/a")
        assert str(rejected) == "unreachable: no response from the source: connection refused"

    def test_reset_connection_is_rejected(self):
        assert rejection_of([Ending.RESET]) == "unreachable: no response from the source: connection reset by peer"

    def test_closed_connection_is_rejected(self):
        assert rejection_of([Ending.CLOSE]) == "unreachable: no response from the source: it closed the connection"
        assert rejection_of([b"HTTP/1.1 200 OK\r\nContent-", Ending.RESET]).startswith("unreachable: ")

    def test_unresolvable_host_is_rejected(self, monkeypatch: pytest.MonkeyPatch):
        def unknown(*_: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        rejected = rejection("https://gitlab.example.com/a")
        assert str(rejected) == "unreachable: the host name of the source cannot be resolved"

    def test_next_address_of_host_is_tried(self, monkeypatch: pytest.MonkeyPatch):
        """The first address never answers: its listener's queue is full."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, ScriptedServer(ok(BODY)) as server:
            filling = [socket.socket() for _ in range(4)]
            for caller in filling:
                caller.setblocking(False)
                caller.connect_ex(deaf.getsockname())
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            addresses = [(*kind, deaf.getsockname()), (*kind, ("127.0.0.1", server.port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_: addresses)
            assert downloaded("http://localhost/a", deadline_seconds=2.0).body == BODY
            for caller in filling:
                caller.close()


class TestETag:
    @pytest.mark.parametrize("etag", ['"one"', 'W/"one"', '""'])
    def test_etag_is_returned_and_sent_as_if_none_match(self, etag: str):
        with ScriptedServer(ok(BODY, f"ETag: {etag}"), answer("304 Not Modified", 'ETag: "other"')) as server:
            first = downloaded(server.origin)
            assert fetch(settings_for(server.origin), first.etag) is None
        assert (first.body, first.etag) == (BODY, etag)
        assert [request.headers.get("if-none-match") for request in server.requests] == [None, etag]

    def test_etag_is_not_remembered(self):
        """A caller that rejects a body does not send its ETag, and receives the body again."""
        with ScriptedServer(ok(b"[]", 'ETag: "empty"')) as server:
            downloaded(server.origin)
            repeated = downloaded(server.origin, '"good"')
        assert repeated.body == b"[]"
        assert server.requests[1].headers["if-none-match"] == '"good"'

    def test_etag_of_empty_body_is_not_returned(self):
        with ScriptedServer(ok(b"", 'ETag: "empty"'), answer("304 Not Modified")) as server:
            assert rejection(server.origin, '"good"').reason == "empty"
            assert fetch(settings_for(server.origin), '"good"') is None

    @pytest.mark.parametrize("etag", ["one", "", '"one', '"a" "b"', '"é"', '"' + "x" * 1001 + '"'])
    def test_invalid_etag_is_ignored(self, etag: str):
        with ScriptedServer(ok(BODY, f"ETag: {etag}")) as server:
            assert downloaded(server.origin).etag is None

    def test_malformed_etag_is_not_sent(self):
        with ScriptedServer(answer("304 Not Modified")) as server:
            assert rejection(server.origin, '"a"\r\nX: y').reason == "bad-status"
        assert "if-none-match" not in server.requests[0].headers


class TestRedirects:
    @pytest.mark.parametrize(
        "status",
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"],
    )
    def test_redirect_within_origin_is_followed(self, status: str):
        with ScriptedServer(redirect("../@b?c=@d", status), ok(BODY, 'ETag: "e"')) as server:
            assert downloaded(f"{server.origin}/x/a", '"d"').body == BODY
        assert [request.path for request in server.requests] == ["/x/a", "/@b?c=@d"]
        assert server.requests[1].headers["if-none-match"] == '"d"'

    def test_absolute_redirect_within_origin_is_followed(self):
        with ScriptedServer(ok(BODY)) as server:
            server.plays.insert(0, redirect(f"HTTP://127.0.0.1:{server.port}/b"))
            assert downloaded(f"{server.origin}/a").body == BODY

    def test_endless_redirects_are_rejected(self):
        with ScriptedServer(redirect("/a")) as server:
            assert str(rejection(f"{server.origin}/a")) == "bad-status: the source redirects more than 5 times"
        assert len(server.requests) == 6

    @pytest.mark.parametrize("location", ["", "http://[", "https://h:x/", "javascript:alert(1)", "/a b"])
    def test_redirect_to_invalid_url_is_rejected(self, location: str):
        assert rejection_of(redirect(location)) == "bad-status: the source redirects to an invalid URL"

    def test_redirect_without_location_is_rejected(self):
        assert rejection_of(answer("302 Found")) == "bad-status: the source redirects to an invalid URL"


class TestSignature:
    def test_signature_is_next_to_file(self):
        with ScriptedServer(ok(BODY), ok(b"signed")) as server:
            download = downloaded(f"{server.origin}/gateway.json?x=y", public_keys=("a key",))
        assert (download.body, download.signature, download.requests) == (BODY, b"signed", 2)
        assert [request.path for request in server.requests] == ["/gateway.json?x=y", "/gateway.json.sig?x=y"]
        assert server.connections == 1

    def test_signature_of_gitlab_raw_file_url(self):
        path = "/api/v4/projects/1/repository/files/dist%2Fgateway.json{}/raw?ref=main"
        with ScriptedServer(ok(BODY), ok(b"signed")) as server:
            downloaded(server.origin + path.format(""), public_keys=("a key",))
        assert server.requests[1].path == path.format(".sig")

    def test_missing_signature_is_none(self):
        with ScriptedServer(ok(BODY), answer("404 Not Found")) as server:
            download = downloaded(server.origin, public_keys=("a key",))
        assert (download.body, download.signature) == (BODY, None)

    @pytest.mark.parametrize(
        ("play", "name"),
        [(answer("403 Forbidden"), "unauthorized"), (ok(b"x" * 20_000), "too-large"), (answer("304 No"), "bad-status")],
    )
    def test_failed_signature_download_is_rejected(self, play: Play, name: str):
        with ScriptedServer(ok(BODY, 'ETag: "e"'), play) as server:
            assert rejection(server.origin, '"d"', public_keys=("a key",)).reason == name

    def test_no_signature_is_requested_without_keys(self):
        with ScriptedServer(ok(BODY)) as server:
            assert downloaded(server.origin).signature is None
        assert len(server.requests) == 1

    def test_no_signature_is_requested_after_304(self):
        with ScriptedServer(answer("304 Not Modified")) as server:
            assert fetch(settings_for(server.origin, public_keys=("a key",)), '"e"') is None
        assert len(server.requests) == 1

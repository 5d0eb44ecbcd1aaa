"""A download, against a server that plays a script: only a complete 200 comes of it, or the reason why not."""

import gzip
import socket
from time import monotonic

import pytest

from roster.download.download_result import Download
from roster.download.fetch import fetch
from tests.download.scripted_server import CHUNKED, Play, Scripted, Then, answer, chunk, endless, head, ok, redirect
from tests.download.settings import BODY, HALF, fetched, given, outcome, rejection


class TestWhatIsTaken:
    @pytest.mark.parametrize(
        "play",
        [
            ok(BODY),
            ok(BODY, "Content-Encoding: identity"),
            [CHUNKED, chunk(HALF), chunk(BODY[12:]), chunk(b"")],
            [b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY, Then.CLOSE],
            [head("HTTP/1.1 100 Continue"), *ok(BODY)],
            [*(bytes([byte]) for byte in ok(BODY)[0])],  # type: ignore[union-attr]
        ],
        ids=["length", "identity", "chunked", "http-1.0", "continue", "byte by byte"],
    )
    def test_a_complete_answer(self, play: Play):
        with Scripted(play) as server:
            assert fetched(f"{server.origin}/a") == Download(BODY, None, None, f"{server.origin}/a", 1)

    def test_any_bytes_are_handed_on_as_they_came(self):
        body = b'\xef\xbb\xbf<html>\xff\0\r\n{"a":1,"a":NaN}'
        with Scripted(ok(body)) as server:
            assert fetched(server.origin).body == body

    def test_the_largest_that_is_allowed(self):
        body = b"x" * 200_000
        for play in (ok(body), [CHUNKED, chunk(body), chunk(b"")]):
            with Scripted(play) as server:
                assert fetched(server.origin, max_bytes=len(body)).body == body

    def test_the_request_says_what_is_wanted_and_no_more(self):
        with Scripted(ok(BODY)) as server:
            fetched(f"{server.origin}/a%2Fb/raw?ref=main")
        (request,) = server.requests
        assert request.path == "/a%2Fb/raw?ref=main"
        assert sorted(request.headers) == ["accept-encoding", "host", "private-token", "user-agent"]
        assert request.headers["accept-encoding"] == "identity"


class TestWhatIsNot:
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
    def test_another_status(self, status: str, name: str):
        assert outcome(answer(status, body=BODY)).startswith(f"{name}: the source answered {status[:3]}")

    def test_no_bytes(self):
        assert outcome(ok(b"")) == "empty: the response has no body"
        assert outcome([CHUNKED, chunk(b"")]) == "empty: the response has no body"

    @pytest.mark.parametrize(
        "play",
        [
            [answer("200 OK", body=HALF, length=len(BODY))[0], Then.CLOSE],
            [answer("200 OK", body=HALF, length=len(BODY))[0], Then.RESET],
            [CHUNKED, chunk(HALF), Then.CLOSE],
            [CHUNKED, chunk(BODY)[:-6], Then.CLOSE],
            [CHUNKED, b"zz\r\n", Then.CLOSE],
            [CHUNKED, chunk(HALF), b"0", Then.CLOSE],
        ],
        ids=["length", "reset", "no last chunk", "within a chunk", "no chunk", "within a size"],
    )
    def test_one_that_breaks_off(self, play: Play):
        assert outcome(play).startswith("truncated: the response was cut off after")

    @pytest.mark.parametrize("length", ["", "Content-Length: many", "Content-Length: -1"])
    def test_one_that_may_have_broken_off(self, length: str):
        lines = ["HTTP/1.1 200 OK", *([length] if length else [])]
        assert outcome([head(*lines), BODY, Then.CLOSE]) == (
            "truncated: the response has no length, so it may be truncated"
        )

    def test_two_lengths(self):
        lines = head("HTTP/1.1 200 OK", "Content-Length: 3", "Content-Length: 9")
        assert outcome([lines + BODY, Then.CLOSE]) == "bad-status: the source's response is not HTTP"

    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "br", "zstd", "deflate", "identity, gzip", "GZIP"])
    def test_a_compressed_one(self, coding: str):
        bomb = gzip.compress(b"\0" * 10_000_000)
        assert outcome(ok(bomb, f"Content-Encoding: {coding}")) == (
            "bad-status: the source compressed the response, which was not requested"
        )

    def test_a_transfer_coding_that_nobody_asked_for(self):
        lines = head("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked")
        assert outcome([lines, chunk(gzip.compress(BODY)), chunk(b"")]).startswith(
            "bad-status: the source used a transfer encoding"
        )

    @pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 400 + b"\r\n\r\n", b"HTTP/1.1 ok\r\n\r\n"])
    def test_something_that_is_not_http(self, garbage: bytes):
        assert outcome([garbage, Then.CLOSE]) == "bad-status: the source's response is not HTTP"

    def test_headers_without_an_end(self):
        assert outcome(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")).startswith("bad-status: ")
        assert outcome(endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000)).startswith("bad-status: ")


class TestBytes:
    def test_a_length_past_the_limit_is_refused_before_anything_is_read(self):
        promise = head("HTTP/1.1 200 OK", "Content-Length: 2049")
        started = monotonic()
        assert outcome([promise, 60.0], max_bytes=2048) == "too-large: the file is larger than 2048 bytes"
        assert monotonic() - started < 5

    @pytest.mark.parametrize("play", [[CHUNKED, chunk(b"x" * 2049), chunk(b"")], endless(CHUNKED, chunk(b"x" * 512))])
    def test_one_without_a_length_is_read_up_to_the_limit(self, play: Play):
        assert outcome(play, max_bytes=2048) == "too-large: the file is larger than 2048 bytes"

    def test_a_chunk_size_without_an_end_is_not_kept(self):
        assert outcome(endless(CHUNKED, b"0" * 1000)).startswith("truncated: ")

    def test_one_huge_chunk_is_read_up_to_the_limit(self):
        assert outcome(endless(CHUNKED + b"ffffffffff\r\n", b"x" * 1000), max_bytes=2048).startswith("too-large: ")


class TestUnreachable:
    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        rejected = rejection(f"http://127.0.0.1:{port}/a")
        assert str(rejected) == "unreachable: no response from the source: connection refused"

    def test_the_connection_is_reset(self):
        assert outcome([Then.RESET]) == "unreachable: no response from the source: connection reset by peer"

    def test_the_connection_is_closed(self):
        assert outcome([Then.CLOSE]) == "unreachable: no response from the source: it closed the connection"
        assert outcome([b"HTTP/1.1 200 OK\r\nContent-", Then.RESET]).startswith("unreachable: ")

    def test_the_name_has_no_address(self, monkeypatch: pytest.MonkeyPatch):
        def unknown(*_: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        rejected = rejection("https://gitlab.example.com/a")
        assert str(rejected) == "unreachable: the host name of the source cannot be resolved"

    def test_another_address_of_the_host_has_its_turn(self, monkeypatch: pytest.MonkeyPatch):
        """The first one never answers: a listener whose queue is full."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, Scripted(ok(BODY)) as server:
            filling = [socket.socket() for _ in range(4)]
            for caller in filling:
                caller.setblocking(False)
                caller.connect_ex(deaf.getsockname())
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            addresses = [(*kind, deaf.getsockname()), (*kind, ("127.0.0.1", server.port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_: addresses)
            assert fetched("http://localhost/a", deadline_seconds=2.0).body == BODY
            for caller in filling:
                caller.close()


class TestETag:
    @pytest.mark.parametrize("etag", ['"one"', 'W/"one"', '""'])
    def test_it_is_handed_out_and_sent_back(self, etag: str):
        with Scripted(ok(BODY, f"ETag: {etag}"), answer("304 Not Modified", 'ETag: "other"')) as server:
            first = fetched(server.origin)
            assert fetch(given(server.origin), first.etag) is None
        assert (first.body, first.etag) == (BODY, etag)
        assert [request.headers.get("if-none-match") for request in server.requests] == [None, etag]

    def test_none_is_remembered_by_itself(self):
        """Whoever does not accept a body does not hand in its ETag, and is given the body again."""
        with Scripted(ok(b"[]", 'ETag: "empty"')) as server:
            fetched(server.origin)
            again = fetched(server.origin, '"good"')
        assert again.body == b"[]"
        assert server.requests[1].headers["if-none-match"] == '"good"'

    def test_that_of_an_empty_answer_never_comes_out(self):
        with Scripted(ok(b"", 'ETag: "empty"'), answer("304 Not Modified")) as server:
            assert rejection(server.origin, '"good"').reason == "empty"
            assert fetch(given(server.origin), '"good"') is None

    @pytest.mark.parametrize("etag", ["one", "", '"one', '"a" "b"', '"é"', '"' + "x" * 1001 + '"'])
    def test_one_that_is_none_is_left_out(self, etag: str):
        with Scripted(ok(BODY, f"ETag: {etag}")) as server:
            assert fetched(server.origin).etag is None

    def test_one_that_no_header_carries_is_not_sent(self):
        with Scripted(answer("304 Not Modified")) as server:
            assert rejection(server.origin, '"a"\r\nX: y').reason == "bad-status"
        assert "if-none-match" not in server.requests[0].headers


class TestRedirects:
    @pytest.mark.parametrize(
        "status",
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"],
    )
    def test_within_the_origin_they_are_followed(self, status: str):
        with Scripted(redirect("../@b?c=@d", status), ok(BODY, 'ETag: "e"')) as server:
            assert fetched(f"{server.origin}/x/a", '"d"').body == BODY
        assert [request.path for request in server.requests] == ["/x/a", "/@b?c=@d"]
        assert server.requests[1].headers["if-none-match"] == '"d"'

    def test_an_absolute_one_within_the_origin_is_followed(self):
        with Scripted(ok(BODY)) as server:
            server.plays.insert(0, redirect(f"HTTP://127.0.0.1:{server.port}/b"))
            assert fetched(f"{server.origin}/a").body == BODY

    def test_endless_ones_are_not(self):
        with Scripted(redirect("/a")) as server:
            assert str(rejection(f"{server.origin}/a")) == "bad-status: the source redirects more than 5 times"
        assert len(server.requests) == 6

    @pytest.mark.parametrize("location", ["", "http://[", "https://h:x/", "javascript:alert(1)", "/a b"])
    def test_one_to_nowhere_is_refused(self, location: str):
        assert outcome(redirect(location)) == "bad-status: the source redirects to an invalid URL"

    def test_one_without_an_address_is_refused(self):
        assert outcome(answer("302 Found")) == "bad-status: the source redirects to an invalid URL"


class TestSignature:
    def test_it_is_beside_the_file(self):
        with Scripted(ok(BODY), ok(b"signed")) as server:
            came = fetched(f"{server.origin}/gateway.json?x=y", public_keys=("a key",))
        assert (came.body, came.signature, came.requests) == (BODY, b"signed", 2)
        assert [request.path for request in server.requests] == ["/gateway.json?x=y", "/gateway.json.sig?x=y"]
        assert server.connections == 1

    def test_a_raw_file_of_the_api_has_its_name_before_the_end(self):
        path = "/api/v4/projects/1/repository/files/dist%2Fgateway.json{}/raw?ref=main"
        with Scripted(ok(BODY), ok(b"signed")) as server:
            fetched(server.origin + path.format(""), public_keys=("a key",))
        assert server.requests[1].path == path.format(".sig")

    def test_a_missing_one_is_none(self):
        with Scripted(ok(BODY), answer("404 Not Found")) as server:
            came = fetched(server.origin, public_keys=("a key",))
        assert (came.body, came.signature) == (BODY, None)

    @pytest.mark.parametrize(
        ("play", "name"),
        [(answer("403 Forbidden"), "unauthorized"), (ok(b"x" * 20_000), "too-large"), (answer("304 No"), "bad-status")],
    )
    def test_any_other_failure_is_one_of_the_whole(self, play: Play, name: str):
        with Scripted(ok(BODY, 'ETag: "e"'), play) as server:
            assert rejection(server.origin, '"d"', public_keys=("a key",)).reason == name

    def test_without_a_key_none_is_asked_for(self):
        with Scripted(ok(BODY)) as server:
            assert fetched(server.origin).signature is None
        assert len(server.requests) == 1

    def test_what_is_not_new_has_none(self):
        with Scripted(answer("304 Not Modified")) as server:
            assert fetch(given(server.origin, public_keys=("a key",)), '"e"') is None
        assert len(server.requests) == 1

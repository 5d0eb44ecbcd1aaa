"""The token is sent to the configured origin only, and is not shown anywhere."""

import http.client
import json
import logging
import socket
import subprocess
import sys
import traceback
from base64 import b64encode
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import RetryTiming
from roster.settings.secret import Secret
from tests.download.certificates import Authority
from tests.download.download_helpers import (
    BODY,
    CANARY,
    RecordedPauses,
    downloaded,
    pointer_to_body,
    rejection,
    settings_for,
)
from tests.download.scripted_server import (
    CHUNKED,
    Ending,
    Play,
    ScriptedServer,
    Step,
    answer,
    endless,
    head,
    ok,
    redirect,
)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """A certification authority that downloads trust."""
    ca = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.file))
    return ca


@pytest.mark.parametrize(
    ("form", "token", "header", "value"),
    [
        ("PRIVATE-TOKEN", CANARY, "private-token", CANARY),
        ("DEPLOY-TOKEN", CANARY, "deploy-token", CANARY),
        ("JOB-TOKEN", CANARY, "job-token", CANARY),
        ("Bearer", CANARY, "authorization", f"Bearer {CANARY}"),
        ("Basic", f"a:{CANARY}", "authorization", f"Basic {b64encode(f'a:{CANARY}'.encode()).decode()}"),
    ],
)
class TestHeaderForms:
    def test_token_is_sent_to_source(self, form: str, token: str, header: str, value: str):
        with ScriptedServer(ok(BODY)) as server:
            assert downloaded(server.origin, header=form, token=Secret(token)).body == BODY
        assert server.requests[0].headers[header] == value
        assert sum(CANARY in sent or "Basic" in sent for sent in server.requests[0].headers.values()) == 1

    def test_token_is_not_sent_to_other_origin(self, form: str, token: str, header: str, value: str):
        with ScriptedServer(ok(BODY)) as other, ScriptedServer(redirect(f"{other.origin}/a")) as server:
            rejected = rejection(server.origin, header=form, token=Secret(token))
            assert rejected.reason == "redirected-away"
        assert other.connections == 0


def test_no_header_is_sent_without_token():
    with ScriptedServer(ok(BODY), answer("500 Oh None")) as server:
        assert downloaded(server.origin, token=None).body == BODY
        assert rejection(f"{server.origin}/a", token=None, deadline_seconds=0.2).message == "the source answered 500"
    assert server.requests[0].headers.keys().isdisjoint({"private-token", "authorization"})


class TestRedirectsToOtherOrigins:
    def test_redirect_to_other_host_is_rejected(self):
        with ScriptedServer(ok(BODY)) as server:
            server.plays.insert(0, redirect(f"http://localhost:{server.port}/a"))
            assert str(rejection(server.origin)) == (
                f'redirected-away: the source redirects to "http://localhost:{server.port}", '
                "but the token must only be sent to the configured origin"
            )
        assert len(server.requests) == 1

    def test_redirect_to_other_port_is_rejected(self):
        with ScriptedServer(ok(BODY)) as other, ScriptedServer(redirect(other.origin)) as server:
            assert rejection(server.origin).reason == "redirected-away"
        assert other.connections == 0

    def test_redirect_to_other_scheme_is_rejected(self, authority: Authority):
        with ScriptedServer(ok(BODY), tls=authority.server()) as server:
            server.plays.insert(0, redirect(f"http://127.0.0.1:{server.port}/a"))
            assert rejection(server.origin).reason == "redirected-away"
        assert server.connections == 1

    @pytest.mark.parametrize(
        "location",
        [
            "//evil.example/a",
            "https://evil.example/a",
            "http://{origin}@evil.example/a",
            "http://evil.example@{origin}/a",
            "http://{origin}.evil.example/a",
            "http://127.0.0.1/a",
            "http://2130706433:{port}/a",
            "http://[::ffff:127.0.0.1]:{port}/a",
            "http://127.0.0.1.:{port}/a",
        ],
    )
    def test_redirect_to_lookalike_origin_is_rejected(self, location: str):
        with ScriptedServer(ok(BODY)) as server:
            target = location.format(origin=server.origin.removeprefix("http://"), port=server.port)
            server.plays.insert(0, redirect(target))
            assert rejection(server.origin).reason in ("redirected-away", "bad-status")
        assert len(server.requests) == 1

    def test_redirect_of_second_request_is_rejected(self):
        """Second requests: the file of a pointer, and the target of a redirect within the origin."""
        with ScriptedServer(ok(BODY)) as other, ScriptedServer(redirect("/b"), redirect(other.origin)) as server:
            assert rejection(server.origin).reason == "redirected-away"
        assert (len(server.requests), other.connections) == (2, 0)


class TestTLS:
    def test_token_is_sent_to_trusted_certificate(self, authority: Authority):
        with ScriptedServer(ok(BODY), tls=authority.server()) as server:
            assert downloaded(server.origin).body == BODY
        assert server.requests[0].headers["private-token"] == CANARY

    def test_certificate_of_other_host_is_rejected(self, authority: Authority):
        with ScriptedServer(ok(BODY), tls=authority.server("gitlab.example.com")) as server:
            rejected = rejection(server.origin)
            assert rejected.reason == "tls-failed"
            assert "not valid for '127.0.0.1'" in rejected.message
        assert server.requests == []

    def test_expired_certificate_is_rejected(self, authority: Authority):
        with ScriptedServer(ok(BODY), tls=authority.server(lasts=timedelta(days=-1))) as server:
            rejected = rejection(server.origin)
            assert str(rejected) == "tls-failed: no trusted TLS connection to the source: certificate has expired"
        assert (server.requests, server.connections) == ([], 1)

    def test_untrusted_authority_is_rejected(self, tmp_path: Path):
        with ScriptedServer(ok(BODY), tls=Authority(tmp_path).server()) as server:
            assert rejection(server.origin).reason == "tls-failed"
        assert server.requests == []

    def test_plain_http_on_tls_port_is_rejected(self):
        class Plain(ScriptedServer):
            def _read(self, connection: socket.socket) -> bool:
                return bool(connection.recv(65536))

        with Plain([b"HTTP/1.1 400 Bad Request\r\n\r\n", Ending.CLOSE]) as server:
            assert rejection(f"https://127.0.0.1:{server.port}").reason == "tls-failed"


class TestTokenIsHidden:
    PLAYS: tuple[tuple[Play, ...], ...] = (
        (ok(BODY, 'ETag: "e"'),),
        (answer("503 Later"), answer("401 No")),
        (redirect("https://evil.example/a"),),
        (redirect(f"https://{CANARY}.example/a"),),
        ([Ending.RESET],),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", Ending.CLOSE],),
        ([b"garbage", Ending.CLOSE],),
        (endless(head("HTTP/1.1 200 OK", "Content-Length: 1000"), b"x", 0.05),),
        (answer(f"500 {CANARY}"), answer(f"401 {CANARY}", body=CANARY.encode())),
        (answer("200 OK", f"no colon {CANARY}", body=BODY),),
        (answer("200 OK", f"Content-Encoding: {CANARY}", body=BODY),),
        (answer("200 OK", f"Transfer-Encoding: {CANARY}", body=BODY),),
        (answer("429 Later", f"Retry-After: {CANARY}"),),
        ([head("HTTP/1.1 200 OK", f"Content-Length: {CANARY}") + BODY, Ending.CLOSE],),
        ([CHUNKED, f"{CANARY}\r\n".encode(), Ending.CLOSE],),
        ([f"HTTP/1.1 {CANARY}\r\n\r\n".encode(), Ending.CLOSE],),
        (redirect(f"/{CANARY}"), ok(BODY)),
        (redirect(f"/a?b={CANARY.replace('-', '%2d')}"), ok(BODY)),
        (redirect(f"https://{'a' * 40}.{CANARY}.example/a"),),
        (ok(BODY, f'ETag: "{CANARY}"'),),
        (ok(pointer_to_body(path=f"../{CANARY}/x")),),
        (ok(BODY + CANARY.encode()),),
    )

    @pytest.mark.parametrize("plays", PLAYS, ids=range(len(PLAYS)))
    def test_token_is_not_logged(
        self,
        plays: tuple[Play, ...],
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ):
        """At the most verbose log level, at which http.client prints what it sends."""
        monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
        caplog.set_level(logging.NOTSET)
        with ScriptedServer(*plays) as server:
            download = self.download(server.origin)
        assert "Starting new HTTP connection" in caplog.text
        seen = "".join((caplog.text, *capfd.readouterr(), download)).lower()
        assert CANARY.lower() not in seen.replace("\\", "")

    def download(self, url: str) -> str:
        """Return what a download shows: its result, or its exception with the local variables of every frame."""
        try:
            return repr(fetch(settings_for(url, deadline_seconds=1.0), None, RecordedPauses().timing()))
        except Rejected as rejected:
            message = traceback.TracebackException.from_exception(rejected, capture_locals=True)
            return "".join(message.format()) + repr(rejected.__context__)

    def test_token_is_not_in_process_list(self):
        seen: list[str] = []

        def look(_: float) -> None:
            seen.append(subprocess.run(["ps", "-ww", "-eLo", "comm,args"], capture_output=True, text=True).stdout)

        with ScriptedServer(answer("503 Later"), ok(BODY)) as server:
            download = fetch(settings_for(server.origin), None, RetryTiming(sleep=look))
        assert download is not None
        assert download.body == BODY
        (processes,) = seen
        assert "pytest" in processes
        assert CANARY not in processes


class TestProxies:
    VARIABLES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")

    def test_proxy_variables_and_netrc_are_ignored(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        (tmp_path / ".netrc").write_text("default login someone password else\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        with ScriptedServer(ok(BODY)) as server, ScriptedServer(answer("502 No")) as proxy:
            for name in self.VARIABLES:
                monkeypatch.setenv(name, proxy.origin)
            assert downloaded(server.origin).body == BODY
        assert "authorization" not in server.requests[0].headers
        assert proxy.connections == 0

    def test_proxy_does_not_see_token(self):
        with ScriptedServer(answer("403 No")) as proxy:
            address = Secret(f"http://user:password@127.0.0.1:{proxy.port}")
            rejected = rejection("https://gitlab.example.com/a", proxy=address)
        assert str(rejected) == "unreachable: the proxy cannot connect to the source"
        request = proxy.requests[0]
        assert request.path == "gitlab.example.com:443"
        assert request.headers["proxy-authorization"] == f"Basic {b64encode(b'user:password').decode()}"
        assert not any(CANARY in value for value in request.headers.values())

    def test_certificate_is_verified_through_proxy(self, authority: Authority):
        tls = authority.server("gitlab.example.com")
        with ScriptedServer(ok(BODY), tls=tls) as server, Tunnel(server.port) as proxy:
            url = "https://gitlab.example.com/a"
            assert downloaded(url, proxy=Secret(f"http://127.0.0.1:{proxy.port}")).body == BODY
            assert rejection("https://other.example/a", proxy=Secret(proxy.origin)).reason == "tls-failed"
        assert [request.headers["private-token"] for request in server.requests] == [CANARY]


class Tunnel(ScriptedServer):
    """A proxy that connects to one local port, whatever host is requested."""

    def __init__(self, port: int) -> None:
        super().__init__([head("HTTP/1.1 200 Connection established")])
        self._target = port

    def _play(self, connection: socket.socket, steps: Iterable[Step]) -> bool:
        super()._play(connection, steps)
        with socket.create_connection(("127.0.0.1", self._target)) as source:
            Thread(target=_copy, args=(source, connection), daemon=True).start()
            _copy(connection, source)
        return False


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        return


LONG = "glpat-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 3


class TestRepeatedToken:
    @pytest.mark.parametrize("token", [CANARY, LONG, "/with+special=characters\\.*"])
    def test_body_with_token_is_rejected(self, token: str):
        escaped = [
            token,
            token.upper(),
            json.dumps(token)[1:-1],
            token.replace("/", r"\/"),
            "".join(f"\\u{ord(char):04x}" for char in token),
            "".join(f"\\U{ord(char):08X}" for char in token),
            "".join(f"\\x{ord(char):02X}" for char in token),
            quote(token, safe=""),
            token[:5] + "\\\n    " + token[5:],
            b64encode(token.encode()).decode(),
        ]
        for text in escaped:
            for body in (f'[{{"name": "{text}"}}]', " " * 65_530 + text):
                with ScriptedServer(ok(body.encode())) as server:
                    rejected = rejection(server.origin, token=Secret(token))
                assert str(rejected) == "token-repeated: the source repeats the token in its response", text

    def test_password_of_basic_authentication_is_found(self):
        with ScriptedServer(ok(BODY + CANARY.encode())) as server:
            assert rejection(server.origin, header="Basic", token=Secret(f"a:{CANARY}")).reason == "token-repeated"

    @pytest.mark.parametrize("token", ["x", "none", "Claude"])
    def test_placeholder_is_no_token(self, token: str):
        with ScriptedServer(ok(BODY)) as server:
            assert downloaded(server.origin, token=Secret(token)).body == BODY

    def test_part_of_token_in_message_is_redacted(self):
        """Long values are shortened, so a message may contain only a part of the token."""
        with ScriptedServer(redirect(f"https://{'a' * 30}.{LONG[:60]}.example/")) as server:
            rejected = rejection(server.origin, token=Secret(LONG))
        assert rejected.message == (
            f'the source redirects to "https://{"a" * 30}.……", but the token must only be sent to the configured origin'
        )


def test_token_is_not_passed_to_processes(tmp_path: Path):
    """Arguments and output of a gateway process do not contain the token."""
    program = "import os\nfrom roster.download import download_settings as settings\n"
    program += "print(settings.read_download_settings(os.environ))"
    environ = {
        "MODEL_SWITCHING_METADATA_FILE_PATH": "https://gitlab.example.com/a",
        "MODEL_SWITCHING_METADATA_ACCESS_TOKEN": f"{CANARY}\n",
    }
    for token in (CANARY, f"{CANARY}\n"):
        environ["MODEL_SWITCHING_METADATA_ACCESS_TOKEN"] = token
        done = subprocess.run(
            [sys.executable, "-c", program], env=environ, capture_output=True, text=True, cwd=tmp_path
        )
        assert CANARY not in done.stdout + done.stderr
        assert done.returncode == (0 if token == CANARY else 1)

"""``roster gateway serve`` as a process: start, responses, reload and shutdown."""

import gc
import json
import signal
import socket
import time
import urllib.error
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest
import uvicorn

from roster.cache.download_cache import DownloadCache
from roster.cli.main import run
from roster.download.download_result import Download
from tests.accept.example_downloads import KINDS, ROSTER, model, rendered
from tests.accept.hostile_downloads import GATEWAY
from tests.accept.test_child_process import is_running
from tests.conftest import Run
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import Play, ScriptedServer, answer, endless, head, ok
from tests.gateway.gateway_helpers import LARGE, LIST, missing, until, variables, without
from tests.server_process import OWN_PROCESS, ServerProcess, run_server, startup_error

pytestmark = pytest.mark.slow


def serving(source: ScriptedServer, folder: Path, **more: str) -> AbstractContextManager[ServerProcess]:
    return run_server(variables(source.origin, folder / "kept", **more), "gateway")


def ids(server: ServerProcess) -> list[str]:
    return [each["id"] for each in server.get(LIST)]


class TestServing:
    def test_server_starts_reloads_and_stops(self, tmp_path: Path):
        newer = rendered("gateway", ROSTER + model("llama"), sequence=43)
        with ScriptedServer(ok(KINDS["gateway"]), ok(newer)) as source, serving(source, tmp_path) as server:
            assert ids(server) == ["claude", "gemini", "mistral"]
            assert server.get("/-/readiness")["status"] == "ready"
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("activated version 43-")
            assert ids(server) == ["claude", "gemini", "mistral", "llama"]
            assert server.request(f"{LIST}?feature={CANARY}", **{"X-Request-Id": "of-this-test"}).json() == []
            status, seconds = server.stop(signal.SIGTERM)
        assert (status, seconds < 3) == (0, True), server.log
        assert "Traceback" not in server.log
        assert CANARY not in server.log
        lines = [json.loads(line) for line in server.log.splitlines()]
        assert [line["path"] for line in lines if line.get("request_id") == "of-this-test"] == [LIST]
        assert {line["logger"] for line in lines} >= {"roster.server", "roster.gateway", "uvicorn.error"}

    def test_ctrl_c_stops_server(self, tmp_path: Path):
        with ScriptedServer(ok(KINDS["gateway"])) as source, serving(source, tmp_path) as server:
            assert server.stop(signal.SIGINT)[0] == 0
        assert "Traceback" not in server.log

    def test_server_stops_during_poll(self, tmp_path: Path):
        hangs = ScriptedServer(ok(KINDS["gateway"]), [60.0])
        with hangs as source, serving(source, tmp_path, DEADLINE_SECONDS="60") as server:
            server.process.send_signal(signal.SIGHUP)
            until(lambda: len(source.requests) == 2)
            status, seconds = server.stop(signal.SIGTERM)
        assert (status, seconds < 4) == (0, True), server.log

    def test_server_stops_with_open_connection(self, tmp_path: Path):
        with ScriptedServer(ok(KINDS["gateway"])) as source, serving(source, tmp_path) as server:
            host, port = server.origin.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as idle:
                idle.sendall(b"GET /-/liveness HTTP/1.1\r\nHost: a\r\n\r\n")
                assert idle.recv(65536).startswith(b"HTTP/1.1 200")
                status, seconds = server.stop(signal.SIGTERM)
        assert (status, seconds < 4) == (0, True), server.log

    def test_large_list_is_served(self, tmp_path: Path):
        with ScriptedServer(ok(LARGE)) as source, serving(source, tmp_path, DEADLINE_SECONDS="30") as server:
            assert len(ids(server)) == 4000

    @pytest.mark.parametrize("play", [answer("401 Unauthorized"), ok(b"[]")])
    def test_monitoring_works_without_list(self, tmp_path: Path, play: Play):
        with ScriptedServer(play) as source, serving(source, tmp_path) as server:
            with pytest.raises(urllib.error.HTTPError, match="503"):
                server.get("/-/readiness")
            assert server.get("/-/liveness") == {"status": "alive"}


SLOW_SOURCES: dict[str, Play] = {
    "hangs": [60.0],
    "drips": endless(head("HTTP/1.1 200 OK", "Content-Length: 9999"), b" ", 0.05),
    "sends a chain of tombstones": ok(GATEWAY["chain of tombstones"](8_000_000)),
}


class TestStart:
    @pytest.mark.parametrize("does", SLOW_SOURCES)
    def test_cached_list_is_served_while_source(self, tmp_path: Path, does: str):
        with ScriptedServer(SLOW_SOURCES[does]) as source:
            cache = DownloadCache(tmp_path / "kept", source.origin)
            assert cache.save(Download(KINDS["gateway"]), 42)
            with serving(source, tmp_path, DEADLINE_SECONDS="60") as server:
                assert ids(server) == ["claude", "gemini", "mistral"]
                report = server.get("/-/readiness")
        assert (report["status"], report["active"]["source"]) == ("ready", "cache")
        assert (report["last_check"], report["last_error"]) == (None, None), "the download has not ended"

    @pytest.mark.parametrize("does", SLOW_SOURCES)
    def test_server_without_list_is_not_ready_while_source(self, tmp_path: Path, does: str):
        with ScriptedServer(SLOW_SOURCES[does]) as source, serving(source, tmp_path, DEADLINE_SECONDS="60") as server:
            assert server.get("/-/liveness") == {"status": "alive"}
            if does in ("hangs", "drips"):
                for path in ("/-/readiness", LIST):
                    with pytest.raises(urllib.error.HTTPError, match="503"):
                        server.get(path)

    def test_sigterm_ends_server_and_its_child_during_acceptance(self, tmp_path: Path):
        with ScriptedServer(SLOW_SOURCES["sends a chain of tombstones"]) as source, serving(source, tmp_path) as server:
            while not (running_children := children(server.process.pid)):
                server.process.send_signal(signal.SIGHUP)  # the first acceptance may have ended already
                time.sleep(0.02)
            [child] = running_children
            status, seconds = server.stop(signal.SIGTERM)
        assert (status, seconds < 5) == (0, True), server.log
        until(lambda: not is_running(child), 5.0)

    def test_sigterm_ends_server_while_a_request_hangs(self, tmp_path: Path):
        """A client that does not read its response delays the end only by the seconds that it has to finish."""
        body = GATEWAY["models"](12_000_000)
        with ScriptedServer(ok(body)) as source, serving(source, tmp_path, DEADLINE_SECONDS="60") as server:
            server.wait_for_log("activated")
            host, port = server.origin.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(f"GET {LIST} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 50)
                assert client.recv(10)
                status, seconds = server.stop(signal.SIGTERM)
        assert (status, seconds < 5) == (0, True), server.log


def children(process: int) -> list[int]:
    """Return the child processes of all threads of a process. A thread may end while its file is read."""
    result: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            result += map(int, file.read_text().split())
    return result


def test_garbage_collector_is_enabled(monkeypatch: pytest.MonkeyPatch):
    """It is off in short-lived commands, but not in servers. A server that does not start is a defect."""
    gc_enabled: list[bool] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_: gc_enabled.append(gc.isenabled()))
    before, thresholds = signal.getsignal(signal.SIGTERM), gc.get_threshold()
    gc.disable()
    try:
        assert run(["gateway", "serve", "--port", "0"]) == 3
    finally:
        gc.enable()
        gc.set_threshold(*thresholds)
        signal.signal(signal.SIGTERM, before)
    assert gc_enabled == [True]


class TestUsage:
    def test_unavailable_port_is_reported(self, roster: Run):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = roster("gateway", "serve", "--port", str(port), **OWN_PROCESS)
        assert (done.returncode, done.stdout) == (2, "")
        assert startup_error(done.stderr) == f"port {port} of 127.0.0.1 is not available: address already in use"

    @pytest.mark.parametrize(
        ("host", "why"),
        [
            ("192.0.2.1", "cannot assign requested address"),
            (".invalid", "invalid host name"),
        ],
    )
    def test_invalid_host_is_reported(self, roster: Run, host: str, why: str):
        done = roster("gateway", "serve", "--host", host, "--port", "0", **OWN_PROCESS)
        assert (done.returncode, done.stdout) == (2, "")
        assert startup_error(done.stderr) == f"port 0 of {host} is not available: {why}"

    def test_invalid_setting_is_reported(self, roster: Run):
        done = roster("gateway", "serve", "--port", "0", ROSTER_GATEWAY_JWKS="/keys", **OWN_PROCESS)
        assert done.returncode == 2
        assert startup_error(done.stderr) == (
            "authentication is configured incompletely: ROSTER_GATEWAY_AUDIENCE and ROSTER_GATEWAY_ISSUER not set"
        )

    @pytest.mark.parametrize("module", ["uvicorn", "fastapi", "prometheus_client"])
    def test_missing_extra_is_reported(self, roster: Run, tmp_path: Path, module: str):
        done = roster("gateway", "serve", "--port", "0", PYTHONPATH=without(module, tmp_path))
        assert (done.returncode, done.stdout) == (2, "")
        assert startup_error(done.stderr) == missing(module, "gateway")

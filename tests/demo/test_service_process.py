"""Service processes: readiness, failure and termination."""

import sys
import time
from pathlib import Path

import pytest

from roster.demo import service_process
from roster.demo.service_process import Service, ServiceFailed, ServiceProcess
from roster.demo.services import free_ports
from tests.end_to_end.processes import until

pytestmark = pytest.mark.slow

VARIABLES = {"PATH": "/usr/bin:/bin"}
SERVER = """
import http.server, os, pathlib, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if pathlib.Path("ready").exists() else 503)
        self.end_headers()
        self.wfile.write(b"not ready")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def of(*command: str, port: int = 0) -> Service:
    return Service("server", command, {}, port or free_ports(None).gateway, "/ready", {})


def test_service_is_ready_after_200(tmp_path: Path):
    port = free_ports(None).gateway
    waits = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if any(line.endswith("503 -") for line in (tmp_path / "server.log").read_text().splitlines()):
            (tmp_path / "ready").touch()
        time.sleep(seconds)

    with ServiceProcess(of(sys.executable, "-u", "-c", SERVER, str(port), port=port), tmp_path, VARIABLES) as process:
        process.wait_until_ready(pause)
        assert waits
    with pytest.raises(ServiceFailed, match="the server ended by signal 15"):
        process.require_running()


@pytest.mark.parametrize(("status", "configured_wrongly"), [(0, False), (2, True), (3, False)])
def test_failure_includes_end_of_log(tmp_path: Path, status: int, configured_wrongly: bool):
    script = f"for number in $(seq 30); do echo line $number >&2; done; exit {status}"
    with ServiceProcess(of("sh", "-c", script), tmp_path, VARIABLES) as process, pytest.raises(ServiceFailed) as failed:
        process.wait_until_ready(time.sleep)
    assert failed.value.misconfigured is configured_wrongly
    first, *lines = str(failed.value).splitlines()
    assert first == f"the server ended with status {status}; the end of its log:"
    assert lines == [f"  line {number}" for number in range(11, 31)]


def test_preparation_runs_first_and_must_succeed(tmp_path: Path):
    prepared = of("sh", "-c", 'echo "then $WHO"; sleep 60')._replace(
        preparation=("sh", "-c", 'echo "first $WHO"'), variables={"WHO": "me"}
    )
    with ServiceProcess(prepared, tmp_path, VARIABLES):
        until(lambda: (tmp_path / "server.log").read_text() == "first me\nthen me\n")
    failing = ServiceProcess(
        prepared._replace(preparation=("sh", "-c", "echo no database; exit 2")), tmp_path, VARIABLES
    )
    with pytest.raises(ServiceFailed, match=r"ended with status 2; [^$]*\n  no database$") as failed, failing:
        pass
    assert failed.value.misconfigured


def test_unresponsive_service_times_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service_process, "_START_TIMEOUT_SECONDS", 0.1)
    with ServiceProcess(of("sleep", "60"), tmp_path, VARIABLES) as process, pytest.raises(ServiceFailed) as failed:
        process.wait_until_ready(time.sleep)
    assert str(failed.value) == "the server does not answer after 0.1 seconds; its log is empty"


def test_timeout_includes_last_response(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    port = free_ports(None).gateway
    with ServiceProcess(of(sys.executable, "-c", SERVER, str(port), port=port), tmp_path, VARIABLES) as process:
        until(lambda: process.service.get("/")[0] == 503)
        monkeypatch.setattr(service_process, "_START_TIMEOUT_SECONDS", 0.1)
        with pytest.raises(
            ServiceFailed, match=r"the server answers 503 not ready after 0\.1 seconds; the end of its log:"
        ):
            process.wait_until_ready(time.sleep)


def test_hanging_service_and_children_are_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service_process, "_STOP_TIMEOUT_SECONDS", 0.2)
    script = "trap '' TERM; echo up; (while :; do touch alive; sleep 0.05; done) & while :; do sleep 0.05; done"
    with ServiceProcess(of("sh", "-c", script), tmp_path, VARIABLES):
        until(lambda: (tmp_path / "server.log").read_text())
    (tmp_path / "alive").unlink(missing_ok=True)
    time.sleep(0.3)
    assert not (tmp_path / "alive").exists()

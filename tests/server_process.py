"""Server processes for tests: ``roster gateway serve`` and ``roster instance serve``."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from tests.gateway.gateway_helpers import until

TIMEOUT = 30.0
"""Seconds to wait for a process on a busy machine."""
OWN_PROCESS = {"PYTHONUNBUFFERED": "1"}
"""Runs a command in a process of its own, because pytest configures logging in this one."""


class Response(NamedTuple):
    """A response of any status; the names of headers are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class ServerProcess:
    """A running server.

    Attributes:
        log: its standard error so far.
        origin: the origin of its URLs.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process, self.log, self.origin = process, "", ""
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log += line

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.origin + path, timeout=10) as response:
            return json.load(response)

    def request(self, path: str, body: Any = None, **headers: str) -> Response:
        """Send a GET request, or a POST request with a body in JSON."""
        data = None if body is None else json.dumps(body).encode()
        sent = urllib.request.Request(self.origin + path, data, {"Content-Type": "application/json"} | headers)
        try:
            response = urllib.request.urlopen(sent, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            received = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.url, response.status, received, response.read().decode())

    def wait_for_log(self, pattern: str) -> str:
        """Wait until the log matches a pattern; return the pattern's group."""
        until(lambda: re.search(pattern, self.log), TIMEOUT)
        return str(re.findall(pattern, self.log)[0])

    def stop(self, number: int) -> tuple[int, float]:
        """Send a signal; return the exit status, and the seconds until the process ended."""
        started = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(TIMEOUT)
        seconds = time.monotonic() - started
        self._reading.join(TIMEOUT)
        return status, seconds


def startup_error(log: str) -> str:
    """Return why a server did not start: the last line of its log, whose lines are all JSON objects."""
    last = [json.loads(line) for line in log.splitlines()][-1]
    assert (last["level"], last["logger"]) == ("CRITICAL", "roster.server")
    return str(last["message"])


@contextmanager
def run_server(environ: Mapping[str, str], command: str) -> Iterator[ServerProcess]:
    """Run ``roster gateway serve`` or ``roster instance serve`` on a free port until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "roster", command, "serve", "--port", "0"],
        env={"PATH": "/usr/bin:/bin"} | dict(environ),
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        server = ServerProcess(process)
        server.origin = server.wait_for_log(r"serving on (http://127\.0\.0\.1:[0-9]+)\"")
        until(lambda: _accepts_connections(server), TIMEOUT)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _accepts_connections(server: ServerProcess) -> bool:
    host, port = server.origin.removeprefix("http://").split(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False

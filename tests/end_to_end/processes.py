"""Processes of the gateway and the relay, and a client that acts as an instance."""

import gzip
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import urllib3

from tests.programs import require

RELAY = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    {location}
  }}
}}
"""
LOCATION = """location /v1/ {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1;
    }}"""
"""The relay to a gateway."""


def until(holds: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait until a condition is true, and return its value."""
    ends = time.monotonic() + seconds
    while not (result := holds()):
        assert time.monotonic() < ends, f"the condition is still false after {seconds} seconds"
        time.sleep(0.02)
    return result


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Process:
    """A program that listens on a port. Its output goes to a file in its folder."""

    def __init__(self, command: list[str], port: int, folder: Path, environment: dict[str, str]) -> None:
        self.port, self.log = port, folder / f"{port}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def listens(self) -> bool:
        """Return whether the port accepts connections.

        Raises:
            AssertionError: it has ended.
        """
        assert self._process.poll() is None, self.log.read_text()
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def send(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait(10)


class Gateway(Process):
    """``roster gateway serve``."""

    def __init__(self, port: int, folder: Path, variables: dict[str, str]) -> None:
        command = [sys.executable, "-m", "roster", "gateway", "serve", "--port", str(port)]
        super().__init__(command, port, folder, {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)} | variables)
        until(self.listens)

    def readiness(self) -> dict[str, Any]:
        """Return the readiness report, with the HTTP status as ``http``."""
        answer = urllib3.request("GET", f"http://127.0.0.1:{self.port}/-/readiness", retries=False, timeout=10)
        return {"http": answer.status, **answer.json()}

    def reload(self) -> None:
        """Trigger a poll."""
        self.send(signal.SIGHUP)

    def serves(self, sequence: int) -> dict[str, Any]:
        """Poll until it serves a sequence without errors; return the readiness report."""
        self.reload()
        state: dict[str, Any] = until(
            lambda: self._if(lambda now: now["active"]["sequence"] == sequence and not now["last_error"])
        )
        return state

    def refuses(self, name: str) -> dict[str, Any]:
        """Poll until it reports a failure with a reason; return the readiness report."""
        self.reload()
        state: dict[str, Any] = until(lambda: self._if(lambda now: (now["last_error"] or {}).get("name") == name))
        return state

    def _if(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        state = self.readiness()
        return state if holds(state) else None


class Relay(Process):
    """nginx, which forwards requests to the gateway, or to another server at the port ``upstream``."""

    def __init__(self, upstream: int, folder: Path, location: str = LOCATION) -> None:
        port, program = free_port(), require("nginx")
        configuration = folder / "nginx.conf"
        configuration.write_text(RELAY.format(folder=folder, port=port, location=location.format(upstream=upstream)))
        command = [program, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]
        super().__init__(command, port, folder, {})
        until(self.listens)


class Instance:
    """Downloads the list through the relay, with conditional requests.

    Attributes:
        models: the downloaded list.
        headers: those of the last response.
    """

    def __init__(self, relay: Relay, token: str = "") -> None:
        self._url = f"http://127.0.0.1:{relay.port}/v1/models/offered"
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self._etag = ""
        self.models: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}

    @property
    def ids(self) -> list[str]:
        """The ids of the downloaded models."""
        return [model["id"] for model in self.models]

    def sync(self) -> int:
        """Send a request; return the status."""
        headers = {"Accept-Encoding": "gzip"} | self._authorization
        if self._etag:
            headers["If-None-Match"] = self._etag
        answer = urllib3.request("GET", self._url, headers=headers, retries=False, timeout=10, decode_content=False)
        self.headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status == 200:
            self.models, self._etag = json.loads(gzip.decompress(answer.data)), self.headers["etag"]
        return answer.status

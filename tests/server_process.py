"""A ``roster … serve`` of its own: what it logs, what it answers, and how it ends."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from tests.gateway.gateway_helpers import until

PATIENCE = 30.0
"""Seconds that a process may take to start on a machine that is busy."""


class Served:
    """A server's process.

    Attributes:
        log: what it wrote on standard error so far.
        origin: where it serves.
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

    def told(self, pattern: str) -> str:
        """Wait until it wrote something; return the pattern's group."""
        until(lambda: re.search(pattern, self.log), PATIENCE)
        return str(re.findall(pattern, self.log)[0])

    def ended(self, number: int) -> tuple[int, float]:
        """Send a signal; return the exit status, and after how many seconds."""
        started = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        seconds = time.monotonic() - started
        self._reading.join(PATIENCE)
        return status, seconds


@contextmanager
def served(environ: Mapping[str, str], wing: str) -> Iterator[Served]:
    """Let the gateway or the instance serve on a port of its own, from when it answers until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "roster", wing, "serve", "--port", "0"],
        env={"PATH": "/usr/bin:/bin"} | dict(environ),
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        server = Served(process)
        server.origin = server.told(r"serving on (http://127\.0\.0\.1:[0-9]+)\n")
        until(lambda: _answers(server), PATIENCE)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _answers(server: Served) -> bool:
    host, port = server.origin.removeprefix("http://").split(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False

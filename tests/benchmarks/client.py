"""Clients and processes of the benchmarks: connections, a client that sends requests at regular intervals."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
OFFERED = "/v1/models/offered"
PAUSE = 0.005
"""Seconds between the requests of ``PeriodicClient``, which are due whether or not the previous one was answered."""


class Response(NamedTuple):
    """A response: status, headers (names in lower case), body, and the total size in bytes."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int


class Connection:
    """A persistent connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def skip(self, size: int) -> None:
        """Read and discard a response of this size in bytes."""
        while size > 0:
            size -= len(self._received())

    def receive(self) -> Response:
        """Read and parse a response."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._received()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += self._received()
        return Response(int(first.split()[1]), headers, body, len(head) + 4 + len(body))

    def _received(self) -> bytes:
        data = self._socket.recv(1 << 20)
        if not data:
            sys.exit("a server closed a persistent connection")
        return data

    def close(self) -> None:
        self._socket.close()


def request(path: str = OFFERED, **headers: str) -> bytes:
    """Return a request's bytes; ``_`` in a header's name stands for a hyphen."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def fetch(port: int, request_bytes: bytes) -> Response | None:
    """Send a request over a new connection; return None if the port refuses connections."""
    try:
        connection = Connection(port)
    except ConnectionRefusedError:
        return None
    connection.send(request_bytes)
    response = connection.receive()
    connection.close()
    return response


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > deadline:
            sys.exit(f"a server is not ready after {seconds:g} seconds")
        time.sleep(0.005)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(*command: str | Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=ENVIRONMENT | variables, stdout=output, stderr=output)
        try:
            yield process
            if process.poll() is not None:
                output.seek(0)
                sys.exit(f"{command} ended: {output.read()[-2000:].decode(errors='replace')}")
        finally:
            process.kill()
            process.wait()


class PeriodicClient(threading.Thread):
    """A client that requests the list at regular intervals and records the response times, in milliseconds."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._connection, self._etag, self._ended = Connection(port), "", False
        self.response_times: list[float] = []
        self.changed_at = 0.0

    def run(self) -> None:
        due = time.perf_counter()
        while not self._ended:
            time.sleep(max(0.0, due - time.perf_counter()))
            self._connection.send(request(If_None_Match=self._etag or '"none"', Accept_Encoding="gzip"))
            response = self._connection.receive()
            now = time.perf_counter()
            if response.status == 200:
                self._etag, self.changed_at = response.headers["etag"], now
            self.response_times.append((now - due) * 1000)
            due += PAUSE

    def end(self) -> None:
        self._ended = True
        self.join()
        self._connection.close()

"""What the gateway is measured with: connections, a client that asks at regular times, processes."""

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
"""Between the requests of the steady client, which are due at these times whether or not the last one was answered."""


class Answer(NamedTuple):
    """An answer's status, headers (names in lower case) and body; ``size`` is that of all of it, in bytes."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int


class Connection:
    """A connection that is kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def skip(self, size: int) -> None:
        """Read as many bytes as an answer is known to have."""
        while size > 0:
            size -= len(self._received())

    def receive(self) -> Answer:
        """Read an answer and understand it."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._received()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += self._received()
        return Answer(int(first.split()[1]), headers, body, len(head) + 4 + len(body))

    def _received(self) -> bytes:
        data = self._socket.recv(1 << 20)
        if not data:
            sys.exit("a server closed a connection that was to be kept alive")
        return data

    def close(self) -> None:
        self._socket.close()


def request(path: str = OFFERED, **headers: str) -> bytes:
    """Return a request's bytes; ``_`` in a header's name stands for a hyphen."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def ask(port: int, wanted: bytes) -> Answer | None:
    """Return one answer, None while nobody listens."""
    try:
        connection = Connection(port)
    except ConnectionRefusedError:
        return None
    connection.send(wanted)
    answer = connection.receive()
    connection.close()
    return answer


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.perf_counter() + seconds
    while not holds():
        if time.perf_counter() > ends:
            sys.exit(f"a server is not ready after {seconds:g} seconds")
        time.sleep(0.005)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(*command: str | Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=ENVIRONMENT | variables, stdout=said, stderr=said)
        try:
            yield process
            if process.poll() is not None:
                said.seek(0)
                sys.exit(f"{command} ended: {said.read()[-2000:].decode(errors='replace')}")
        finally:
            process.kill()
            process.wait()


class Steady(threading.Thread):
    """A client that asks at regular times whether the list is another one; how long each answer took, in ms."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._connection, self._etag, self._ended = Connection(port), "", False
        self.took: list[float] = []
        self.changed_at = 0.0

    def run(self) -> None:
        due = time.perf_counter()
        while not self._ended:
            time.sleep(max(0.0, due - time.perf_counter()))
            self._connection.send(request(If_None_Match=self._etag or '"none"', Accept_Encoding="gzip"))
            answer = self._connection.receive()
            now = time.perf_counter()
            if answer.status == 200:
                self._etag, self.changed_at = answer.headers["etag"], now
            self.took.append((now - due) * 1000)
            due += PAUSE

    def end(self) -> None:
        self._ended = True
        self.join()
        self._connection.close()

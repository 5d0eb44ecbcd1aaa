"""A scripted server on loopback, which can also send malformed responses."""

import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import Enum
from itertools import count
from threading import Event, Thread
from typing import NamedTuple


class Ending(Enum):
    """How a connection ends within a response."""

    CLOSE = "as it should"
    RESET = "with a TCP reset"


Step = bytes | float | Ending
"""Bytes to send, seconds to wait, or how to end the connection."""
Play = Iterable[Step] | Callable[[], Iterable[Step]]
"""The steps of a response, or a function that creates them for each request."""


class Request(NamedTuple):
    """A received request; header names are in lower case."""

    path: str
    headers: dict[str, str]


class ScriptedServer:
    """Sends one response per request, in order, and repeats the last one.

    Connections stay open between answers, unless a step ends them.

    Attributes:
        requests: those that came.
        connections: how many were opened.
    """

    def __init__(self, *plays: Play, tls: ssl.SSLContext | None = None) -> None:
        self.plays = list(plays)
        self.requests: list[Request] = []
        self.connections = 0
        self._tls = tls
        self._stopped = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> "ScriptedServer":
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                while self._read(connection) and self._play(connection, self._next()):
                    pass

    def _next(self) -> Iterable[Step]:
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        return play() if callable(play) else play

    def _read(self, connection: socket.socket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65536)
            if not received:
                return False
            head += received
        first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.requests.append(Request(first.split()[1], headers))
        return True

    def _play(self, connection: socket.socket, steps: Iterable[Step]) -> bool:
        """Return whether to read another request from the connection."""
        for step in steps:
            if self._stopped.is_set():
                return False
            if isinstance(step, Ending):
                if step is Ending.RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            if isinstance(step, bytes):
                connection.sendall(step)
            else:
                self._stopped.wait(step)
        return True


def answer(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> list[Step]:
    """Return a complete response, optionally with another Content-Length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}"]
    return [head(*lines) + body]


def ok(body: bytes, *headers: str) -> list[Step]:
    """Return a valid 200 response."""
    return answer("200 OK", *headers, body=body)


def redirect(location: str, status: str = "302 Found") -> list[Step]:
    """Return a redirect."""
    return answer(status, f"Location: {location}")


def head(*lines: str) -> bytes:
    """Return the status line and headers of a response."""
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked response."""
    return b"%x\r\n%b\r\n" % (len(data), data)


CHUNKED = head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")


def endless(start: bytes, step: bytes, pause: float = 0.0) -> Callable[[], Iterator[Step]]:
    """Return an endless response."""

    def steps() -> Iterator[Step]:
        yield start
        for _ in count():
            yield step
            if pause:
                yield pause

    return steps

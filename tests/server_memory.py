"""Memory of a server process while it answers different requests."""

import http.client
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.server_process import ServerProcess

MAX_GROWTH = 10.0
"""How many MiB a server may need for 5,000 different requests."""


def resident_memory(server: ServerProcess) -> float:
    """Return the memory of a server in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def send(server: ServerProcess, requests: Iterator[tuple[str, str | None]], number: int, **headers: str) -> None:
    """Send requests over one connection: paths, with the body of a POST request or None."""
    connection = http.client.HTTPConnection(server.origin.removeprefix("http://"), timeout=30)
    for path, body in islice(requests, number):
        connection.request("GET" if body is None else "POST", path, body, headers)
        response = connection.getresponse()
        content = response.read()
        assert response.status == 200, content
    connection.close()

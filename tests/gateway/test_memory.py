"""The gateway's memory does not grow with requests and lists."""

import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.accept.example_downloads import ROSTER, model, rendered
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import LIST
from tests.gateway.test_serve_command import serving
from tests.server_memory import MAX_GROWTH, resident_memory, send


def paths() -> Iterator[tuple[str, None]]:
    for number in count():
        yield f"{(LIST, '/v1/models/definitions', '/-/readiness', '/metrics')[number % 4]}?n={number}", None


@pytest.mark.slow
def test_memory_does_not_grow_with_requests_and_lists(tmp_path: Path):
    lists = [rendered("gateway", ROSTER + model(f"m{number}"), sequence=number) for number in range(43, 68)]
    with ScriptedServer(*map(ok, lists)) as source, serving(source, tmp_path) as server:
        requests, before = paths(), 0.0
        for number in range(44, 68):
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log(f"activated version {number}-")
            send(server, requests, 250)
            if number == 47:
                before = resident_memory(server)
        assert resident_memory(server) - before < MAX_GROWTH

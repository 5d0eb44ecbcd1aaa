"""Concurrent requests see one version each while the list is replaced."""

import gzip
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from roster.gateway.list_updater import ListUpdater
from tests.accept.example_downloads import ROSTER, model, rendered
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, client, until, updater

ONE, OTHER = (rendered("gateway", ROSTER + "".join(map(model, more))) for more in (("llama", "qwen"), ()))
SECONDS = 3.0


@contextmanager
def serving(source: ListUpdater) -> Iterator[int]:
    """Serve in another thread on a real socket; yield the port."""
    app = client(source).app
    assert isinstance(app, FastAPI)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.mark.slow
def test_request_sees_one_version(tmp_path: Path):
    with ScriptedServer(ok(ONE)) as origin:
        source = updater(origin.origin, tmp_path / "kept")
        source.start()
        paths = [LIST, f"{LIST}?feature=duo_chat", DEFINITIONS]
        complete: dict[str, dict[str, bytes]] = {path: {} for path in paths}
        for body in (ONE, OTHER):
            origin.plays = [ok(body)]
            assert source.poll()
            for path in paths:
                answer = client(source).get(path)
                complete[path][answer.headers["etag"]] = answer.content
        assert all(len(responses) == 2 for responses in complete.values())

        wrong: list[str] = []
        etags: set[str] = set()
        ended = threading.Event()

        def ask(port: int, path: str, zipped: bool) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            while not ended.is_set():
                connection.request("GET", path, headers={"Accept-Encoding": "gzip" if zipped else "identity"})
                answer = connection.getresponse()
                body, etag = answer.read(), answer.headers["etag"].replace("-gzip", "")
                etags.add(etag)
                if (gzip.decompress(body) if zipped else body) != complete[path].get(etag):
                    wrong.append(f"{path} {etag}: {body[:200]!r}")

        with serving(source) as port:
            threads = [
                threading.Thread(target=ask, args=(port, path, zip_)) for path in paths for zip_ in (True, False)
            ]
            for thread in threads:
                thread.start()
            until, polls = time.monotonic() + SECONDS, 0
            while time.monotonic() < until:
                origin.plays = [ok((ONE, OTHER)[polls % 2])]
                assert source.poll()
                polls += 1
            ended.set()
            for thread in threads:
                thread.join(15)
    assert polls > 10
    assert not wrong
    assert etags == {etag for responses in complete.values() for etag in responses}


def test_list_and_deployments_are_of_one_version(tmp_path: Path):
    """A snapshot remains complete while newer ones become active."""
    with ScriptedServer(ok(ONE), ok(OTHER)) as origin:
        source = updater(origin.origin, tmp_path / "kept")
        source.start()
        before = source.active
        assert before
        assert source.poll()
    assert source.active is not before
    listed = {each["id"] for each in json.loads(before.list.body)}
    assert listed == before.accepted.deployments.keys()
    assert "llama" in listed

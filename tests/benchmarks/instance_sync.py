"""Benchmark of an instance's sync, compared with its targets.

    python -m tests.benchmarks.instance_sync [--rounds N] [--work DIR]

Requires the toolkit with the extras `gateway` and `instance`; `make bench` uses the environment of the tests. The
responses come from a stub on the loopback interface (`definitions.py`), which repeats those of a real gateway.
"""

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import urllib3
from tests.benchmarks.client import Response, fetch, free_port, request, running, wait_until
from tests.benchmarks.gateway import HERE, Row, gateway, prepare, print_rows
from tests.instance.database.databases import sqlite_url
from tests.instance.sync.sync_helpers import DEFINITIONS, DatabaseCalls, open_database, set_flag, settings_for
from tests.postgresql import PostgreSQL, missing

import roster.__main__
from roster.instance.database.connections import Database
from roster.instance.database.migrate import upgrade
from roster.instance.instance_settings import InstanceSettings
from roster.instance.sync.sync import Sync

MODELS, CHANGED = 1000, 10
TARGET = 1.5
UNCHANGED = {"etag": "304", "plain": "200"}
"""The statuses of the server's responses to an instance that already has the list, by path."""


def bare(url: str) -> Any:
    """Fetch and parse over a new connection, like a job that runs occasionally."""
    with urllib3.PoolManager() as pool:
        return json.loads(pool.request("GET", url).data)


def seconds(work: Callable[[], object]) -> float:
    """Return the duration of some work, without the garbage collector, as in ``roster instance sync``."""
    gc.collect()
    began = time.perf_counter()
    result = work()
    duration = time.perf_counter() - began
    del result  # only now, so that the duration excludes freeing it
    return duration


def sync(database: Database, settings: InstanceSettings, expected: str) -> None:
    """Sync once, and check the outcome: a failing sync would be faster."""
    result = Sync(database, settings).run()
    if result.outcome != expected:
        sys.exit(f"the outcome of a sync is {result.outcome} (expected {expected}): {result.message}")


def compare(label: str, database: Database, url: str, rounds: int, expected: str, *, connects: bool = False) -> float:
    """Return the median ratio of the durations of a sync and of a bare request.

    Args:
        connects: start each sync without a database connection.
    """
    settings = settings_for(url, deadline_seconds=20.0)
    bare_url = f"{url.rpartition('/')[0]}/plain{DEFINITIONS}"
    bare_seconds, sync_seconds = [], []
    for number in range(rounds + 1):
        bare_duration = seconds(lambda: bare(bare_url))
        if connects:
            database.close()
        sync_duration = seconds(lambda: sync(database, settings, expected))
        if number:  # the first round fills caches
            bare_seconds.append(bare_duration)
            sync_seconds.append(sync_duration)
    ratio = statistics.median(b / a for a, b in zip(bare_seconds, sync_seconds, strict=True))
    bare_ms, sync_ms = (statistics.median(durations) * 1000 for durations in (bare_seconds, sync_seconds))
    print(f"  {database.name + ', ' + label:<40}{bare_ms:>10.1f}{sync_ms:>10.1f}{ratio:>10.2f}")
    return ratio


def measure(database: Database, server: str, rounds: int) -> Iterator[Row]:
    """Measure syncs of an unchanged list with each kind of response, then syncs of a changed list."""
    for path, status in UNCHANGED.items():
        url = f"{server}/{path}"
        sync(database, settings_for(url), "replaced")  # a list from another URL replaces the stored one
        calls = DatabaseCalls(database)
        ratio = compare(status, database, url, rounds, "unchanged")
        compare(f"{status}, and connecting", database, url, rounds, "unchanged", connects=True)
        yield Row(f"{database.name}, {status}: times bare", ratio, TARGET)
        yield Row(f"{database.name}, {status}: writing statements", len(calls.writes), 0)
    # The subprocess that validates a large list imports the main module again, which must be that of `roster`.
    with patch.dict(sys.modules, {"__main__": roster.__main__}):
        compare(f"{CHANGED} models changed", database, f"{server}/turns", max(3, rounds // 5), "replaced")


def gateway_response(work: Path) -> Response:
    """Return a real gateway's response with the definitions of a generated list."""
    folder, files, port = prepare(work, MODELS), free_port(), free_port()
    server = ("-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(files))
    with running(sys.executable, *server):
        wait_until(lambda: fetch(files, request("/", Connection="close")) is not None)
        with gateway(port, f"http://127.0.0.1:{files}/dist/stage-001/gateway.json", work / "cache"):
            wait_until(lambda: fetch(port, request()) is not None)
            response = fetch(port, request(DEFINITIONS))
    assert response is not None, "it is running"
    return response


@contextmanager
def serving(work: Path) -> Iterator[str]:
    """Run the gateway stub, and yield its URL. Some models of its second list differ."""
    response, port = gateway_response(work), free_port()
    changed = json.loads(response.body)
    for model in changed["models"][:CHANGED]:
        model["description"] = f"{model['description'] or ''} Better than before."
    headers = {name: value for name, value in response.headers.items() if name not in ("date", "content-length")}
    files = {"headers": json.dumps(headers).encode(), "body": response.body, "next": json.dumps(changed).encode()}
    for name, content in files.items():
        (work / name).write_bytes(content)
    print(f"  {MODELS:,} models in {len(response.body):,} bytes")
    with running(sys.executable, HERE / "definitions.py", str(port), *(work / name for name in files)):
        wait_until(lambda: fetch(port, request(f"/plain{DEFINITIONS}", Connection="close")) is not None)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def databases(work: Path) -> Iterator[list[str]]:
    """Yield the URLs of a SQLite database and, if it is installed, a PostgreSQL database."""
    urls = [sqlite_url(work / "instance.sqlite")]
    if reason := missing():
        print(f"  PostgreSQL is skipped: it {reason}")
        yield urls
        return
    with PostgreSQL() as server:
        yield [*urls, server.url(server.create())]


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark the sync of an instance.")
    parser.add_argument("--rounds", type=int, default=50, help="rounds per measurement (default: 50)")
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / ".bench", help="working folder")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / ".gitignore").write_text("*\n", encoding="utf-8")
    rows: list[Row] = []
    gc.disable()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder)
        with serving(work) as server, databases(work) as urls:
            print(f"  {'medians':<40}{'bare, ms':>10}{'sync, ms':>10}{'times':>10}")
            for url in urls:
                with open_database(url) as database:
                    upgrade(database)
                    set_flag(database, on=True)
                    rows += measure(database, server, options.rounds)
    sys.exit(0 if print_rows(rows, "the sync of an instance") else 1)


if __name__ == "__main__":
    main()

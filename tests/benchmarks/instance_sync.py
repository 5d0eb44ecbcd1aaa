"""Measure the sync of an instance, and hold it to its targets.

    python -m tests.benchmarks.instance_sync [--rounds N] [--work DIR]

Run by the Python of an environment that has the toolkit with the extras `gateway` and `instance`, as `make bench` does.
What a gateway answers comes from a server on loopback (`definitions.py`), whose bytes and headers a real one gave.
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
from tests.benchmarks.client import Answer, ask, free_port, request, running, wait_until
from tests.benchmarks.gateway import HERE, Row, gateway, prepare, show
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
"""What the server answers an instance that has the list already, by the server's path for it."""


def bare(url: str) -> Any:
    """Fetch and parse, as a job does that is run now and then: over a connection that nobody had open."""
    with urllib3.PoolManager() as pool:
        return json.loads(pool.request("GET", url).data)


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes; the garbage collector rests meanwhile, as in ``roster instance sync``."""
    gc.collect()
    began = time.perf_counter()
    done = work()
    took = time.perf_counter() - began
    del done  # only now, so that taking it apart takes no time
    return took


def sync(database: Database, settings: InstanceSettings, wanted: str) -> None:
    """Sync once, and insist on what comes of it: a sync that fails would be quick."""
    result = Sync(database, settings).run()
    if result.outcome != wanted:
        sys.exit(f"a sync is {result.outcome} that was to be {wanted}: {result.message}")


def compare(label: str, database: Database, url: str, rounds: int, wanted: str, *, connects: bool = False) -> float:
    """Return the median of the ratios of each round: a sync's seconds by those of the bare way.

    Args:
        connects: begin each sync without a connection to the database.
    """
    settings = settings_for(url, deadline_seconds=20.0)
    bare_url = f"{url.rpartition('/')[0]}/plain{DEFINITIONS}"
    theirs, ours = [], []
    for number in range(rounds + 1):
        fetched = seconds(lambda: bare(bare_url))
        if connects:
            database.close()
        synced = seconds(lambda: sync(database, settings, wanted))
        if number:  # the first round is for caches
            theirs.append(fetched)
            ours.append(synced)
    ratio = statistics.median(b / a for a, b in zip(theirs, ours, strict=True))
    bare_ms, sync_ms = (statistics.median(several) * 1000 for several in (theirs, ours))
    print(f"  {database.name + ', ' + label:<40}{bare_ms:>10.1f}{sync_ms:>10.1f}{ratio:>10.2f}")
    return ratio


def measure(database: Database, server: str, rounds: int) -> Iterator[Row]:
    """Sync with each answer when there is nothing new, and at the end when there is."""
    for path, answer in UNCHANGED.items():
        url = f"{server}/{path}"
        sync(database, settings_for(url), "replaced")  # from another address it is another list
        calls = DatabaseCalls(database)
        ratio = compare(answer, database, url, rounds, "unchanged")
        compare(f"{answer}, and connecting", database, url, rounds, "unchanged", connects=True)
        yield Row(f"{database.name}, {answer}: times bare", ratio, TARGET)
        yield Row(f"{database.name}, {answer}: writing statements", len(calls.writes), 0)
    # The process that checks a large list imports the main module again: let it be that of `roster`, and not this one.
    with patch.dict(sys.modules, {"__main__": roster.__main__}):
        compare(f"{CHANGED} models changed", database, f"{server}/turns", max(3, rounds // 5), "replaced")


def answered(work: Path) -> Answer:
    """Return what a gateway answers that was given a list."""
    folder, files, port = prepare(work, MODELS), free_port(), free_port()
    server = ("-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(files))
    with running(sys.executable, *server):
        wait_until(lambda: ask(files, request("/", Connection="close")) is not None)
        with gateway(port, f"http://127.0.0.1:{files}/dist/stage-001/gateway.json", work / "cache"):
            wait_until(lambda: ask(port, request()) is not None)
            answer = ask(port, request(DEFINITIONS))
    assert answer is not None, "it answered before"
    return answer


@contextmanager
def serving(work: Path) -> Iterator[str]:
    """Give the address of a server that answers as the gateway did; what is next differs in some models."""
    answer, port = answered(work), free_port()
    told = json.loads(answer.body)
    for model in told["models"][:CHANGED]:
        model["description"] = f"{model['description'] or ''} Better than before."
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
    files = {"headers": json.dumps(headers).encode(), "body": answer.body, "next": json.dumps(told).encode()}
    for name, content in files.items():
        (work / name).write_bytes(content)
    print(f"  {MODELS:,} models in {len(answer.body):,} bytes")
    with running(sys.executable, HERE / "definitions.py", str(port), *(work / name for name in files)):
        wait_until(lambda: ask(port, request(f"/plain{DEFINITIONS}", Connection="close")) is not None)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def databases(work: Path) -> Iterator[list[str]]:
    """Give the URLs of a database of each kind that there is."""
    urls = [sqlite_url(work / "instance.sqlite")]
    if reason := missing():
        print(f"  PostgreSQL is left out: it {reason}")
        yield urls
        return
    with PostgreSQL() as server:
        yield [*urls, server.url(server.create())]


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold the speed of an instance's sync to its targets.")
    parser.add_argument("--rounds", type=int, default=50, help="of each measurement, 50 by default")
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / ".bench", help="folder to work in")
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
    sys.exit(0 if show(rows, "the sync of an instance") else 1)


if __name__ == "__main__":
    main()

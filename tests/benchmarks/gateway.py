"""Measure `roster gateway serve`, and hold it to its targets.

    python -m tests.benchmarks.gateway [--rounds N] [--work DIR] [--only MEASUREMENT]

Run by the Python of an environment that has the toolkit with the extra `gateway`, as `make bench` does. Everything is
on loopback: a source (Python's http.server), the gateway, a bare Starlette route beside it, and this client.
"""

import argparse
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.client import (
    ENVIRONMENT,
    Connection,
    Steady,
    ask,
    free_port,
    request,
    running,
    wait_until,
)

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE.parents[1] / "schemas"
SMALL, LARGE = 100, 20_000
CONNECTIONS = 8
SECONDS = 0.5
"""How long one turn of one server is."""
DEADLINE = 2.0
PREFIX = "MODEL_SWITCHING_METADATA_"


class Row(NamedTuple):
    """A target, and what was measured. ``least``: the measured value has to reach it, and otherwise to stay below."""

    label: str
    measured: float
    target: float
    least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.target if self.least else self.measured <= self.target


@contextmanager
def gateway(port: int, url: str, cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a gateway that polls only when told to."""
    settings = {"FILE_PATH": url, "ACCESS_TOKEN": "token", "POLL_SECONDS": "86400", "CACHE_FOLDER": str(cache)}
    variables = {f"{PREFIX}{name}": value for name, value in (settings | {"DEADLINE_SECONDS": f"{DEADLINE}"}).items()}
    command = (sys.executable, "-m", "roster", "gateway", "serve", "--port", str(port))
    with running(*command, **variables) as process:
        yield process


def prepare(work: Path, models: int) -> Path:
    """Write and render a repository; return its folder."""
    folder = work / f"gateway-{models}"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, HERE / "generate.py", SCHEMAS, folder, "1", str(models)], check=True)
    done = subprocess.run([sys.executable, "-m", "roster", "render"], cwd=folder, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"cannot prepare the benchmark: {done.stdout.decode()}{done.stderr.decode()}")
    return folder


def requests_per_second(connections: list[Connection], wanted: bytes) -> float:
    """Keep every connection busy for a turn."""
    connections[0].send(wanted)
    size = connections[0].receive().size  # the same answer has the same length each time
    start, answered = time.perf_counter(), 0
    for connection in connections:
        connection.send(wanted)
    while (now := time.perf_counter()) < start + SECONDS:
        for connection in connections:
            connection.skip(size)
            connection.send(wanted)
            answered += 1
    for connection in connections:
        connection.skip(size)
    return answered / (now - start)


def speed(work: Path, source: str, folder: Path, rounds: int) -> list[Row]:
    """Compare the list's answers with those of a bare route, in turns."""
    ours, zipped, theirs = free_port(), free_port(), free_port()
    rates: dict[str, list[float]] = {}
    with gateway(ours, f"{source}/{folder.name}/dist/stage-001/gateway.json", work / "cache"):
        wait_until(lambda: ask(ours, request()) is not None)
        plain, small = request(), request(Accept_Encoding="gzip")
        bares = []
        for name, port, wanted in (("plain", theirs, plain), ("zipped", zipped, small)):
            answer = ask(ours, wanted)
            assert answer is not None
            (work / name).write_bytes(answer.body)
            own = {k: v for k, v in answer.headers.items() if k not in ("date", "content-length")}
            (work / f"{name}.json").write_text(json.dumps(own), encoding="utf-8")
            bares.append((str(port), work / name, work / f"{name}.json"))
        etag = ask(ours, plain).headers["etag"]  # type: ignore[union-attr]  # it answered before
        with running(sys.executable, HERE / "bare.py", *bares[0]), running(sys.executable, HERE / "bare.py", *bares[1]):
            for port in (theirs, zipped):
                wait_until(lambda port=port: ask(port, plain) is not None)  # type: ignore[misc]
            turns = {
                "bare": (theirs, plain),
                "list": (ours, plain),
                "304": (ours, request(If_None_Match=etag)),
                "bare, gzip": (zipped, small),
                "list, gzip": (ours, small),
            }
            same = {ask(port, wanted).body for port, wanted in (turns["bare"], turns["list"])}  # type: ignore[union-attr]
            assert len(same) == 1, "an unfair comparison: the two servers answer with other bytes"
            connections = {port: [Connection(port) for _ in range(CONNECTIONS)] for port in (ours, theirs, zipped)}
            for number in range(rounds + 1):
                for name, (port, wanted) in turns.items():
                    rate = requests_per_second(connections[port], wanted)
                    if number:
                        rates.setdefault(name, []).append(rate)
    for name, several in rates.items():
        print(f"  {name:<32}{statistics.median(several):>10.0f} requests/s")
    return [
        Row(f"list of {SMALL}: times bare", _ratio(rates["list"], rates["bare"]), 0.85, least=True),
        Row(f"list of {SMALL}, gzip: times bare", _ratio(rates["list, gzip"], rates["bare, gzip"]), 0.85, least=True),
        Row("304: times list", _ratio(rates["304"], rates["list"]), 1.0, least=True),
        Row("304: times list, gzip", _ratio(rates["304"], rates["list, gzip"]), 1.0, least=True),
    ]


def _ratio(some: list[float], others: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(some, others, strict=True))


def start(work: Path, source: str, folder: Path, rounds: int) -> list[Row]:
    """Start with a warm cache and a source that accepts connections and says nothing."""
    late = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/list"
        cache = work / "cache-of-start"
        _warm(cache, url, folder)
        for _ in range(rounds):
            port, began = free_port(), time.perf_counter()
            with gateway(port, url, cache):
                wait_until(lambda port=port: ask(port, request()) is not None)  # type: ignore[misc]
                late.append(time.perf_counter() - began - DEADLINE)
                answer = ask(port, request())
                assert answer is not None
                assert answer.status == 200, "the cache was cold"
    return [Row("start: seconds past the deadline", statistics.median(late), 0.5)]


def _warm(cache: Path, url: str, folder: Path) -> None:
    """Keep a list as a gateway would that had it from this address."""
    keep = "import sys; from pathlib import Path; from roster.cache.download_cache import Kept, Store; "
    keep += "store = Store.open(Path(sys.argv[1]), sys.argv[2]); store.save(Kept(Path(sys.argv[3]).read_bytes()))"
    body = folder / "dist/stage-001/gateway.json"
    subprocess.run([sys.executable, "-c", keep, cache, url, body], check=True, env=ENVIRONMENT)


def accept(work: Path, source: str, folder: Path, small: Path, rounds: int) -> list[Row]:
    """Let a served gateway accept a large list, over another large list, while a client asks."""
    rows = []
    paths = {"gateway.json": "dist/stage-001/gateway.json", "roster": "env/stage-001/offered_models_metadata.yaml"}
    for kind, path in paths.items():
        published, port = work / f"published-{kind}", free_port()
        versions = [(folder / path).read_bytes()]
        versions.append(versions[0].replace(b"EXPERIMENT", b"BETA"))
        checks, ratios, waits, idle = [], [], [], []
        _publish(published, (small / path).read_bytes())
        with gateway(port, f"{source}/{published.name}", work / f"cache-{kind}") as process:
            wait_until(lambda port=port: ask(port, request()) is not None)  # type: ignore[misc]
            for number in range(rounds + 1):
                check = _seconds([sys.executable, "-m", "roster", "check"], folder)
                _publish(published, versions[number % 2])
                client = Steady(port)
                client.start()
                wait_until(lambda client=client: client.changed_at > 0)  # type: ignore[misc]
                time.sleep(0.5)
                before, quiet = time.perf_counter(), len(client.took)
                client.changed_at = 0.0
                process.send_signal(signal.SIGHUP)
                wait_until(lambda client=client: client.changed_at > 0)  # type: ignore[misc]
                changed_at = client.changed_at
                time.sleep(0.3)
                client.end()
                if number:  # the first one replaces the small list
                    ratios.append((changed_at - before) / check)
                    checks.append(check)
                    idle += client.took[1:quiet]
                    waits.append(_percentile(client.took[quiet:], 99))
        about = f"check takes {statistics.median(checks):.2f} s, waits without an accept {_percentile(idle, 99):.1f} ms"
        print(f"  {kind}: {about}")
        rows += [
            Row(f"accept {kind} of {LARGE:,}: times check", statistics.median(ratios), 2),
            Row(f"accept {kind}: 99th percentile, ms", statistics.median(waits), 20),
        ]
    return rows


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _publish(path: Path, body: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(body)
    unfinished.rename(path)


def _seconds(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return time.perf_counter() - began


def show(rows: list[Row], what: str = "the gateway") -> bool:
    """Print each target; whether all are met."""
    print(f"  {what:<40}{'measured':>10}{'target':>10}")
    for row in rows:
        bound = f"{'≥' if row.least else '≤'} {row.target:g}"
        print(f"  {row.label:<40}{row.measured:>10.3g}{bound:>10}{'met' if row.met else 'MISSED':>10}")
    return all(row.met for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold the speed of roster gateway serve to its targets.")
    parser.add_argument("--rounds", type=int, default=7, help="of each measurement, 7 by default")
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / ".bench", help="folder to work in")
    parser.add_argument("--only", choices=["speed", "start", "accept"], help="one of the measurements")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / ".gitignore").write_text("*\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder)
        small, port = prepare(work, SMALL), free_port()
        server = ("-m", "http.server", "--bind", "127.0.0.1", "--directory", str(work), str(port))
        with running(sys.executable, *server):
            wait_until(lambda: ask(port, request("/", Connection="close")) is not None)
            source, rows = f"http://127.0.0.1:{port}", []
            if options.only in (None, "speed"):
                rows += speed(work, source, small, options.rounds)
            if options.only in (None, "start"):
                rows += start(work, source, small, options.rounds)
            if options.only in (None, "accept"):
                rows += accept(work, source, prepare(work, LARGE), small, options.rounds)
    sys.exit(0 if show(rows) else 1)


if __name__ == "__main__":
    main()

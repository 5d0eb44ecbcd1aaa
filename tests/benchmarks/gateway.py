"""Benchmark of `roster gateway serve`, compared with its targets.

    python -m tests.benchmarks.gateway [--rounds N] [--work DIR] [--only MEASUREMENT]

Requires the toolkit with the extra `gateway`; `make bench` uses the environment of the tests. All processes are on the
loopback interface: a source (Python's http.server), the gateway, a bare Starlette route, and this client.
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
    PeriodicClient,
    fetch,
    free_port,
    request,
    running,
    wait_until,
)

from roster.cache.download_cache import DownloadCache
from roster.download.download_result import Download

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE.parents[1] / "schemas"
SMALL, LARGE = 100, 20_000
CONNECTIONS = 8
SECONDS = 0.5
"""Duration of a turn of one server."""
DEADLINE = 2.0
PREFIX = "MODEL_SWITCHING_METADATA_"


class Row(NamedTuple):
    """A measured value and its target: a minimum if ``least`` is set, otherwise a maximum."""

    label: str
    measured: float
    target: float
    least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.target if self.least else self.measured <= self.target


@contextmanager
def gateway(port: int, url: str, cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a gateway that polls only at its start and on SIGHUP."""
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


def requests_per_second(connections: list[Connection], request_bytes: bytes) -> float:
    """Return the request rate of a turn in which every connection is busy."""
    connections[0].send(request_bytes)
    size = connections[0].receive().size  # identical responses have the same length
    start, responses = time.perf_counter(), 0
    for connection in connections:
        connection.send(request_bytes)
    while (now := time.perf_counter()) < start + SECONDS:
        for connection in connections:
            connection.skip(size)
            connection.send(request_bytes)
            responses += 1
    for connection in connections:
        connection.skip(size)
    return responses / (now - start)


def speed(work: Path, source: str, folder: Path, rounds: int) -> list[Row]:
    """Compare the request rates of the list and of a bare route, in turns."""
    gateway_port, gzip_port, bare_port = free_port(), free_port(), free_port()
    rates: dict[str, list[float]] = {}
    with gateway(gateway_port, f"{source}/{folder.name}/dist/stage-001/gateway.json", work / "cache"):
        wait_until(lambda: fetch(gateway_port, request()) is not None)
        plain, gzipped = request(), request(Accept_Encoding="gzip")
        bare_arguments = []
        for name, port, request_bytes in (("plain", bare_port, plain), ("gzip", gzip_port, gzipped)):
            response = fetch(gateway_port, request_bytes)
            assert response is not None
            (work / name).write_bytes(response.body)
            own = {k: v for k, v in response.headers.items() if k not in ("date", "content-length")}
            (work / f"{name}.json").write_text(json.dumps(own), encoding="utf-8")
            bare_arguments.append((str(port), work / name, work / f"{name}.json"))
        etag = fetch(gateway_port, plain).headers["etag"]  # type: ignore[union-attr]
        with (
            running(sys.executable, HERE / "bare.py", *bare_arguments[0]),
            running(sys.executable, HERE / "bare.py", *bare_arguments[1]),
        ):
            for port in (bare_port, gzip_port):
                wait_until(lambda port=port: fetch(port, plain) is not None)  # type: ignore[misc]
            turns = {
                "bare": (bare_port, plain),
                "list": (gateway_port, plain),
                "304": (gateway_port, request(If_None_Match=etag)),
                "bare, gzip": (gzip_port, gzipped),
                "list, gzip": (gateway_port, gzipped),
            }
            bodies = {fetch(*turns[name]).body for name in ("bare", "list")}  # type: ignore[union-attr]
            assert len(bodies) == 1, "unfair comparison: the responses differ"
            connections = {
                port: [Connection(port) for _ in range(CONNECTIONS)] for port in (gateway_port, bare_port, gzip_port)
            }
            for number in range(rounds + 1):
                for name, (port, request_bytes) in turns.items():
                    rate = requests_per_second(connections[port], request_bytes)
                    if number:
                        rates.setdefault(name, []).append(rate)
    for name, rounds_ in rates.items():
        print(f"  {name:<32}{statistics.median(rounds_):>10.0f} requests/s")
    return [
        Row(f"list of {SMALL}: times bare", _ratio(rates["list"], rates["bare"]), 0.85, least=True),
        Row(f"list of {SMALL}, gzip: times bare", _ratio(rates["list, gzip"], rates["bare, gzip"]), 0.85, least=True),
        Row("304: times list", _ratio(rates["304"], rates["list"]), 1.0, least=True),
        Row("304: times list, gzip", _ratio(rates["304"], rates["list, gzip"]), 1.0, least=True),
    ]


def _ratio(rates: list[float], baseline: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(rates, baseline, strict=True))


def start(work: Path, source: str, folder: Path, rounds: int) -> list[Row]:
    """Start with a warm cache and a source that accepts connections but never responds."""
    delays = []
    with socket.create_server(("127.0.0.1", 0)) as unresponsive:
        url = f"http://127.0.0.1:{unresponsive.getsockname()[1]}/list"
        cache = work / "cache-of-start"
        _warm(cache, url, folder)
        for _ in range(rounds):
            port, began = free_port(), time.perf_counter()
            with gateway(port, url, cache):
                wait_until(lambda port=port: fetch(port, request()) is not None)  # type: ignore[misc]
                delays.append(time.perf_counter() - began - DEADLINE)
                response = fetch(port, request())
                assert response is not None
                assert response.status == 200, "the cache was cold"
    return [Row("start: seconds past the deadline", statistics.median(delays), 0.5)]


def _warm(cache: Path, url: str, folder: Path) -> None:
    """Write a list to the cache of a gateway with this URL."""
    body = (folder / "dist/stage-001/gateway.json").read_bytes()
    if not DownloadCache(cache, url).save(Download(body), None):
        sys.exit("cannot prepare the benchmark: the list was not cached")


def accept(work: Path, source: str, folder: Path, small: Path, rounds: int) -> list[Row]:
    """Replace a large list with another one while a client sends requests."""
    rows = []
    paths = {"gateway.json": "dist/stage-001/gateway.json", "roster": "env/stage-001/offered_models_metadata.yaml"}
    for kind, path in paths.items():
        published, port = work / f"published-{kind}", free_port()
        versions = [(folder / path).read_bytes()]
        versions.append(versions[0].replace(b"EXPERIMENT", b"BETA"))
        checks, ratios, busy, idle = [], [], [], []
        _publish(published, (small / path).read_bytes())
        with gateway(port, f"{source}/{published.name}", work / f"cache-{kind}") as process:
            wait_until(lambda port=port: fetch(port, request()) is not None)  # type: ignore[misc]
            for number in range(rounds + 1):
                check = _seconds([sys.executable, "-m", "roster", "check"], folder)
                _publish(published, versions[number % 2])
                client = PeriodicClient(port)
                client.start()
                wait_until(lambda client=client: client.changed_at > 0)  # type: ignore[misc]
                time.sleep(0.5)
                before, idle_requests = time.perf_counter(), len(client.response_times)
                client.changed_at = 0.0
                process.send_signal(signal.SIGHUP)
                wait_until(lambda client=client: client.changed_at > 0)  # type: ignore[misc]
                changed_at = client.changed_at
                time.sleep(0.3)
                client.end()
                if number:  # the first round replaces the small list
                    ratios.append((changed_at - before) / check)
                    checks.append(check)
                    idle += client.response_times[1:idle_requests]
                    busy.append(_percentile(client.response_times[idle_requests:], 99))
        idle_ms = _percentile(idle, 99)
        print(f"  {kind}: check takes {statistics.median(checks):.2f} s, 99th percentile when idle {idle_ms:.1f} ms")
        rows += [
            Row(f"accept {kind} of {LARGE:,}: times check", statistics.median(ratios), 2),
            Row(f"accept {kind}: 99th percentile, ms", statistics.median(busy), 20),
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


def print_rows(rows: list[Row], title: str = "the gateway") -> bool:
    """Print each target; return whether all are met."""
    print(f"  {title:<40}{'measured':>10}{'target':>10}")
    for row in rows:
        bound = f"{'≥' if row.least else '≤'} {row.target:g}"
        print(f"  {row.label:<40}{row.measured:>10.3g}{bound:>10}{'met' if row.met else 'MISSED':>10}")
    return all(row.met for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark roster gateway serve.")
    parser.add_argument("--rounds", type=int, default=7, help="rounds per measurement (default: 7)")
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / ".bench", help="working folder")
    parser.add_argument("--only", choices=["speed", "start", "accept"], help="run only this measurement")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / ".gitignore").write_text("*\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder)
        small, port = prepare(work, SMALL), free_port()
        server = ("-m", "http.server", "--bind", "127.0.0.1", "--directory", str(work), str(port))
        with running(sys.executable, *server):
            wait_until(lambda: fetch(port, request("/", Connection="close")) is not None)
            source, rows = f"http://127.0.0.1:{port}", []
            if options.only in (None, "speed"):
                rows += speed(work, source, small, options.rounds)
            if options.only in (None, "start"):
                rows += start(work, source, small, options.rounds)
            if options.only in (None, "accept"):
                rows += accept(work, source, prepare(work, LARGE), small, options.rounds)
    sys.exit(0 if print_rows(rows) else 1)


if __name__ == "__main__":
    main()

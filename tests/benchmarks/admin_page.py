"""Benchmark of an instance's admin page at 70 models, 35 features and 500 namespaces with selections.

    python -m tests.benchmarks.admin_page [--before COMMIT] [--rounds N]

Measures an index query of the API, the first page, and the page of one feature with its form; with ``--before``,
also in an earlier commit. Each version runs in a process of its own, with the same data; the processes take turns.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.gateway import Row, print_rows

ROOT = Path(__file__).resolve().parents[2]
NOW, BEFORE = "now", "before"
REQUESTS = ("index query", "first page", "form")
"""The first request of a process also reads the list."""
MAX_MILLISECONDS, MAX_BYTES, MAX_STATEMENTS = 300, 60_000, 6


class Measurement(NamedTuple):
    """One request: its duration, the size of the response on the wire and uncompressed, and its SQL statements."""

    milliseconds: float
    sent: int
    size: int
    statements: int


class Worker:
    """A process that sends requests to one version of the app."""

    def __init__(self, tools: Path, folder: Path) -> None:
        folder.mkdir()
        command = [sys.executable, "-m", "tests.benchmarks.admin_page_worker", str(folder / "instance.db")]
        environment = {**os.environ, "PYTHONPATH": f"{tools}{os.pathsep}{ROOT}"}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=folder, env=environment, **pipes)

    def measure(self, request: str) -> Measurement:
        """Send a request."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{request}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit("a process of the benchmark ended: see above")
        return Measurement(**json.loads(answer))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@contextmanager
def started(tools: Path, folder: Path) -> Iterator[Worker]:
    """Start a worker with the toolkit in a folder."""
    worker = Worker(tools, folder)
    try:
        yield worker
    finally:
        worker.close()


def extract(commit: str, folder: Path) -> Path:
    """Write the toolkit of a commit to a folder; return its folder of packages."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "-C", ROOT, "archive", commit, "tools", "schemas"], capture_output=True, check=False
    )
    if archive.returncode:
        sys.exit(f"cannot read the commit {commit}: {archive.stderr.decode().strip()}")
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    return folder / "tools"


def measure(workers: Mapping[str, Worker], rounds: int) -> Iterator[Row]:
    """Measure each request in turns, and yield the targets of this version."""
    print(f"  {'medians':<24}{'ms':>8}{'on the wire':>14}{'uncompressed':>14}{'statements':>12}")
    for request in REQUESTS:
        measured = [{name: worker.measure(request) for name, worker in workers.items()} for _ in range(rounds + 1)]
        warm = measured[1:]
        for name in workers:
            milliseconds, last = statistics.median(each[name].milliseconds for each in warm), warm[-1][name]
            label = request if name == NOW else f"{request}, {name}"
            print(f"  {label:<24}{milliseconds:>8.1f}{last.sent:>14,}{last.size:>14,}{last.statements:>12}")
        yield from targets(request, measured[0][NOW], [each[NOW] for each in warm])
        if BEFORE in workers and request == "first page":
            ratio = statistics.median(each[NOW].milliseconds / each[BEFORE].milliseconds for each in warm)
            yield Row(f"{request}: times before", ratio, 1)


def targets(request: str, first: Measurement, warm: list[Measurement]) -> Iterator[Row]:
    """Yield the targets of a request."""
    yield Row(f"{request}: ms", statistics.median(each.milliseconds for each in warm), MAX_MILLISECONDS)
    yield Row(f"{request}: SQL statements at first", first.statements, MAX_STATEMENTS)
    yield Row(f"{request}: bytes on the wire", warm[-1].sent, MAX_BYTES)
    if request == "first page":
        yield Row(f"{request}: bytes uncompressed", warm[-1].size, MAX_BYTES)


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark an instance's admin page.")
    parser.add_argument("--before", metavar="COMMIT", help="compare with an earlier commit")
    parser.add_argument("--rounds", type=int, default=20, help="rounds per request (default: 20)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, tools = Path(name), {NOW: ROOT / "tools"}
        if options.before:
            tools[BEFORE] = extract(options.before, folder / "earlier")
        workers = {version: stack.enter_context(started(path, folder / version)) for version, path in tools.items()}
        rows = list(measure(workers, options.rounds))
    sys.exit(0 if print_rows(rows, "the admin page") else 1)


if __name__ == "__main__":
    main()

"""Time of ``roster catalogue`` with 70 models, 35 features, three environments and 40 commits, as a whole process.

python -m tests.benchmarks.catalogue [--runs N]
"""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.catalogue.large_repository import write_repository
from tests.conftest import edit, git

from roster.roster import roster_path

TARGET_SECONDS = 2.0
VERSIONS = 40


def seconds_of_build(folder: Path, output: str) -> float:
    command = [sys.executable, "-m", "roster", "catalogue", "--at", "2026-11-30", "--output", output]
    start = perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_repository(folder)
        git(folder, "init", "-q")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "Add rosters")
        for window in range(VERSIONS):
            old, new = (f"context_window: {400_000 + number}" for number in (window, window + 1))
            edit(folder / roster_path("production"), old, new)
            git(folder, "commit", "-q", "-a", "-m", "Change a limit")
        seconds = median(seconds_of_build(folder, f"site-{number}") for number in range(runs))
    print(f"catalogue of 70 models: {seconds:.2f} s, target {TARGET_SECONDS:.0f} s")
    return int(seconds > TARGET_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

"""Time of ``roster import gitlab-gateway`` with 70 models and 35 features, as a whole process.

python -m tests.benchmarks.importing [--runs N]
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.conftest import ROOT
from tests.large_roster import write_gitlab_files

TARGET_SECONDS = 1.0


def seconds_of_import(folder: Path) -> float:
    command = [sys.executable, "-m", "roster", "import", "gitlab-gateway", "models.yml", "unit_primitives.yml"]
    start = perf_counter()
    subprocess.run(
        [*command, "--environment", "production", "--force"], cwd=folder, check=True, capture_output=True, text=True
    )
    return perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "env", folder / "env")
        write_gitlab_files(folder)
        seconds = median(seconds_of_import(folder) for _ in range(runs))
    print(f"import of 70 models: {seconds:.2f} s, target {TARGET_SECONDS:.0f} s")
    return int(seconds > TARGET_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

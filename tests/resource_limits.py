"""Commands that must stay within 2 seconds of CPU time and 256 MiB, whatever they read.

As a script, it runs a command and prints its exit status, CPU seconds and peak memory in MiB. A process of its own does
that, because a child's peak is never below its parent's memory at the start.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SECONDS = 2
MEBIBYTES = 256
_ATTEMPTS = 3
"""On a shared machine, the same work can take twice the CPU time for a while."""


def run_within_limits(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> int:
    """Run a command in a folder, its output in the files "out" and "err" there, and return its exit status.

    Raises:
        AssertionError: it took too much memory, or too much CPU time each time.
    """
    too_slow = []
    for _ in range(_ATTEMPTS):
        status, seconds, mebibytes = _used(folder, command, env)
        assert mebibytes < MEBIBYTES
        if seconds < SECONDS * (slowdown := _slowdown()):
            return int(status)
        too_slow.append(f"{seconds:.2f} s at a slowdown of {slowdown:.2f}")
    raise AssertionError(f"takes {', '.join(too_slow)}: {' '.join(command)}")


def _used(folder: Path, command: tuple[str, ...], env: Mapping[str, str] | None) -> tuple[float, float, float]:
    measuring = [sys.executable, __file__, sys.executable, *command]
    done = subprocess.run(measuring, cwd=folder, env=env, capture_output=True, text=True, check=True)
    status, seconds, mebibytes = map(float, done.stdout.split())
    return status, seconds, mebibytes


def _slowdown() -> float:
    """Return how much slower this machine is now than the one that the limit was set on; at least 1.

    There, starting Python and importing yaml takes 26 ms.
    """
    before = os.times()
    for _ in range(5):
        subprocess.run([sys.executable, "-c", "import yaml"], check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return max(1.0, used / 5 / 0.026)


def _measure(command: list[str]) -> None:
    with open("out", "wb") as out, open("err", "wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)
    seconds = used.ru_utime + used.ru_stime
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {seconds} {used.ru_maxrss / 1024}\n")


if __name__ == "__main__":
    _measure(sys.argv[1:])

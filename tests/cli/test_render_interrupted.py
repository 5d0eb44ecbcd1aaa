"""A render that is killed, or that fails on a disk error, leaves each artifact complete, old or new.

With strace, each system call on dist/ fails in turn, or is the last one of the process.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_render import PRODUCTION, artifacts
from tests.conftest import Run, edit
from tests.programs import require

pytestmark = pytest.mark.slow

CALLS = ("openat", "write", "fsync", "rename", "unlink", "getdents64")
RENDER = [sys.executable, "-m", "roster", "render", "production", "--at", "2026-06-15"]


@pytest.fixture
def versions(roster: Run, checkout: Path) -> dict[str, set[bytes]]:
    """The old and the new version of each artifact; the folder old/ has the old ones with signatures."""
    roster(*RENDER[3:], "--output", str(checkout / "old"))
    edit(checkout / PRODUCTION, "name: Codestral on Vertex", "id: codestral_on_vertex\n  name: Codestral by Google")
    roster(*RENDER[3:], "--output", str(checkout / "new"))
    old, new = artifacts(checkout / "old"), artifacts(checkout / "new")
    assert old.keys() == new.keys()
    assert all(old[name] != new[name] for name in old)
    for name in old:
        (checkout / "old" / f"{name}.sig").write_bytes(b"of the old one")
    return {name: {old[name], new[name]} for name in old}


def traced(checkout: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Render over the old artifacts under strace."""
    shutil.rmtree(checkout / "dist", ignore_errors=True)
    shutil.copytree(checkout / "old", checkout / "dist")
    command = [
        require("strace"),
        "-y",
        "-o",
        str(checkout / "trace"),
        "-e",
        f"trace={','.join(CALLS)}",
        *options,
        *RENDER,
    ]
    clean = {"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(checkout)}
    return subprocess.run(command, cwd=checkout, env=clean, capture_output=True, text=True, check=False, timeout=60)


def calls_on_dist(checkout: Path) -> Iterator[tuple[str, int]]:
    """Yield each system call of a complete render on dist/: its name, and its ordinal among calls of that name."""
    assert traced(checkout).returncode == 0
    counts = dict.fromkeys(CALLS, 0)
    for line in (checkout / "trace").read_text().splitlines():
        name = line.partition("(")[0]
        if name in counts:
            counts[name] += 1
            if re.search(r"/dist\b", line):
                yield name, counts[name]


def test_kill_at_any_system_call_leaves_complete_artifacts(
    checkout: Path, versions: dict[str, set[bytes]], roster: Run
):
    calls = list(calls_on_dist(checkout))
    assert {"openat", "write", "fsync", "rename"} <= {name for name, _ in calls}
    for name, number in calls:
        traced(checkout, "-e", f"inject={name}:signal=KILL:when={number}")
        left = {path: data for path, data in artifacts(checkout / "dist").items() if path.endswith(".json")}
        assert left.keys() == versions.keys(), (name, number)
        assert all(left[path] in versions[path] for path in left), (name, number)
        for signature in (checkout / "dist").rglob("*.sig"):
            path = signature.relative_to(checkout / "dist").with_suffix("").as_posix()
            assert left[path] == (checkout / "old" / path).read_bytes(), (name, number)
        assert roster(*RENDER[3:]).returncode == 0
        assert artifacts(checkout / "dist") == artifacts(checkout / "new"), "the next run removes temporary files"


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS", "EACCES", "EMFILE"])
def test_disk_error_changes_nothing(checkout: Path, versions: dict[str, set[bytes]], error: str):
    for name, number in calls_on_dist(checkout):
        if name == "unlink":
            continue  # only leftover files are unlinked
        done = traced(checkout, "-e", f"inject={name}:error={error}:when={number}")
        left = artifacts(checkout / "dist")
        assert all(left[path] in versions[path] for path in versions), (name, number)
        assert "Traceback" not in done.stderr, (name, number)
        if done.returncode:
            assert done.returncode == 2, (name, number, done.stderr)
            assert "roster: " in done.stderr
        else:
            assert left == artifacts(checkout / "new"), (name, number)

"""A kill or a disk error at any system call leaves a complete cache file, old or new.

Every system call on the cache's folder is made to fail, or to be the process's last, one at a time, with strace.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cache.cached_downloads import NEW, OLD, file_in, open_cache, save
from tests.conftest import ROOT
from tests.programs import require

pytestmark = pytest.mark.slow

START = """
import json, sys
from pathlib import Path
from tests.cache.cached_downloads import NEW, open_cache, save

cache = open_cache(Path(sys.argv[1]))
steps = [cache.problem]
cached = cache.load()
steps += [cached and cached.etag, cache.problem]
steps += [save(cache, NEW), cache.problem]
print(json.dumps(steps))
"""
"""A start of a gateway: load the cached download, then save a newer one."""
CALLS = "mkdir,openat,newfstatat,fstat,flock,getdents64,read,write,fsync,rename,renameat,renameat2,close"
QUICK = ("-f", "--seccomp-bpf")
"""Runs all other calls at full speed, but does not support injecting signals."""


def started(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run a start with an old download in the cache under strace."""
    shutil.rmtree(folder, ignore_errors=True)
    assert save(open_cache(folder), OLD)
    command = [require("strace"), "-y", "-o", str(folder.with_name("trace")), *options]
    clean = {
        "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tools"), str(ROOT)]),
    }  # fmt: skip
    start = [sys.executable, "-S", "-c", START, str(folder)]
    return subprocess.run([*command, *start], env=clean, capture_output=True, text=True, check=False, timeout=60)


def calls_on(folder: Path) -> list[tuple[str, int]]:
    """Return the system calls of a start that concern the folder: name, and number among the calls of that name."""
    done = started(folder, *QUICK, "-e", f"trace={CALLS}")
    assert done.returncode == 0, f"strace must be permitted (the capability SYS_PTRACE): {done.stderr[-500:]}"
    assert json.loads(done.stdout) == ["", '"old"', "", True, ""]
    counts: dict[str, int] = {}
    result = []
    for line in folder.with_name("trace").read_text().splitlines():
        if call := re.match(r"\d+ +(\w+)\(", line):
            counts[call[1]] = counts.get(call[1], 0) + 1
            if str(folder) in line:
                result.append((call[1], counts[call[1]]))
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted") / "cache"


@pytest.fixture(scope="module")
def calls(folder: Path) -> list[tuple[str, int]]:
    return calls_on(folder)


def test_all_kinds_of_system_calls_are_covered(calls: list[tuple[str, int]]):
    needed = {"mkdir", "openat", "flock", "getdents64", "read", "write", "fsync", "close"}
    assert needed <= {name for name, _ in calls}
    names = [re.sub("^rename.*", "rename", name) for name, _ in calls if name != "flock"]
    assert names[-6:] == ["write", "fsync", "close", "rename", "fsync", "close"], "the file first, then its folder"


def test_kill_at_any_call_leaves_complete_file(folder: Path, calls: list[tuple[str, int]]):
    left = set()
    for name, number in calls:
        done = started(folder, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={number}")
        assert done.returncode == -9, (name, number)
        left.add(len(list(folder.iterdir())))
        cache = open_cache(folder)
        assert cache.load() in (OLD, NEW), (name, number)
        assert file_in(folder), "the next start removes temporary files"
        assert save(cache, NEW)
        assert cache.load() == NEW
    assert left == {1, 2}, "some kills leave a temporary file"


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS", "EACCES", "EMFILE"])
def test_disk_error_at_any_call_leaves_complete_file(folder: Path, calls: list[tuple[str, int]], error: str):
    reported = 0
    for name, number in calls:
        done = started(folder, *QUICK, "-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={number}")
        assert (done.returncode, done.stderr) == (0, ""), (name, number)
        at_open, loaded, at_load, saved, at_save = json.loads(done.stdout)
        assert loaded == OLD.etag or at_load, (name, number)
        assert saved or at_save, (name, number)
        assert file_in(folder).suffix == "", (name, number)
        left = open_cache(folder).load()
        assert left in (OLD, NEW), (name, number)
        assert left == NEW or not saved, (name, number)
        reported += any([at_open, at_load, at_save])
    assert reported > len(calls) / 2

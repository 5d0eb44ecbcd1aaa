"""Acceptance in a child process: its result, its deadline, its memory, and its end."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import Pipe
from typing import Any

import pytest

from roster.accept import child_process
from roster.accept.acceptance import AcceptanceCriteria, accept
from roster.download.rejection import Rejected
from tests.accept.example_downloads import DAY, KINDS
from tests.conftest import ROOT
from tests.gateway.gateway_helpers import until

CRITERIA = AcceptanceCriteria(None, 1 << 20, 0.5, False, DAY)
LARGE = KINDS["gateway"] + b" " * 500_000
"""Larger than the buffer of a pipe."""
PATCH = "import os, sys, time; import roster.accept.child_process as module; module.accept = {}; "
"""Code that replaces ``accept`` in the child process."""
PARENT = f"""
from tests.accept.test_child_process import *
child_process._START = {PATCH!r}.format("lambda *_: (print(os.getpid(), flush=True), time.sleep(600))")
child_process._START += BEFORE + START
child_process.accept_in_child_process(LARGE, CRITERIA, None)
"""
"""A process whose child hangs in acceptance."""
START = child_process._START


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> "list[subprocess.Popen[bytes]]":
    """The started child processes."""
    started: list[subprocess.Popen[bytes]] = []

    def recording(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        started.append(process := subprocess.Popen(*arguments, **options))
        return process

    monkeypatch.setattr(child_process, "subprocess", type("module", (), {"Popen": recording, "DEVNULL": -3}))
    return started


def rejection(body: bytes = LARGE) -> Rejected:
    with pytest.raises(Rejected) as rejected:
        child_process.accept_in_child_process(body, CRITERIA, None)
    return rejected.value


def test_error_after_first_part_of_result_is_raised():
    connection, child_end = Pipe()
    with connection, child_end:
        child_end.send(accept(KINDS["gateway"], CRITERIA, None))
        child_end.send(Rejected("too-complex", "no memory is left to send the rest"))
        with pytest.raises(Rejected, match="no memory is left"):
            child_process._receive(connection)


@pytest.mark.parametrize("kind", KINDS)
def test_child_process_returns_result_of_accept(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_process, "_CHUNK_MODELS", 1)  # so that the served list is sent in several chunks
    expected = accept(KINDS[kind], CRITERIA, None)
    assert child_process.accept_in_child_process(KINDS[kind], CRITERIA, expected) == expected


def test_child_process_receives_served_list():
    served = accept(KINDS["gateway"], CRITERIA, None)
    served = served._replace(sequence=(served.sequence or 0) + 1)
    with pytest.raises(Rejected) as rejected:
        child_process.accept_in_child_process(KINDS["gateway"], CRITERIA, served)
    assert rejected.value.reason == "older"


def test_killed_child_process_is_rejection(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_process, "_START", PATCH.format("lambda *_: os.kill(os.getpid(), 9)") + START)
    assert str(rejection()) == (
        "too-complex: the process that checked it ended with status -9; it may have run out of memory"
    )


@pytest.mark.parametrize("code", [PATCH.format("lambda *_: time.sleep(600)") + START, "import time; time.sleep(600)"])
def test_acceptance_has_deadline(code: str, monkeypatch: pytest.MonkeyPatch, children: "list[subprocess.Popen[bytes]]"):
    monkeypatch.setattr(child_process, "_START", code)
    monkeypatch.setattr(child_process, "DEADLINE_SECONDS", 0.5)
    assert str(rejection()) == "too-complex: checking it takes longer than 0.5 seconds"
    assert children[0].returncode == -9


def test_memory_of_acceptance_is_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_process, "_START", PATCH.format("lambda *_: bytearray(1 << 30)") + START)
    assert str(rejection()) == "too-complex: checking it takes too much memory"


def test_cpu_time_of_acceptance_is_limited(monkeypatch: pytest.MonkeyPatch):
    limit = "__import__('resource').getrlimit(__import__('resource').RLIMIT_CPU)[0]"
    raising = f"lambda *_: (_ for _ in ()).throw(module.Rejected('older', str({limit})))"
    monkeypatch.setattr(child_process, "_START", PATCH.format(raising) + START)
    assert str(rejection()) == "older: 11"


def test_interrupted_acceptance_ends_child_process(
    monkeypatch: pytest.MonkeyPatch, children: "list[subprocess.Popen[bytes]]"
):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(child_process, "_receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        child_process.accept_in_child_process(LARGE, CRITERIA, None)
    assert children[0].returncode == -9


def test_daemon_of_multiprocessing_can_accept():
    code = (
        "from tests.accept.test_child_process import *; from multiprocessing import get_context\n"
        "def work(): child_process.accept_in_child_process(LARGE, CRITERIA, None); print('accepted', flush=True)\n"
        "process = get_context('fork').Process(target=work, daemon=True); process.start(); process.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("accepted\n", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "number"),
    [
        ("", signal.SIGKILL),
        ("", signal.SIGTERM),
        ("sys.platform = 'other'; ", signal.SIGKILL),
        ("module._exit_when_closed = lambda *_: None; ", signal.SIGKILL),
    ],
    ids=["killed", "terminated", "killed, without prctl", "killed, with prctl only"],
)
def test_child_process_ends_with_its_parent(before: str, number: int):
    code = PARENT.replace("BEFORE", repr(before))
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(number)
        started = time.monotonic()
        until(lambda: not is_running(child), 5.0)
    assert time.monotonic() - started < 5


def test_child_process_ends_if_parent_ended_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "getpid", lambda: 1)  # the parent that the child process is told
    assert str(rejection()).startswith("too-complex: the process that checked it ended with status 0")


def is_running(process: int) -> bool:
    with suppress(OSError):
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().split()[2] != "Z"
    return False

"""Whatever a download holds, accepting or rejecting it takes a bounded time and memory."""

import gc
import resource
import time
from collections.abc import Callable

import pytest

from roster.accept.acceptance import GATEWAY_KINDS, AcceptanceCriteria, accept
from roster.accept.accepted_list import DownloadKind
from roster.accept.child_process import LARGE_BYTES, accept_in_child_process
from roster.download.rejection import Rejected
from tests.accept.example_downloads import DAY
from tests.accept.hostile_downloads import GATEWAY, INSTANCE

MAX_BYTES = 16 << 20
"""The default limit of a download."""
INSTANCE_KINDS: frozenset[DownloadKind] = frozenset({"definitions", "offered_models"})


def outcome(name: str, size: int, function: Callable[..., object]) -> tuple[str, float]:
    """Return the reason of a rejection, and the CPU time."""
    body = (GATEWAY | INSTANCE)[name](size)
    kinds = GATEWAY_KINDS if name in GATEWAY else INSTANCE_KINDS
    criteria = AcceptanceCriteria(None, MAX_BYTES, 0.5, allow_older=False, on=DAY, kinds=kinds)
    started, reason = cpu_seconds(), "accepted"
    try:
        function(body, criteria, None)
    except Rejected as rejected:
        reason = rejected.reason
    return reason, cpu_seconds() - started


def cpu_seconds() -> float:
    """Return the CPU time of this thread and of child processes, but not of threads that other tests left."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.thread_time() + children.ru_utime + children.ru_stime


def test_download_that_is_accepted_in_this_process_takes_half_a_second():
    gc.collect()
    gc.freeze()  # what other tests left, so that the garbage collector does not visit it
    outcomes = {name: outcome(name, LARGE_BYTES - 2000, accept) for name in GATEWAY | INSTANCE}
    assert {name: seconds for name, (_, seconds) in outcomes.items() if seconds > 0.5} == {}


@pytest.mark.parametrize("name", ["chain of tombstones", "definitions with a cycle of replacements"])
def test_time_grows_in_proportion_to_chain(name: str):
    assert outcome(name, 3_000_000, accept)[1] < 3


@pytest.mark.slow
def test_download_of_any_kind_takes_bounded_time_and_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("roster.accept.child_process.DEADLINE_SECONDS", 100)  # this machine may be busy
    outcomes = {name: outcome(name, 6_000_000, accept_in_child_process) for name in GATEWAY | INSTANCE}
    assert {name: seconds for name, (_, seconds) in outcomes.items() if seconds > 5} == {}
    too_complex = {name for name, (reason, _) in outcomes.items() if reason == "too-complex"}
    assert too_complex == set(), "the memory of the child process is limited"

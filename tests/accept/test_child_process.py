"""Acceptance in a child process."""

from multiprocessing import active_children
from typing import Any

import pytest

from roster.accept import child_process
from roster.accept.acceptance import AcceptanceCriteria, accept
from roster.download.rejection import Rejected
from tests.accept.example_downloads import DAY, KINDS

CRITERIA = AcceptanceCriteria(None, 1 << 20, 0.5, False, DAY)


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
    send = child_process._send

    def killing(*arguments: Any) -> None:
        [child] = active_children()
        child.kill()
        send(*arguments)

    monkeypatch.setattr(child_process, "_send", killing)
    with pytest.raises(Rejected, match="ended with status -9") as rejected:
        child_process.accept_in_child_process(KINDS["gateway"], CRITERIA, None)
    assert rejected.value.reason == "too-large"

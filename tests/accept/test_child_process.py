"""Accepting in another process is accepting, whatever becomes of that process."""

from multiprocessing import active_children
from typing import Any

import pytest

from roster.accept import child_process
from roster.accept.acceptance import Terms, accept
from roster.download.refusal import Refused
from tests.accept.downloads import DAY, KINDS

TERMS = Terms(None, 1 << 20, 0.5, False, DAY)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_back_is_what_accept_returns(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_process, "_MODELS", 1)  # in this process: what is served goes along in several pieces
    here = accept(KINDS[kind], TERMS, None)
    assert child_process.accept_apart(KINDS[kind], TERMS, here) == here


def test_it_is_compared_with_what_is_served():
    served = accept(KINDS["gateway"], TERMS, None)
    served = served._replace(sequence=(served.sequence or 0) + 1)
    with pytest.raises(Refused) as refused:
        child_process.accept_apart(KINDS["gateway"], TERMS, served)
    assert refused.value.name == "older"


def test_a_process_that_is_killed_refuses(monkeypatch: pytest.MonkeyPatch):
    send = child_process._send

    def killing(*arguments: Any) -> None:
        [child] = active_children()
        child.kill()
        send(*arguments)

    monkeypatch.setattr(child_process, "_send", killing)
    with pytest.raises(Refused, match="ended with -9") as refused:
        child_process.accept_apart(KINDS["gateway"], TERMS, None)
    assert refused.value.name == "too-large"

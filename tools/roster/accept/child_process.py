"""Accept in another process, so that requests need not wait.

What it hands back is large, and to unpickle that at once would keep requests waiting after all. So it comes in pieces,
and between two of them others have their turn.
"""

import gc
import os
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from roster.accept.acceptance import AcceptanceCriteria, accept
from roster.accept.accepted_list import AcceptedList
from roster.download.rejection import Rejected

LARGE_BYTES = 256 * 1024
"""From this size on another process accepts a download: checking it takes so long that requests would have to wait."""
_MODELS = 500
"""How many models a piece has: about two milliseconds to unpickle."""
_TURN = 0.0005
"""Seconds of a pause in which others have their turn: to let go of the interpreter is not enough to make them run."""


def accept_without_blocking(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Do what ``accept`` does: here, or for a large download in a process of its own."""
    return (accept_in_child_process if len(body) >= LARGE_BYTES else accept)(body, criteria, current)


def accept_in_child_process(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Do what ``accept`` does, in a process of its own, which ends with it.

    Raises:
        Rejected: by ``accept``; or the process did not live to say anything.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send(criteria)
        ours.send_bytes(body)
        _send(ours, current and current._replace(body=b"", list_bytes=b"", definitions=b"", deployments={}), _TURN)
        accepted = _received(ours, _TURN)
    except (EOFError, OSError):
        process.join()
        told = f"the process that looked at it ended with {process.exitcode}; it may need more memory than there is"
        raise Rejected("too-large", told) from None
    finally:
        ours.close()
        process.join()
    assert accepted is not None  # what is accepted is something
    return accepted._replace(body=body)


def _work(parent: Connection) -> None:
    gc.disable()  # it builds much, drops little, and is soon over
    criteria, body, current = parent.recv(), parent.recv_bytes(), _received(parent)
    try:
        accepted = accept(body, criteria, current)
    except Exception as error:
        parent.send(error)
    else:
        _send(parent, accepted._replace(body=b""))
    parent.close()
    os._exit(0)  # to give back object by object what ends with the process takes as long as a part of the work


def _send(connection: Connection, accepted: AcceptedList | None, pause: float = 0.0) -> None:
    connection.send(accepted and accepted._replace(offered_models=(), deployments={}, retired=()))
    for piece in _pieces(accepted) if accepted else ():
        connection.send(piece)
        time.sleep(pause)
    connection.send(None)


def _pieces(accepted: AcceptedList) -> Iterator[tuple[Any, ...]]:
    parts = accepted.offered_models, tuple(accepted.deployments.items()), accepted.retired
    for start in range(0, max(map(len, parts)), _MODELS):
        yield tuple(part[start : start + _MODELS] for part in parts)


def _received(connection: Connection, pause: float = 0.0) -> AcceptedList | None:
    first: AcceptedList | Exception | None = connection.recv()
    if isinstance(first, Exception):
        raise first
    models, deployments, retired = [], {}, []
    while piece := connection.recv():
        models += piece[0]
        deployments.update(piece[1])
        retired += piece[2]
        time.sleep(pause)
    return first and first._replace(offered_models=tuple(models), deployments=deployments, retired=tuple(retired))

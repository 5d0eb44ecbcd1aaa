"""Acceptance of large downloads in a child process, so that requests do not wait.

The result is large too, and unpickling it at once would delay requests after all. It is therefore sent in chunks, with
pauses in which other threads run.
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
"""Downloads from this size on take so long to check that requests would have to wait."""
_CHUNK_MODELS = 500
"""Models per chunk: about two milliseconds to unpickle."""
_PAUSE_SECONDS = 0.0005
"""Pause between chunks: releasing the interpreter lock is not enough to make other threads run."""


def accept_without_blocking(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Accept a download: a small one in this process, a large one in a child process."""
    return (accept_in_child_process if len(body) >= LARGE_BYTES else accept)(body, criteria, current)


def accept_in_child_process(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Accept a download in a child process.

    Raises:
        Rejected: by ``accept``, or because the child process was killed.
    """
    context = get_context("spawn")
    parent_end, child_end = context.Pipe()
    process = context.Process(target=_run_child, args=(child_end,), daemon=True)
    process.start()
    child_end.close()
    try:
        parent_end.send(criteria)
        parent_end.send_bytes(body)
        needed = current and current._replace(body=b"", list_bytes=b"", definitions=b"", deployments={})
        _send(parent_end, needed, _PAUSE_SECONDS)
        accepted = _receive(parent_end, _PAUSE_SECONDS)
    except (EOFError, OSError):
        process.join()
        message = f"the process that checked it ended with status {process.exitcode}; it may have run out of memory"
        raise Rejected("too-large", message) from None
    finally:
        parent_end.close()
        process.join()
    assert accepted is not None  # the child sends a list or an exception
    return accepted._replace(body=body)


def _run_child(connection: Connection) -> None:
    gc.disable()  # it allocates much, frees little, and ends soon
    criteria, body, current = connection.recv(), connection.recv_bytes(), _receive(connection)
    try:
        accepted = accept(body, criteria, current)
    except Exception as error:
        connection.send(error)
    else:
        _send(connection, accepted._replace(body=b""))
    connection.close()
    os._exit(0)  # a regular exit would free object by object, which takes a noticeable part of the time


def _send(connection: Connection, accepted: AcceptedList | None, pause: float = 0.0) -> None:
    connection.send(accepted and accepted._replace(offered_models=(), deployments={}, retired=()))
    for chunk in _chunks(accepted) if accepted else ():
        connection.send(chunk)
        time.sleep(pause)
    connection.send(None)


def _chunks(accepted: AcceptedList) -> Iterator[tuple[Any, ...]]:
    parts = accepted.offered_models, tuple(accepted.deployments.items()), accepted.retired
    for start in range(0, max(map(len, parts)), _CHUNK_MODELS):
        yield tuple(part[start : start + _CHUNK_MODELS] for part in parts)


def _receive(connection: Connection, pause: float = 0.0) -> AcceptedList | None:
    first: AcceptedList | Exception | None = connection.recv()
    if isinstance(first, Exception):
        raise first
    models, deployments, retired = [], {}, []
    while chunk := connection.recv():
        more_models, more_deployments, more_retired = chunk
        models += more_models
        deployments.update(more_deployments)
        retired += more_retired
        time.sleep(pause)
    return first and first._replace(offered_models=tuple(models), deployments=deployments, retired=tuple(retired))

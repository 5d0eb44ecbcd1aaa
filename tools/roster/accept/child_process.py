"""Acceptance of large downloads in a child process: requests do not wait, and its time and memory are bounded.

The result is large too, and unpickling it at once would delay requests after all. It is therefore sent in chunks, with
pauses in which other threads run.

The child process must not outlive its parent, which a SIGKILL can end at any time. On Linux, the kernel ends it; on
other systems, a thread in the child waits until the parent's end of the connection is closed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.spawn import get_executable
from threading import Thread, Timer
from typing import Any, NoReturn

from roster.accept.acceptance import AcceptanceCriteria, accept
from roster.accept.accepted_list import AcceptedList
from roster.download.rejection import Rejected

LARGE_BYTES = 64 * 1024
"""Downloads from this size on can take so long to check that requests would have to wait."""
DEADLINE_SECONDS = 10.0
"""How long a check may take: about five times what the largest list takes."""
_MEMORY_BYTES, _MEMORY_PER_BYTE = 512 << 20, 16
"""The address space of the child process: a fixed part, and bytes for each byte of the download."""
_CHUNK_MODELS = 500
"""Models per chunk: about two milliseconds to unpickle."""
_PAUSE_SECONDS = 0.0005
"""Pause between chunks: releasing the interpreter lock is not enough to make other threads run."""
_PR_SET_PDEATHSIG = 1
"""See prctl(2)."""
_START = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "from roster.accept.child_process import run_child; run_child(int(sys.argv[1]), int(sys.argv[2]))"
)


def accept_without_blocking(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Accept a download: a small one in this process, a large one in a child process."""
    return (accept_in_child_process if len(body) >= LARGE_BYTES else accept)(body, criteria, current)


def accept_in_child_process(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Accept a download in a child process.

    Raises:
        Rejected: by ``accept``; or because the check takes too long or too much memory.
    """
    ends = time.monotonic() + DEADLINE_SECONDS
    with _child() as (process, connection):
        try:
            connection.send(criteria)
            connection.send_bytes(body)
            needed = current and current._replace(body=b"", list_bytes=b"", definitions=b"", deployments={})
            needed = needed and needed._replace(aliases={}, announced_ends={})
            _send(connection, needed, _PAUSE_SECONDS)
            accepted = _receive(connection, _PAUSE_SECONDS)
        except (EOFError, OSError):
            message = f"the process that checked it ended with status {process.wait()}; it may have run out of memory"
            if time.monotonic() >= ends:
                message = f"checking it takes longer than {DEADLINE_SECONDS:g} seconds"
            raise Rejected("too-complex", message) from None
    assert accepted is not None  # the child sends a list or an exception
    return accepted._replace(body=body)


@contextmanager
def _child() -> Iterator[tuple["subprocess.Popen[bytes]", Connection]]:
    """Run a child process and a connection to it, until the end of the block or the deadline.

    This is not ``multiprocessing.Process``, which imports the app's main module again, and which processes that are
    themselves daemons of ``multiprocessing`` cannot start.
    """
    connection, child_end = Pipe()
    with connection:
        with child_end:
            descriptor = child_end.fileno()
            path = [folder for folder in sys.path if isinstance(folder, str)]
            process = subprocess.Popen(
                [get_executable(), "-c", _START, str(descriptor), str(os.getpid()), *path],
                stdin=subprocess.DEVNULL,
                pass_fds=[descriptor],
                start_new_session=True,  # Ctrl-C in a terminal concerns the parent only
            )
        timer = Timer(DEADLINE_SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield process, connection
        finally:
            timer.cancel()
            process.kill()
            process.wait()


def run_child(descriptor: int, parent: int) -> NoReturn:
    """Accept what arrives on a connection, and send the result: the entry point of the child process."""
    import gc

    gc.disable()  # it allocates much, frees little, and ends soon
    connection = Connection(descriptor)
    _end_with_parent(connection, parent)
    try:
        criteria, body = connection.recv(), connection.recv_bytes()
        _limit_resources(len(body))
        _send(connection, accept(body, criteria, _receive(connection))._replace(body=b""))
    except MemoryError:
        connection.send(Rejected("too-complex", "checking it takes too much memory"))
    except (EOFError, OSError):
        pass  # the parent has closed the connection
    except Exception as error:
        connection.send(error)
    connection.close()
    os._exit(0)  # a regular exit would free object by object, which takes a noticeable part of the time


def _end_with_parent(connection: Connection, parent: int) -> None:
    """End this process when its parent ends."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # the parent ended before the call
    Thread(target=_exit_when_closed, args=(connection.fileno(),), daemon=True).start()


def _exit_when_closed(descriptor: int) -> None:
    """End this process when the other end of a connection is closed."""
    import select

    poll = select.poll()
    poll.register(descriptor, 0)  # only errors and hang-ups
    poll.poll()
    os._exit(0)


def _limit_resources(size: int) -> None:
    """Limit the memory, and the CPU time in case nobody ends this process at the deadline."""
    import resource

    memory, seconds = _MEMORY_BYTES + _MEMORY_PER_BYTE * size, int(DEADLINE_SECONDS) + 1
    for kind, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _send(connection: Connection, accepted: AcceptedList | None, pause: float = 0.0) -> None:
    first = accepted and accepted._replace(offered_models=(), deployments={}, retired=(), aliases={}, announced_ends={})
    connection.send(first)
    for chunk in _chunks(accepted) if accepted else ():
        connection.send(chunk)
        time.sleep(pause)
    connection.send(None)


def _chunks(accepted: AcceptedList) -> Iterator[tuple[Any, ...]]:
    mappings = accepted.deployments, accepted.aliases, accepted.announced_ends
    parts = accepted.offered_models, accepted.retired, *(tuple(mapping.items()) for mapping in mappings)
    for start in range(0, max(map(len, parts)), _CHUNK_MODELS):
        yield tuple(part[start : start + _CHUNK_MODELS] for part in parts)


def _receive_part(connection: Connection) -> Any:
    """Receive a part of a list, or raise the exception that ended it, which can be after the first part."""
    part = connection.recv()
    if isinstance(part, Exception):
        raise part
    return part


def _receive(connection: Connection, pause: float = 0.0) -> AcceptedList | None:
    first: AcceptedList | None = _receive_part(connection)
    models, retired = [], []
    deployments, aliases, announced_ends = {}, {}, {}
    while chunk := _receive_part(connection):
        more_models, more_retired, more_deployments, more_aliases, more_ends = chunk
        models += more_models
        retired += more_retired
        deployments.update(more_deployments)
        aliases.update(more_aliases)
        announced_ends.update(more_ends)
        time.sleep(pause)
    return first and first._replace(
        offered_models=tuple(models),
        retired=tuple(retired),
        deployments=deployments,
        aliases=aliases,
        announced_ends=announced_ends,
    )

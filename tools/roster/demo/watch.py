"""Events while the demo runs: edits of files, and signals that stop it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from roster.demo.service_process import Pause


class StopRequested(Exception):
    """The user stopped the demo."""


@contextmanager
def pause_until_stopped() -> Iterator[Pause]:
    """Yield a function that sleeps, or raises ``StopRequested`` after Ctrl-C, SIGTERM or a closed terminal.

    Signals have no other effect, so that nothing is interrupted halfway, shutdown included.
    """
    signals: SimpleQueue[int] = SimpleQueue()  # reentrant, because a signal may arrive during another one's handler

    def pause(seconds: float) -> None:
        with suppress(Empty):
            signals.get(timeout=seconds)
            raise StopRequested

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handled = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # nohup ignores SIGHUP
    previous = {number: signal.signal(number, lambda number, _: signals.put(number)) for number in handled}
    try:
        yield pause
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def watch_edits(root: Path) -> Callable[[], bool]:
    """Return a function that returns whether a repository's files were edited since it last returned True.

    An edit is reported once two calls in a row see the same content, because some editors write files in steps.
    """
    reported = last = _contents(root)

    def is_edited() -> bool:
        nonlocal reported, last
        current, previous = _contents(root), last
        last = current
        if current != previous or current == reported:
            return False
        reported = current
        return True

    return is_edited


def _contents(root: Path) -> dict[Path, bytes]:
    """Return the contents of rosters, registries and schemas."""
    contents = {}
    for path in (path for folder in ("env", "schemas") for path in (root / folder).rglob("*")):
        if path.suffix in (".yaml", ".json"):
            with suppress(OSError):  # deleted meanwhile, or a folder
                contents[path] = path.read_bytes()
    return contents

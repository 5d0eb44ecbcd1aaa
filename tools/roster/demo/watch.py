"""What happens while the demo runs: files are edited, and somebody asks for the end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from roster.demo.service_process import Pause


class Asked(Exception):
    """Somebody asked for the end."""


@contextmanager
def ending() -> Iterator[Pause]:
    """Give what waits for some seconds, or raises ``Asked`` once Ctrl-C, SIGTERM or a closed terminal asks for the end.

    A signal has no other effect, so that nothing is interrupted half-way, the end itself least of all.
    """
    asked: SimpleQueue[int] = SimpleQueue()  # as a signal may arrive while another one is handled

    def pause(seconds: float) -> None:
        with suppress(Empty):
            asked.get(timeout=seconds)
            raise Asked

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # nohup ignores one
    before = {number: signal.signal(number, lambda number, _: asked.put(number)) for number in heeded}
    try:
        yield pause
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def edits(root: Path) -> Callable[[], bool]:
    """Return what says, each time that it is asked, whether a repository's files were edited since it last said so.

    An edit counts when two looks in a row find the same: not every editor writes a file at once.
    """
    told = last = _files(root)

    def edited() -> bool:
        nonlocal told, last
        now, before = _files(root), last
        last = now
        if now != before or now == told:
            return False
        told = now
        return True

    return edited


def _files(root: Path) -> dict[Path, bytes]:
    """Return what rosters, registries and schemas hold."""
    found = {}
    for path in (path for folder in ("env", "schemas") for path in (root / folder).rglob("*")):
        if path.suffix in (".yaml", ".json"):
            with suppress(OSError):  # it has just gone, or is a folder
                found[path] = path.read_bytes()
    return found

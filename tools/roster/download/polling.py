"""When the source is asked again: after an interval with jitter, and at once when told to."""

import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType

JITTER = 0.1
"""By how much of itself an interval is longer or shorter, at most, so that not all ask at once."""

_LEAVING_SECONDS = 1.0
"""How long a poll that is under way may hold up the end; what it does is whole or not done, wherever it is cut off."""

log = logging.getLogger("roster.download")


class Reload:
    """A thread that polls until it is left; whatever a poll raises is logged, and the next one comes all the same."""

    def __init__(self, poll: Callable[[], object], seconds: float, seed: str) -> None:
        self._poll, self._seconds, self._random = poll, seconds, random.Random(seed)
        # A signal can come while another one is handled: of all that wakes a thread only this queue allows for it.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="roster-reload", daemon=True)

    def __enter__(self) -> "Reload":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._ended = True
        self.now()
        self._thread.join(_LEAVING_SECONDS)

    def now(self, *_: int | FrameType | None) -> None:
        """Poll as soon as may be; also fit to handle a signal."""
        self._wake.put(None)

    def waits(self, first: bool = False) -> float:
        """Return how many seconds to wait: the first time an offset of its own, later the interval with jitter."""
        if first:
            return self._random.uniform(0, self._seconds)
        return self._seconds * self._random.uniform(1 - JITTER, 1 + JITTER)

    def _run(self) -> None:
        first = True
        while True:
            with suppress(Empty):
                self._wake.get(timeout=self.waits(first))
            while not self._wake.empty():  # what was asked for several times is done once
                self._wake.get()
            if self._ended:
                return
            first = False
            try:
                self._poll()
            except Exception:  # a defect must not end the reloading
                log.exception("a poll failed")


@contextmanager
def on_hangup(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Let SIGHUP call a handler, before the one that is there, where the system has it and this is the main thread."""
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGHUP)

    def both(number: int, frame: FrameType | None) -> None:
        handler(number, frame)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGHUP, both)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before or signal.SIG_DFL)

"""When the source is asked again: after an interval with jitter, and at once when told to."""

import logging
import random
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

JITTER = 0.1
"""By how much of itself an interval is longer or shorter, at most, so that gateways do not ask all at once."""

log = logging.getLogger("roster.gateway")


class Reload:
    """A thread that polls until it is left; whatever a poll raises is logged, and the next one comes all the same."""

    def __init__(self, poll: Callable[[], object], seconds: float, seed: str) -> None:
        self._poll, self._seconds, self._random = poll, seconds, random.Random(seed)
        self._wake, self._ended = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="roster-reload", daemon=True)

    def __enter__(self) -> "Reload":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._ended = True
        self._wake.set()
        self._thread.join(timeout=5)

    def now(self, *_: int | FrameType | None) -> None:
        """Poll as soon as may be; also fit to handle a signal."""
        self._wake.set()

    def waits(self, first: bool = False) -> float:
        """Return how many seconds to wait: the first time an offset of its own, later the interval with jitter."""
        if first:
            return self._random.uniform(0, self._seconds)
        return self._seconds * self._random.uniform(1 - JITTER, 1 + JITTER)

    def _run(self) -> None:
        first = True
        while True:
            self._wake.wait(self.waits(first))
            self._wake.clear()
            if self._ended:
                return
            first = False
            try:
                self._poll()
            except Exception:  # a defect must not end the reloading
                log.exception("a poll failed")


def on_hangup(handler: Callable[[int, FrameType | None], object]) -> None:
    """Let SIGHUP call a handler, where the system has it and this is the main thread."""
    if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, handler)

"""Retry with exponential backoff and jitter, within a deadline; Retry-After is respected."""

import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import NamedTuple, TypeVar

from roster.download.deadline import Deadline
from roster.download.rejection import Rejected

T = TypeVar("T")

ATTEMPTS = 5
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 8.0
"""Seconds; each backoff is twice the one before."""


class RetryableRejection(Rejected):
    """A rejection that a retry may resolve.

    Attributes:
        retry_after: the Retry-After header; None if there is none.
    """

    def __init__(self, reason: str, message: str, retry_after: str | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after = retry_after


class RetryTiming(NamedTuple):
    """Sources of time and randomness, which tests replace.

    Attributes:
        sleep: waits for a number of seconds.
        random: returns a number in [0, 1). By default, polls in the background do not change the state of the module
            ``random``, which the app around a gateway, or a test, may have seeded.
        now: returns the seconds since 1970.
    """

    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = SystemRandom().random
    now: Callable[[], float] = time.time


REAL_TIMING = RetryTiming()


def with_retries(attempt: Callable[[], T], deadline: Deadline, timing: RetryTiming) -> T:
    """Return the result of the first successful attempt.

    Raises:
        Rejected: the rejection is not retryable, all attempts failed, or the deadline leaves no time for another one.
    """
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except RetryableRejection as rejected:
            delay = _retry_after_seconds(rejected.retry_after or "", timing.now()) + _backoff(number, timing.random())
            if number + 1 == ATTEMPTS or delay >= deadline.remaining():
                raise
        timing.sleep(delay)
    raise AssertionError("the last attempt returns or raises")


def _backoff(number: int, randomness: float) -> float:
    """Return the backoff in seconds; half of it is jitter, so that gateways that fail together retry separately."""
    return min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0**number) * (0.5 + randomness / 2)


def _retry_after_seconds(retry_after: str, now: float) -> float:
    """Parse a Retry-After header (RFC 9110, 10.2.3), which holds seconds or a date; return 0 if it is invalid."""
    if re.fullmatch("[0-9]+", retry_after):
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0

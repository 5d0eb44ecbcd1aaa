"""A bar on standard error while a check takes long; nothing where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any

import click

from roster.check.pipeline import Progress
from roster.cli.terminal import colour

_LONG = 1.0
"""From how many seconds on a person wonders whether anything happens."""


@contextmanager
def bar(*, quiet: bool = False) -> Iterator[Progress | None]:
    """Give what a check can tell its progress to; None where standard error is not a terminal."""
    if quiet or not colour.is_terminal(sys.stderr):
        yield None
        return
    with ExitStack() as drawn:
        yield _Bar(drawn)


class _Bar:
    """Draws a bar at the first step after a while."""

    def __init__(self, drawn: ExitStack) -> None:
        self._drawn = drawn
        self._start = monotonic()
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            if monotonic() - self._start < _LONG:
                return
            self._bar = self._drawn.enter_context(click.progressbar(length=total, label="checking", file=sys.stderr))
        self._bar.update(done - self._bar.pos)

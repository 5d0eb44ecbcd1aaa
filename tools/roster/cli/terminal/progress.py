"""A progress bar on standard error while work takes long; none if standard error is not a terminal."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any

import click

from roster.check.pipeline import Progress
from roster.cli.terminal import color

_DELAY_SECONDS = 1.0
"""Shorter work shows no bar."""


@contextmanager
def progress_bar(label: str = "checking", *, quiet: bool = False) -> Iterator[Progress | None]:
    """Provide the progress callback of a check, or of other work; None without a terminal."""
    if quiet or not color.is_terminal(sys.stderr):
        yield None
        return
    with ExitStack() as stack:
        yield _DelayedBar(stack, label)


class _DelayedBar:
    """Draws a progress bar at the first step after the delay."""

    def __init__(self, stack: ExitStack, label: str) -> None:
        self._stack, self._label = stack, label
        self._start = monotonic()
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            if monotonic() - self._start < _DELAY_SECONDS:
                return
            bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar = self._stack.enter_context(bar)
        self._bar.update(done - self._bar.pos)

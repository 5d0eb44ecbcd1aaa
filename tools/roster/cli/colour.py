"""Whether to write in colour."""

import os
import sys
from typing import TextIO

import click

from roster.report.text import Paint, plain


def paint() -> Paint:
    """Return what puts styles on the text that goes to standard output."""
    return click.style if wanted(sys.stdout) else plain


def wanted(stream: TextIO) -> bool:
    """Say whether a stream takes colour: FORCE_COLOR, then NO_COLOR (https://no-color.org), then a terminal decides."""
    if os.environ.get("FORCE_COLOR"):
        return True
    if os.environ.get("NO_COLOR"):
        return False
    return is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Say whether a person watches a stream, on a terminal that can do more than print."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"

"""Whether to write in colour."""

import os
import sys
from typing import Any, TextIO

import click

from roster.report.terminal_text import Paint, plain


def paint() -> Paint:
    """Return what puts styles, and links where the terminal draws them, on the text that goes to standard output."""
    if not wanted(sys.stdout):
        return plain
    from roster.cli.terminal import hyperlink

    page = hyperlink.rules_page(os.environ) if is_terminal(sys.stdout) or os.environ.get("FORCE_HYPERLINK") else ""

    def painted(text: str, *, rule: str = "", **style: Any) -> str:
        if rule:
            return hyperlink.linked(text, f"{page}#{rule}") if page else text
        return click.style(text, **style)

    return painted


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

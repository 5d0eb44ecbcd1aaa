"""Color and links in output, depending on the terminal and on environment variables."""

import os
import sys
from typing import Any, TextIO

import click

from roster.report.terminal_text import Paint, plain


def paint(*, err: bool = False) -> Paint:
    """Return the function that styles text for an output stream and, if the terminal can show them, adds links.

    Args:
        err: the stream is standard error.
    """
    stream = sys.stderr if err else sys.stdout
    if not is_wanted(stream):
        return plain
    from roster.cli.terminal import hyperlink

    page = hyperlink.rules_page(os.environ) if is_terminal(stream) or os.environ.get("FORCE_HYPERLINK") else ""

    def painted(text: str, *, rule: str = "", **style: Any) -> str:
        if rule:
            return hyperlink.linked(text, f"{page}#{rule}") if page else text
        return click.style(text, **style)

    return painted


def is_wanted(stream: TextIO) -> bool:
    """Return whether to write color: the first of these variables that is not empty decides, else the terminal.

    https://no-color.org, https://force-color.org, https://bixense.com/clicolors
    """
    if os.environ.get("NO_COLOR"):
        return False
    if forced := os.environ.get("FORCE_COLOR"):
        return not is_off(forced)
    if (forced := os.environ.get("CLICOLOR_FORCE")) and not is_off(forced):
        return True
    return is_terminal(stream) and not is_off(os.environ.get("CLICOLOR", ""))


def is_off(value: str) -> bool:
    """Return whether the value of a variable such as FORCE_COLOR means no."""
    return value.lower() in ("0", "false", "no", "off")


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream goes to a terminal that can move the cursor."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"

"""Report of a defect of the toolkit: one sentence, and a log file to attach."""

import platform
import sys
import tempfile
import traceback

import click

from roster import __version__
from roster.secret_redaction import redact_text


def report(defect: Exception) -> None:
    """Write the traceback to a file that only its owner can read, and print its path."""
    log = "\n".join(
        (
            f"roster {__version__}, Python {platform.python_version()} on {platform.platform()}",
            f"command: {' '.join(sys.argv)}",
            "".join(traceback.format_exception(defect)),
        )
    )
    message = f"roster: internal error, not caused by your files: {type(defect).__name__}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="roster-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(redact_text(log))
        click.echo(f"{message}\nPlease report it with this log: {file.name}", err=True)
    except OSError:
        click.echo(f"{message}\nPlease report it with this log:\n{redact_text(log)}", err=True)

"""The ``roster`` command, run in this process or in one of its own."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from roster.cli.main import run

Completed = subprocess.CompletedProcess[str]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
"""The environment variables of every run; a test adds its own."""
STARTUP = ("PYTHON", "LC_", "TZ", "TMPDIR")
"""Prefixes of the variables that the interpreter, or a library, reads once."""


def run_command(
    arguments: tuple[str, ...], cwd: Path, environment: dict[str, str], standard_input: bytes = b""
) -> Completed:
    """Run the command in this process, or in a separate one if a variable takes effect only when Python starts."""
    run_it = _run_as_process if any(name.startswith(STARTUP) for name in environment) else _run_in_process
    return run_it(arguments, cwd, ENVIRONMENT | environment, standard_input)


def _run_in_process(
    arguments: tuple[str, ...], cwd: Path, environment: dict[str, str], standard_input: bytes
) -> Completed:
    stdin, stdout, stderr = (
        io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="") for content in (standard_input, b"", b"")
    )
    streams = mock.patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr)
    with _working_directory(cwd), _logging(), streams, mock.patch.dict(os.environ, environment, clear=True):
        try:
            status = run(list(arguments))
        except SystemExit as error:  # shell completion ends the interpreter
            status = int(error.code or 0)
    return Completed(["roster", *arguments], status, _text(stdout), _text(stderr))


def _run_as_process(
    arguments: tuple[str, ...], cwd: Path, environment: dict[str, str], standard_input: bytes
) -> Completed:
    return subprocess.run(
        [sys.executable, "-m", "roster", *arguments],
        input=standard_input.decode(),
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextmanager
def _working_directory(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _logging() -> Iterator[None]:
    loggers = [logging.getLogger(), logging.getLogger("roster.instance")]
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    try:
        yield
    finally:
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    data = stream.buffer.getvalue()  # type: ignore[attr-defined]
    return data.decode().replace("\r\n", "\n")

"""The path ``-`` and ``--stdin-filename`` of ``roster check``: an editor checks a roster before it saves the file."""

import sys
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.cli.review.check_targets import DASH
from roster.findings import ConfigurationError
from roster.repository import Repository
from roster.yaml.parser import MAX_BYTES


def repository_with_input(paths: tuple[Path, ...], filename: Path | None) -> tuple[Repository, tuple[Path, ...]]:
    """Return the repository with the content of standard input instead of a file's, and the paths with that file's.

    Raises:
        UsageError: only one of ``-`` and ``filename`` is given, or ``filename`` is a folder.
        ConfigurationError: standard input is closed or cannot be read, or the file would be outside the repository.
    """
    if filename is None:
        raise click.UsageError(
            "- needs --stdin-filename FILE, such as env/production/offered_models_metadata.yaml: "
            "the path of a roster determines its environment"
        )
    if DASH not in paths:
        raise click.UsageError("--stdin-filename needs - as a path: roster check - --stdin-filename FILE")
    if filename.is_dir():
        raise click.UsageError(f"--stdin-filename {filename} is a folder: name a file")
    paths = tuple(filename if path == DASH else path for path in paths)
    repository = find_repository(paths[0])
    return repository._replace(overlay={repository.relative(filename): _read()}), paths


def _read() -> bytes:
    if sys.stdin is None:
        raise ConfigurationError("standard input is closed: redirect a file to it, as in roster check - < FILE")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)  # one more than allowed is enough to reject it
    except OSError as error:
        raise ConfigurationError(f"standard input cannot be read: {(error.strerror or str(error)).lower()}") from None

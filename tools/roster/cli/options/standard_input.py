"""The path ``-`` and ``--stdin-filename``: an editor checks a roster before it saves the file."""

import sys
from pathlib import Path

import click

from roster.findings import ConfigurationError
from roster.repository import Repository
from roster.yaml.parser import MAX_BYTES

DASH = Path("-")

option = click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With - as a path: the file that standard input stands for. It need not exist.",
)


def named(paths: tuple[Path, ...], filename: Path | None) -> tuple[Path, ...]:
    """Return the paths, with ``filename`` instead of a dash.

    Raises:
        UsageError: only one of the two is given, or ``filename`` is a folder.
    """
    if DASH in paths and filename is None:
        raise click.UsageError(
            "- needs --stdin-filename FILE, such as env/production/offered_models_metadata.yaml: "
            "the path of a roster determines its environment"
        )
    if filename is None:
        return paths
    if DASH not in paths:
        raise click.UsageError("--stdin-filename needs - as a path: roster check - --stdin-filename FILE")
    if filename.is_dir():
        raise click.UsageError(f"--stdin-filename {filename} is a folder: name a file")
    return tuple(filename if path == DASH else path for path in paths)


def over(repository: Repository, filename: Path) -> Repository:
    """Return the repository with the content of standard input instead of a file's.

    Raises:
        ConfigurationError: standard input is closed or cannot be read, or the file would be outside the repository.
    """
    return repository._replace(overlay={**repository.overlay, repository.relative(filename): _read()})


def _read() -> bytes:
    if sys.stdin is None:
        raise ConfigurationError("standard input is closed: redirect a file to it, as in roster check - < FILE")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)  # one more than allowed is enough to reject it
    except OSError as error:
        raise ConfigurationError(f"standard input cannot be read: {(error.strerror or str(error)).lower()}") from None

"""The options ``--sign`` and ``--passphrase-variable``."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import click

from roster.cli.missing_extra import with_extra
from roster.cli.options.path_type import PathType
from roster.findings import ConfigurationError
from roster.naming import printable
from roster.publishing.signature import SIGNATURE_SUFFIX, sign

sign_option = click.option(
    "--sign",
    "key_file",
    type=PathType(dir_okay=False),
    metavar="KEYFILE",
    help="Sign each artifact with this Ed25519 private key in PEM.",
)
passphrase_option = click.option(
    "--passphrase-variable", metavar="NAME", help="The environment variable that holds the passphrase of the key."
)


def signatures(files: Mapping[str, bytes], key_file: Path | None, variable: str | None) -> dict[str, bytes]:
    """Return the signature files of files, by name; none without a key.

    Raises:
        click.UsageError: a passphrase is given without a key.
        ConfigurationError: the key cannot be used.
        OSError: the key cannot be read.
    """
    if key_file is None:
        if variable is not None:
            raise click.UsageError("--passphrase-variable needs --sign")
        return {}
    pem = key_file.read_bytes()
    if key_file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        name = printable(str(key_file))
        click.echo(f"warning: {name} can be read by other users: run chmod 600 {name}", err=True)
    passphrase = _passphrase(variable) if variable is not None else None
    with with_extra("gateway"):
        try:
            return {f"{name}{SIGNATURE_SUFFIX}": sign(pem, data, passphrase) for name, data in files.items()}
        except ConfigurationError as error:
            raise ConfigurationError(f"{printable(str(key_file))}: {error}") from None


def _passphrase(variable: str) -> bytes:
    value = os.environ.get(variable)
    if not value:
        raise ConfigurationError(
            f"the environment variable {printable(variable)} is empty or not set; it must hold the passphrase"
        )
    return os.fsencode(value)

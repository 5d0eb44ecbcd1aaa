"""``roster verify``."""

from pathlib import Path

import click

from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.cli.options.path_type import PathType
from roster.cli.terminal import color
from roster.findings import ConfigurationError
from roster.naming import printable
from roster.publishing.signature import SIGNATURE_SUFFIX, BadSignature, key_id, verify
from roster.report import palette


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PathType(dir_okay=False))
@click.option(
    "--key",
    "key_files",
    type=PathType(dir_okay=False),
    metavar="PUBLIC.pem",
    multiple=True,
    required=True,
    help="Trusted Ed25519 public key in PEM; repeatable, for key rotations.",
)
def command(files: tuple[Path, ...], key_files: tuple[Path, ...]) -> int:
    """Verify the signatures of artifacts, and show the key that signed each one.

    The signature of FILE is FILE.sig, as written by roster render --sign. Exits with status 1 if one is missing or
    invalid.

    \b
    Examples:
      roster verify dist/production/gateway.json --key PUBLIC.pem
      roster verify dist/*/*.json --key OLD.pem --key NEW.pem
    """
    keys = {_key_id(path, pem): (path, pem) for path in key_files for pem in [path.read_bytes()]}
    results = [_verify(path, keys) for path in files]
    paint = color.paint()
    for message, valid in results:
        click.echo(paint(message, fg=palette.GOOD if valid else palette.BAD), color=True)
    return 0 if all(valid for _, valid in results) else ExitStatus.FINDINGS


def _key_id(path: Path, pem: bytes) -> str:
    with with_extra("gateway"):
        try:
            return key_id(pem)
        except ConfigurationError as error:
            raise ConfigurationError(f"{printable(str(path))}: {error}") from None


def _verify(path: Path, keys: dict[str, tuple[Path, bytes]]) -> tuple[str, bool]:
    """Return which key signed a file or why its signature is invalid, and whether it is valid."""
    name, data = printable(str(path)), path.read_bytes()
    try:
        signature = path.with_name(path.name + SIGNATURE_SUFFIX).read_bytes()
    except FileNotFoundError:
        return f"{name}: not signed: there is no {printable(path.name)}{SIGNATURE_SUFFIX} next to it", False
    try:
        signer = verify((pem for _, pem in keys.values()), data, signature)
    except BadSignature as error:
        return f"{name}: {error}", False
    key_file, _ = keys[signer]
    return f"{name}: signed with the key {signer} ({printable(str(key_file))})", True

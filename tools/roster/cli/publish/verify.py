"""``roster verify``."""

from pathlib import Path

import click

from roster.cli.exit_status import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.findings import ConfigurationError
from roster.naming import printable
from roster.publishing.signature import ENDING, BadSignature, key_id, verify


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key",
    "key_files",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PUBLIC.pem",
    multiple=True,
    required=True,
    help="A trusted Ed25519 public key in PEM; repeatable, for while one takes over from the other.",
)
def command(files: tuple[Path, ...], key_files: tuple[Path, ...]) -> int:
    """Say who signed an artifact, and whether it is what was signed.

    The signature of FILE is FILE.sig, as roster render --sign writes it. Exits with 1 if one is missing or wrong.

    \b
    Examples:
      roster verify dist/production/gateway.json --key PUBLIC.pem
      roster verify dist/*/*.json --key OLD.pem --key NEW.pem
    """
    keys = {_id(path, pem): (path, pem) for path in key_files for pem in [path.read_bytes()]}
    told = [_told(path, keys) for path in files]
    for sentence, _ in told:
        click.echo(sentence)
    return 0 if all(good for _, good in told) else ExitStatus.FINDINGS


def _id(path: Path, pem: bytes) -> str:
    with with_extra("gateway"):
        try:
            return key_id(pem)
        except ConfigurationError as error:
            raise ConfigurationError(f"{printable(str(path))}: {error}") from None


def _told(path: Path, keys: dict[str, tuple[Path, bytes]]) -> tuple[str, bool]:
    """Say who signed a file, or what is wrong with its signature; and whether it is good."""
    name, data = printable(str(path)), path.read_bytes()
    try:
        signature = path.with_name(path.name + ENDING).read_bytes()
    except FileNotFoundError:
        return f"{name}: not signed: there is no {printable(path.name)}{ENDING} beside it", False
    try:
        signer = verify((pem for _, pem in keys.values()), data, signature)
    except BadSignature as error:
        return f"{name}: {error}", False
    return f"{name}: signed with the key {signer} ({printable(str(keys[signer][0]))})", True

"""``roster instance token``."""

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from roster.cli.operate.instance.group import create_and_upgrade, missing_file, missing_tables, open_instance
from roster.cli.options.format_option import format_option
from roster.findings import ConfigurationError
from roster.naming import join_names, quote
from roster.report import output_formats

if TYPE_CHECKING:
    from roster.instance.auth.tokens import Access
    from roster.instance.instance_settings import InstanceSettings

_NEXT_STEP = """for read access, set ROSTER_INSTANCE_READ_TOKEN_HASHES to the hash;
for read and write access, ROSTER_INSTANCE_WRITE_TOKEN_HASHES; separate several hashes by commas"""
_SHA256 = re.compile("[0-9a-f]{64}")
_NO_WRITE_TOKEN = "warning: no token with write access is left; create one with roster instance token --name NAME"


@click.command
@click.option("--name", metavar="NAME", help="Create a token with this name, and store its hash.")
@click.option("--read-only", is_flag=True, help="With --name: grant read access only.")
@click.option("--hash", "hash_", metavar="SHA256", help="With --name: name the existing token with this hash.")
@click.option("--list", "lists", is_flag=True, help="List the named tokens, with their last use.")
@click.option("--revoke", metavar="NAME", help="Revoke the token with this name, and end its sessions.")
@format_option(output_formats.INSTANCE_TOKEN)
@click.pass_context
def command(
    context: click.Context,
    name: str | None,
    read_only: bool,
    hash_: str | None,
    lists: bool,
    revoke: str | None,
    format_name: str,
) -> None:
    """Create, name, list or revoke tokens for the admin page and the API.

    A token is printed once; only its hash is stored. With --name, it is valid immediately in all running servers, with
    write access unless --read-only is given. Audit events are shown with the name.

    Without options, prints a token and its hash, and stores nothing: set the hash in
    ROSTER_INSTANCE_READ_TOKEN_HASHES or ROSTER_INSTANCE_WRITE_TOKEN_HASHES. To name such a token, pass its hash.

    \b
    Examples:
      roster instance token --name alice
      roster instance token --name dashboard --read-only
      roster instance token --list
      roster instance token --revoke alice
    """
    _reject_conflicts(context)
    if name is not None:
        _create(name, hash_, read_only)
    elif revoke is not None:
        _revoke(revoke)
    elif lists:
        _list(format_name)
    else:
        _print_unnamed()


def _reject_conflicts(context: click.Context) -> None:
    options = {"--name": "name", "--list": "lists", "--revoke": "revoke"}
    options |= {"--read-only": "read_only", "--hash": "hash_", "--format": "format_name"}
    given = {
        option
        for option, parameter in options.items()
        if context.get_parameter_source(parameter) is not ParameterSource.DEFAULT
    }
    actions = [option for option in ("--name", "--list", "--revoke") if option in given]
    if len(actions) > 1:
        raise click.UsageError(f"{join_names(actions)} cannot be used together")
    for option, action in (("--read-only", "--name"), ("--hash", "--name"), ("--format", "--list")):
        if option in given and action not in given:
            raise click.UsageError(f"{option} needs {action}")


def _print_unnamed() -> None:
    from roster.instance.auth.tokens import generate_token, hash_token

    token = generate_token()
    click.echo(f"token: {token}")
    click.echo(f"hash:  {hash_token(token)}")
    click.echo(_NEXT_STEP, err=True)


def _create(name: str, hash_: str | None, read_only: bool) -> None:
    from roster.instance.auth.actor_names import actor_of
    from roster.instance.auth.token_names import parse_name
    from roster.instance.auth.tokens import Access, add_token, generate_token, hash_token

    name = parse_name(name)  # before a database is created
    token, access = generate_token(), Access.READ if read_only else Access.WRITE
    digest = hash_token(token) if hash_ is None else _parse_hash(hash_)
    with open_instance() as (settings, database):
        _reject_other_access(settings, digest, access)
        create_and_upgrade(database)
        with database.write_transaction() as connection:
            add_token(connection, name, digest, access)
            if hash_ is None:
                click.echo(f"token: {token}")  # if that fails, nothing is stored
    if hash_ is None:
        click.echo(f"{quote(name)} has {access} access; the token is not stored and cannot be shown again", err=True)
    else:
        click.echo(f"{actor_of(digest)} is named {quote(name)} and has {access} access", err=True)


def _parse_hash(hash_: str) -> str:
    """Parse the hash of a token. Messages do not contain the value, which may be the token itself."""
    if not _SHA256.fullmatch(hash_.strip().lower()):
        raise click.UsageError(
            "--hash must be the SHA-256 of a token in 64 hexadecimal digits, not the token: "
            'printf %s "$TOKEN" | sha256sum'
        )
    return hash_.strip().lower()


def _reject_other_access(settings: "InstanceSettings", digest: str, access: "Access") -> None:
    """Reject a name that would change the access of a token that is configured in the environment."""
    from roster.instance.auth.tokens import Access
    from roster.instance.instance_settings import READ_TOKEN_HASHES, WRITE_TOKEN_HASHES

    if access is Access.WRITE and digest in set(settings.read_token_hashes) - set(settings.write_token_hashes):
        raise ConfigurationError(f"the hash is in {READ_TOKEN_HASHES}, which grants read access only: add --read-only")
    if access is Access.READ and digest in settings.write_token_hashes:
        raise ConfigurationError(
            f"the hash is in {WRITE_TOKEN_HASHES}, which grants write access: leave out --read-only, or create another "
            "token with read access"
        )


def _revoke(name: str) -> None:
    from roster.instance.auth.token_revocation import revoke_by_name, writing_digests
    from roster.instance.auth.tokens import Access, load_tokens

    with open_instance() as (settings, database):
        if message := missing_file(database):
            raise ConfigurationError(message)
        create_and_upgrade(database)
        with database.write_transaction() as connection:
            token, stored = revoke_by_name(connection, name), load_tokens(connection)
    click.echo(f"revoked {quote(token.name)}", err=True)
    if not writing_digests(stored, dict.fromkeys(settings.write_token_hashes, Access.WRITE)):
        click.echo(_NO_WRITE_TOKEN, err=True)


def _list(format_name: str) -> None:
    from roster.instance.auth.actor_names import actor_of
    from roster.instance.auth.tokens import load_tokens

    with open_instance() as (settings, database), ExitStack() as stack:
        if message := missing_tables(database):
            raise ConfigurationError(message)
        stored = load_tokens(stack.enter_context(database.read_transaction()))
    click.echo(output_formats.INSTANCE_TOKEN[format_name].writer()(stored), nl=False)
    named = {token.digest for token in stored}
    configured = dict.fromkeys([*settings.read_token_hashes, *settings.write_token_hashes])
    if unnamed := [actor_of(digest) for digest in configured if digest not in named]:
        click.echo(f"configured by hash, without a name: {join_names(unnamed)}", err=True)

"""``roster instance token``."""

import secrets

import click


@click.command
def command() -> None:
    """Make a token for the page and the API, and the hash that an instance knows it by.

    The token is printed here and kept nowhere. The instance is given the hash, in ROSTER_INSTANCE_READ_TOKEN_HASHES or
    ROSTER_INSTANCE_WRITE_TOKEN_HASHES, and can tell the token from others, but not make it of the hash.

    \b
    Examples:
      roster instance token
    """

    from roster.instance.auth.token_authentication import hash_token

    token = secrets.token_urlsafe(32)
    click.echo(f"token: {token}")
    click.echo(f"hash:  {hash_token(token)}")
    click.echo("set ROSTER_INSTANCE_READ_TOKEN_HASHES to the hash for a token that only reads, or", err=True)
    click.echo("ROSTER_INSTANCE_WRITE_TOKEN_HASHES for one that also writes; a comma separates several", err=True)

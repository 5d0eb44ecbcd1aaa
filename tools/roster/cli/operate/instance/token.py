"""``roster instance token``."""

import secrets

import click

_NEXT_STEP = """for read access, set ROSTER_INSTANCE_READ_TOKEN_HASHES to the hash;
for read and write access, ROSTER_INSTANCE_WRITE_TOKEN_HASHES; separate several hashes by commas"""


@click.command
def command() -> None:
    """Create a token for the admin page and the API, and the hash by which an instance recognizes it.

    The token is printed once and not stored. Set its hash in ROSTER_INSTANCE_READ_TOKEN_HASHES or
    ROSTER_INSTANCE_WRITE_TOKEN_HASHES; the token cannot be derived from it.

    \b
    Examples:
      roster instance token
    """
    from roster.instance.auth.token_authentication import hash_token

    token = secrets.token_urlsafe(32)
    click.echo(f"token: {token}")
    click.echo(f"hash:  {hash_token(token)}")
    click.echo(_NEXT_STEP, err=True)

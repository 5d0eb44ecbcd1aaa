"""Revocation of named tokens, which ends all requests and sessions with a token at once."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, update

from roster.instance.auth.actor_names import command_actor
from roster.instance.auth.token_events import TokenChange, TokenValue, write_token_event
from roster.instance.auth.token_names import TokenError, normalize
from roster.instance.auth.tokens import Access, Token, load_tokens
from roster.instance.database.tables import tokens
from roster.naming import did_you_mean, list_names, quote


class LastWriteToken(TokenError):
    """Without the token that is to be revoked, nobody can make changes: the caller has to confirm that."""


def revoke_by_name(connection: Connection, name: str) -> Token:
    """Revoke the valid token with a name; return it.

    Raises:
        TokenError: there is no such token, or it is revoked already.
    """
    name, stored = normalize(name), load_tokens(connection)
    for token in stored:
        if token.is_valid and token.name == name:
            return _revoke(connection, token, None)
    raise TokenError(_no_such_token(name, stored))


def revoke_by_id(
    connection: Connection, id_: int, actor: str, configured: Mapping[str, Access], *, confirmed: bool
) -> Token:
    """Revoke a token for a signed-in actor; return it.

    Args:
        configured: the access of the tokens in environment variables, by their hash.
        confirmed: whether the actor confirmed that nobody can make changes afterwards.

    Raises:
        TokenError: there is no such token, or it is revoked already.
        LastWriteToken: nobody could make changes afterwards, and that is not confirmed.
    """
    stored = load_tokens(connection)
    token = next((each for each in stored if each.id == id_), None)
    if token is None:
        raise TokenError("there is no such token: reload the list")
    if not token.is_valid:
        raise TokenError(_already_revoked(token))
    if not confirmed and writing_digests(stored, configured) == {token.digest}:
        raise LastWriteToken(
            f"{quote(token.name)} is the last token with write access: without it, nobody can make changes until a new "
            "one is created with roster instance token --name NAME. Confirm that you want to revoke it"
        )
    return _revoke(connection, token, actor)


def writing_digests(stored: Iterable[Token], configured: Mapping[str, Access]) -> set[str]:
    """Return the hashes of the tokens with write access; the database decides about those that are in both."""
    access = dict(configured) | {token.digest: token.access for token in stored if token.is_valid}
    revoked = {token.digest for token in stored if not token.is_valid}
    return {digest for digest, granted in access.items() if granted is Access.WRITE} - revoked


def _revoke(connection: Connection, token: Token, actor: str | None) -> Token:
    now = datetime.now(UTC)
    connection.execute(update(tokens).where(tokens.c.id == token.id).values(revoked_at=now, revoked_by=actor))
    change = TokenChange(TokenValue(token.name, token.access), None)
    write_token_event(connection, actor or command_actor(), change, now)
    return token._replace(revoked_at=now, revoked_by=actor)


def _no_such_token(name: str, stored: Iterable[Token]) -> str:
    if token := next((each for each in stored if each.name == name), None):
        return _already_revoked(token)
    valid = [each.name for each in stored if each.is_valid]
    names = f"the names are {list_names(map(quote, valid))}" if valid else "no token has a name"
    return f"there is no token {quote(name)}: {did_you_mean(name, valid) or names}"


def _already_revoked(token: Token) -> str:
    return f"the token {quote(token.name)} was already revoked on {token.revoked_at:%Y-%m-%d}"

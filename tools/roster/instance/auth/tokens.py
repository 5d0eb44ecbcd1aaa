"""Named access tokens: created and listed in the database, which holds only their SHA-256.

The name of a revoked token may be used again. Its hash may not: the token stays revoked.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from roster.instance.auth.actor_names import actor_of, command_actor
from roster.instance.auth.token_events import TokenChange, TokenValue, write_token_event
from roster.instance.auth.token_names import TokenError, is_same_name, parse_name
from roster.instance.database.tables import tokens
from roster.naming import quote


class Access(StrEnum):
    """The access that a token grants; write access includes read access."""

    READ = "read"
    WRITE = "write"


class Token(NamedTuple):
    """A named token, as in the table ``instance_ai_tokens``.

    Attributes:
        digest: its SHA-256 in hexadecimal.
        actor: its holder in audit events.
        revoked_by: the actor that revoked it; None if it is valid or was revoked by the command.
    """

    id: int
    name: str
    digest: str
    actor: str
    access: Access
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    @property
    def is_valid(self) -> bool:
        """Whether the token grants access."""
        return self.revoked_at is None


def generate_token() -> str:
    """Return a new token of 256 bits, too many to guess."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return a token's SHA-256 in hexadecimal, as it is configured and stored."""
    return sha256(token.encode(errors="replace")).hexdigest()


def load_tokens(connection: Connection) -> list[Token]:
    """Return all tokens, with one statement: the valid ones by name, then the revoked ones, the latest first."""
    stored = list(filter(None, map(token_of, connection.execute(select(tokens)))))
    valid = sorted((each for each in stored if each.is_valid), key=lambda each: (each.name.casefold(), each.name))
    revoked = [each for each in stored if not each.is_valid]
    return valid + sorted(revoked, key=lambda each: (each.revoked_at or each.created_at, each.id), reverse=True)


def find_token(connection: Connection, digest: str) -> Token | None:
    """Return the token with a hash, valid or revoked, with one statement that uses an index."""
    row = connection.execute(select(tokens).where(tokens.c.digest == digest)).one_or_none()
    return token_of(row) if row else None


def is_revoked(connection: Connection, actor: str) -> bool:
    """Return whether the token of an actor was revoked, with one statement that uses an index."""
    condition = tokens.c.actor == actor, tokens.c.revoked_at.is_not(None)
    return connection.scalar(select(tokens.c.id).where(*condition)) is not None


def token_of(row: Row[Any]) -> Token | None:
    """Return the token in a row with the columns of ``instance_ai_tokens``; None if they are null."""
    columns = {column: row._mapping[tokens.c[column]] for column in Token._fields}
    return Token(**columns | {"access": Access(columns["access"])}) if columns["id"] is not None else None


def add_token(connection: Connection, name: str, digest: str, access: Access) -> None:
    """Store a new token under a name, or give a stored token another one, on behalf of the user who runs the command.

    Raises:
        TokenError: the name is invalid or taken, or the hash belongs to a token that is revoked or has other access.
    """
    name, stored = parse_name(name), load_tokens(connection)
    existing = next((each for each in stored if each.digest == digest), None)
    _reject_taken(name, [each for each in stored if each.is_valid and each is not existing])
    now, new = datetime.now(UTC), TokenValue(name, access)
    if existing:
        _reject_other_token(existing, access)
        connection.execute(update(tokens).where(tokens.c.id == existing.id).values(name=name))
        change = TokenChange(TokenValue(existing.name, existing.access), new)
    else:
        _reject_same_actor(digest, stored)
        change = TokenChange(None, new)
        values = {"name": name, "digest": digest, "actor": actor_of(digest), "access": access, "created_at": now}
        connection.execute(insert(tokens).values(values))
    if change.old != change.new:
        write_token_event(connection, command_actor(), change, now)


def _reject_other_token(existing: Token, access: Access) -> None:
    token = f"the token with this hash, {quote(existing.name)},"
    if not existing.is_valid:
        raise TokenError(f"{token} was revoked on {existing.revoked_at:%Y-%m-%d} and stays invalid: create a new token")
    if existing.access is not access:
        option = "add --read-only" if existing.access is Access.READ else "leave out --read-only"
        raise TokenError(
            f"{token} has {existing.access} access: to rename it, {option}; to change its access, revoke it and create "
            "a new token"
        )


def _reject_taken(name: str, valid: Iterable[Token]) -> None:
    for token in valid:
        if is_same_name(token.name, name):
            raise TokenError(
                f"there is already a token {quote(token.name)}: choose another name, or revoke that token first"
            )


def _reject_same_actor(digest: str, stored: Iterable[Token]) -> None:
    # Audit events have the first digits of the hash only.
    if any(each.actor == actor_of(digest) for each in stored):
        raise TokenError(
            f"the hash begins like that of another token, {actor_of(digest)}, so audit events could not tell them "
            "apart: create a new token"
        )

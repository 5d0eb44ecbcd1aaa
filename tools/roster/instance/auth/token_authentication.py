"""Who may ask: whoever shows a token whose SHA-256 is configured, or a session that was opened with one."""

import hmac
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, Protocol

from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from roster.instance.auth import sessions


class Access(StrEnum):
    """What a token is good for; who may write may read."""

    READ = "read"
    WRITE = "write"


class AuthenticatedCaller(NamedTuple):
    """Who asks.

    Attributes:
        actor: for the audit: ``token:`` and the first 8 digits of the token's SHA-256.
        csrf_token: what a mutation has to carry in ``X-CSRF-Token``; None where no cookie speaks for the caller.
    """

    access: Access
    actor: str
    csrf_token: str | None = None


class TokenHashes(Protocol):
    """The SHA-256 of the tokens that are good, in hexadecimal and lower case."""

    @property
    def read_token_hashes(self) -> tuple[str, ...]:
        """Of those that may read."""

    @property
    def write_token_hashes(self) -> tuple[str, ...]:
        """Of those that may read and write."""


class Authentication:
    """Knows tokens by their hashes. How long an answer takes says nothing about which hash a token came near."""

    def __init__(self, settings: TokenHashes) -> None:
        self._known = [
            *((Access.READ, each) for each in settings.read_token_hashes),
            *((Access.WRITE, each) for each in settings.write_token_hashes),
        ]

    def access_of(self, token: str) -> Access | None:
        """Return what a token is good for; None for one that is not known."""
        return self._access(hash_token(token))

    def authenticate(self, request: HTTPConnection, connection: Connection) -> AuthenticatedCaller | None:
        """Return who asks, by ``Authorization: Bearer`` or else by the session's cookie; None for nobody we know.

        A token takes no statement, a session one.
        """
        if "authorization" in request.headers:
            return self.authenticate_bearer(request)
        cookie = request.cookies.get(sessions.SESSION_COOKIE)
        found = sessions.find_session(connection, cookie, datetime.now(UTC)) if cookie else None
        return self._caller(found.token_hash, found.csrf_token) if found else None

    def authenticate_bearer(self, request: HTTPConnection) -> AuthenticatedCaller | None:
        """Return who asks by ``Authorization: Bearer``, without the database."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._caller(hash_token(token.strip()), None) if scheme.lower() == "bearer" else None

    def _caller(self, token_hash: str, csrf_token: str | None) -> AuthenticatedCaller | None:
        access = self._access(token_hash)
        return AuthenticatedCaller(access, f"token:{token_hash[:8]}", csrf_token) if access else None

    def _access(self, token_hash: str) -> Access | None:
        found = None
        for access, known in self._known:  # all of them, each time
            if hmac.compare_digest(known.encode(), token_hash.encode()):
                found = access
        return found


def hash_token(token: str) -> str:
    """Return a token's SHA-256 in hexadecimal, as it is configured."""
    return sha256(token.encode(errors="replace")).hexdigest()

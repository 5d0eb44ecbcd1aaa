"""Authentication: by a bearer token whose SHA-256 is configured, or by the cookie of a session opened with one."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from roster.http_headers import AUTHORIZATION, bearer_token
from roster.instance.auth.sessions import SESSION_COOKIE, find_session


class Access(StrEnum):
    """The access that a token grants; write access includes read access."""

    READ = "read"
    WRITE = "write"


class AuthenticatedCaller(NamedTuple):
    """The caller of a request.

    Attributes:
        actor: the name in audit events: ``token:`` and the first 8 digits of the token's SHA-256.
        csrf_token: the CSRF token that a mutation must carry; None if the caller did not use a cookie.
    """

    access: Access
    actor: str
    csrf_token: str | None = None


class Authentication:
    """Authenticates callers by the SHA-256 of tokens, in lower-case hexadecimal.

    Response times do not reveal how close a token came to a hash.
    """

    def __init__(self, read_token_hashes: Iterable[str], write_token_hashes: Iterable[str]) -> None:
        hashes = {Access.READ: read_token_hashes, Access.WRITE: write_token_hashes}
        self._access_by_hash = [(each, access) for access, granting in hashes.items() for each in granting]

    def access_of(self, token: str) -> Access | None:
        """Return the access that a token grants; None for an invalid token."""
        return self._access(hash_token(token))

    def authenticate(self, request: HTTPConnection, connection: Connection) -> AuthenticatedCaller | None:
        """Return the caller by ``Authorization: Bearer``, or else by the session cookie; None if not authenticated.

        A token takes no statement, a session one.
        """
        if AUTHORIZATION in request.headers:
            return self.authenticate_bearer(request)
        cookie = request.cookies.get(SESSION_COOKIE)
        session = find_session(connection, cookie, datetime.now(UTC)) if cookie else None
        return self._caller(session.token_hash, session.csrf_token) if session else None

    def authenticate_bearer(self, request: HTTPConnection) -> AuthenticatedCaller | None:
        """Return the caller by ``Authorization: Bearer``, without the database."""
        token = bearer_token(request.headers.get(AUTHORIZATION, ""))
        return self._caller(hash_token(token), None) if token else None

    def _caller(self, token_hash: str, csrf_token: str | None) -> AuthenticatedCaller | None:
        access = self._access(token_hash)
        return AuthenticatedCaller(access, f"token:{token_hash[:8]}", csrf_token) if access else None

    def _access(self, token_hash: str) -> Access | None:
        granted = None
        for valid_hash, access in self._access_by_hash:  # compares with all, so that the time is constant
            if hmac.compare_digest(valid_hash.encode(), token_hash.encode()):
                granted = access
        return granted


def hash_token(token: str) -> str:
    """Return a token's SHA-256 in hexadecimal, as it is configured."""
    return sha256(token.encode(errors="replace")).hexdigest()

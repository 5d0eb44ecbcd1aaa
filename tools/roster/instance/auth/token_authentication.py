"""Authentication: by a bearer token, or by the cookie of a session opened with one.

The SHA-256 of a token is configured in the environment or stored in the database. A token in the database has a name
and the access stored with it, even if its hash is also configured. So revoking a token always ends its access.
"""

import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from roster.http_headers import AUTHORIZATION, bearer_token
from roster.instance.auth.actor_names import actor_of
from roster.instance.auth.sessions import find_session, session_cookie
from roster.instance.auth.tokens import Access as Access
from roster.instance.auth.tokens import Token, find_token
from roster.instance.auth.tokens import hash_token as hash_token


class AuthenticatedCaller(NamedTuple):
    """The caller of a request.

    Attributes:
        actor: the name in audit events, which ``actor_names.py`` defines.
        csrf_token: the CSRF token that a mutation must carry; None if the caller did not use a cookie.
        name: the name of the token; None if it has none.
    """

    access: Access
    actor: str
    csrf_token: str | None = None
    name: str | None = None

    @property
    def display_name(self) -> str:
        """The name to show to people."""
        return self.name or self.actor


class AuthenticationResult(NamedTuple):
    """The result of an authentication: the caller, or else the name of the revoked token if there was one."""

    caller: AuthenticatedCaller | None
    revoked: str | None = None


_NOT_AUTHENTICATED = AuthenticationResult(None)


class ConfiguredTokens:
    """Tokens whose SHA-256 is configured in the environment, in lower-case hexadecimal.

    Response times do not reveal how close a token came to a hash.
    """

    def __init__(self, read_hashes: Iterable[str], write_hashes: Iterable[str]) -> None:
        hashes = {Access.READ: read_hashes, Access.WRITE: write_hashes}
        self._access_by_hash = [(each, access) for access, granting in hashes.items() for each in granting]

    @property
    def access_by_hash(self) -> dict[str, Access]:
        """The access that each token grants, by its hash."""
        return dict(self._access_by_hash)

    def access(self, digest: str) -> Access | None:
        """Return the access that a token grants, given its SHA-256; None if it is not configured."""
        granted = None
        for valid_hash, access in self._access_by_hash:  # compares with all, so that the time is constant
            if hmac.compare_digest(valid_hash.encode(), digest.encode()):
                granted = access
        return granted


class Authentication:
    """Authenticates callers by their tokens, configured or stored.

    The database finds a token by the hash of what was sent, whose digits nobody can choose. Nothing slows down guessing
    a bearer token, because it has 256 bits; without a valid one, a request takes a single statement.
    """

    def __init__(
        self,
        read_token_hashes: Iterable[str],
        write_token_hashes: Iterable[str],
        note_use: Callable[[Token], None] | None = None,
    ) -> None:
        """Take the hashes of configured tokens.

        Args:
            note_use: called with each stored token that authenticates a caller.
        """
        self.configured = ConfiguredTokens(read_token_hashes, write_token_hashes)
        self._note_use = note_use

    def authenticate(self, request: HTTPConnection, connection: Connection) -> AuthenticatedCaller | None:
        """Return the caller by ``Authorization: Bearer``, or else by the session cookie; None if not authenticated."""
        return self.check(request, connection).caller

    def check(self, request: HTTPConnection, connection: Connection) -> AuthenticationResult:
        """Authenticate the caller of a request, with at most one statement."""
        if AUTHORIZATION in request.headers:
            token = bearer_token(request.headers[AUTHORIZATION])
            return self.check_token(token, connection) if token else _NOT_AUTHENTICATED
        cookie = session_cookie(request.headers)
        session = find_session(connection, cookie, datetime.now(UTC)) if cookie else None
        return self._result(session.token_hash, session.token, session.csrf_token) if session else _NOT_AUTHENTICATED

    def check_token(self, token: str, connection: Connection) -> AuthenticationResult:
        """Authenticate the holder of a token, with one statement."""
        digest = hash_token(token)
        return self._result(digest, find_token(connection, digest))

    def _result(self, digest: str, stored: Token | None, csrf_token: str | None = None) -> AuthenticationResult:
        if stored and not stored.is_valid:
            return AuthenticationResult(None, revoked=stored.name)
        access = stored.access if stored else self.configured.access(digest)
        if access is None:
            return _NOT_AUTHENTICATED
        if stored and self._note_use:
            self._note_use(stored)
        return AuthenticationResult(
            AuthenticatedCaller(access, actor_of(digest), csrf_token, stored.name if stored else None)
        )

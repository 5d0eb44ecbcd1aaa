"""Who may ask: whoever shows a token whose SHA-256 is configured, or a session that was opened with one."""

import hmac
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, Protocol

from sqlalchemy import Connection
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from roster.instance.auth import sessions

CSRF_HEADER = "X-CSRF-Token"


class Access(StrEnum):
    """What a token is good for; who may write may read."""

    READ = "read"
    WRITE = "write"


class Caller(NamedTuple):
    """Who asks.

    Attributes:
        actor: for the audit: ``token:`` and the first 8 digits of the token's SHA-256.
        csrf_token: what a mutation has to carry in ``X-CSRF-Token``; None where no cookie speaks for the caller.
    """

    access: Access
    actor: str
    csrf_token: str | None = None


class Hashes(Protocol):
    """The SHA-256 of the tokens that are good, in hexadecimal and lower case."""

    @property
    def read_token_hashes(self) -> tuple[str, ...]:
        """Of those that may read."""

    @property
    def write_token_hashes(self) -> tuple[str, ...]:
        """Of those that may read and write."""


class Authentication:
    """Knows tokens by their hashes. How long an answer takes says nothing about which hash a token came near."""

    def __init__(self, settings: Hashes) -> None:
        self._known = [
            *((Access.READ, each) for each in settings.read_token_hashes),
            *((Access.WRITE, each) for each in settings.write_token_hashes),
        ]

    def access(self, token: str) -> Access | None:
        """Return what a token is good for; None for one that is not known."""
        return self._access(hash_of(token))

    def caller(self, request: HTTPConnection, connection: Connection) -> Caller | None:
        """Return who asks, by ``Authorization: Bearer`` or else by the session's cookie; None for nobody we know.

        A token takes no statement, a session one.
        """
        if "authorization" in request.headers:
            return self.bearer(request)
        cookie = request.cookies.get(sessions.COOKIE)
        found = sessions.find(connection, cookie, datetime.now(UTC)) if cookie else None
        return self._caller(found.token_hash, found.csrf_token) if found else None

    def bearer(self, request: HTTPConnection) -> Caller | None:
        """Return who asks by ``Authorization: Bearer``, without the database."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._caller(hash_of(token.strip()), None) if scheme.lower() == "bearer" else None

    def _caller(self, token_hash: str, csrf_token: str | None) -> Caller | None:
        access = self._access(token_hash)
        return Caller(access, f"token:{token_hash[:8]}", csrf_token) if access else None

    def _access(self, token_hash: str) -> Access | None:
        found = None
        for access, known in self._known:  # all of them, each time
            if hmac.compare_digest(known.encode(), token_hash.encode()):
                found = access
        return found


def hash_of(token: str) -> str:
    """Return a token's SHA-256 in hexadecimal, as it is configured."""
    return sha256(token.encode(errors="replace")).hexdigest()


def is_forged(headers: Headers, csrf_token: str | None) -> bool:
    """Say whether another site may have made a browser send this.

    Args:
        csrf_token: what the caller's session asks for; None where no cookie speaks for the caller, and so no browser
            adds anything by itself.
    """
    if csrf_token is None:
        return False
    carried = headers.get(CSRF_HEADER, "")
    return not hmac.compare_digest(carried.encode(), csrf_token.encode()) or not is_same_origin(headers)


def is_same_origin(headers: Headers) -> bool:
    """Say whether a request is from a page of our own, by what browsers tell and pages cannot change.

    ``Sec-Fetch-Site`` decides, which survives a proxy that changes ``Host``. Browsers leave it out without TLS, and
    ``Origin`` is compared with ``Host`` then. Whatever tells neither is no browser.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or origin.partition("://")[2] == headers.get("host")

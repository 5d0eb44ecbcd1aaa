"""Sessions of the page. Only the SHA-256 of a session's cookie is stored, so the database cannot be used to sign in."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select
from starlette.datastructures import Headers

from roster.instance.auth.tokens import Token, token_of
from roster.instance.database.tables import sessions, tokens

SESSION_COOKIE = "roster_session"
_NAME = f"{SESSION_COOKIE}="
SESSION_LIFETIME = timedelta(hours=8)


class NewSession(NamedTuple):
    """A session that was just opened, the only time that the cookie's value is available."""

    cookie: str
    csrf_token: str
    expires_at: datetime


class Session(NamedTuple):
    """An open session.

    Attributes:
        token_hash: the SHA-256 of the token that opened it.
        csrf_token: the CSRF token that its mutations must carry.
        token: the named token that opened it, which may have been revoked since; None if it has no name.
    """

    token_hash: str
    csrf_token: str
    token: Token | None = None


def open_session(connection: Connection, token_hash: str, now: datetime) -> NewSession:
    """Open a session for the holder of a token, and delete expired sessions."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    session = NewSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now + SESSION_LIFETIME)
    values = {"token_hash": token_hash, "csrf_token": session.csrf_token, "expires_at": session.expires_at}
    connection.execute(insert(sessions).values(digest=_digest(session.cookie), **values))
    return session


def session_cookie(headers: Headers) -> str:
    """Return the session's cookie of a request; empty if there is none.

    Another instance on the host may have a cookie with a shorter path. Browsers send it after ours (RFC 6265, 5.4).
    """
    pairs = (pair.strip() for header in headers.getlist("cookie") for pair in header.split(";"))
    return next((pair[len(_NAME) :] for pair in pairs if pair.startswith(_NAME)), "")


def find_session(connection: Connection, cookie: str, now: datetime) -> Session | None:
    """Return the open session of a cookie, with one statement."""
    row = connection.execute(
        select(sessions.c.token_hash, sessions.c.csrf_token, *tokens.c)
        .outerjoin_from(sessions, tokens, tokens.c.digest == sessions.c.token_hash)
        .where(sessions.c.digest == _digest(cookie), sessions.c.expires_at > now)
    ).one_or_none()
    return Session(row.token_hash, row.csrf_token, token_of(row)) if row else None


def close_session(connection: Connection, cookie: str) -> None:
    """Delete the session of a cookie, if there is one."""
    connection.execute(delete(sessions).where(sessions.c.digest == _digest(cookie)))


def _digest(cookie: str) -> str:
    return sha256(cookie.encode(errors="replace")).hexdigest()

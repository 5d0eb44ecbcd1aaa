"""Signing in with a token, which opens a session, and signing out.

Both take a form from our own page only: what browsers say of where it is from has to fit. So nobody is signed in by
another site as somebody else. There is no path to come back to in any of it, and so none that another site could name.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from roster.instance.auth import sessions
from roster.instance.auth.csrf import is_csrf_token, is_same_origin
from roster.instance.auth.token_authentication import Authentication, hash_token
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.page import responses

GUESS_SECONDS = 1.0
"""How long whoever shows a wrong token waits for the answer."""
_FORM_BYTES = 4096
"""How long a form of ours may be; a token has 43 characters."""

Reading = Callable[[], AbstractContextManager[Connection]]


def routes(database: Database, authentication: Authentication, reading: Reading) -> APIRouter:
    """Return the routes. ``reading`` gives a connection, and answers 404 while the feature is off."""
    made = APIRouter(route_class=responses.Route)

    @made.get(paths.SIGN_IN)
    def form(request: Request) -> Response:
        with reading() as connection:
            if authentication.authenticate(request, connection):
                return responses.redirect(request, paths.PAGE)
        return responses.html(request, "sign_in.html", wrong=None)

    @made.post(paths.SIGN_IN)
    async def sign_in(request: Request) -> Response:
        await run_in_threadpool(check_enabled)
        if not is_same_origin(request.headers):
            return responses.html(request, "sign_in.html", 403, wrong="forged")
        token = (await _form(request)).get("token", "").strip()
        if authentication.access_of(token) is None:
            await asyncio.sleep(GUESS_SECONDS)
            return responses.html(request, "sign_in.html", 403, wrong="token")
        session = await run_in_threadpool(open_session, hash_token(token))
        answer = responses.redirect(request, paths.PAGE)
        seconds = int(sessions.SESSION_LIFETIME.total_seconds())
        answer.set_cookie(sessions.SESSION_COOKIE, session.cookie, max_age=seconds, **_cookie(request))
        return answer

    @made.post(paths.SIGN_OUT)
    async def sign_out(request: Request) -> Response:
        csrf_token = (await _form(request)).get("csrf_token", "")
        await run_in_threadpool(close_session, request, csrf_token)
        answer = responses.redirect(request, paths.SIGN_IN)
        answer.delete_cookie(sessions.SESSION_COOKIE, **_cookie(request))
        return answer

    def check_enabled() -> None:
        with reading():
            return

    def open_session(token_hash: str) -> sessions.NewSession:
        with database.write_transaction() as connection:
            return sessions.open_session(connection, token_hash, datetime.now(UTC))

    def close_session(request: Request, csrf_token: str) -> None:
        cookie = request.cookies.get(sessions.SESSION_COOKIE, "")
        with reading() as connection:
            found = sessions.find_session(connection, cookie, datetime.now(UTC))
        if found is None:
            return  # it is over already
        if not is_csrf_token(csrf_token, found.csrf_token) or not is_same_origin(request.headers):
            raise HTTPException(403, "this did not come from the page of this session: sign out there")
        with database.write_transaction() as connection:
            sessions.close_session(connection, cookie)

    return made


async def _form(request: Request) -> dict[str, str]:
    """Return a form's fields, of each the first value.

    Raises:
        HTTPException: 413 where it is longer than any form of ours.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            raise HTTPException(413, "the form is too long")
    return {name: values[0] for name, values in parse_qs(body.decode("ascii", "replace")).items()}


def _cookie(request: Request) -> dict[str, Any]:
    return {"path": "/", "secure": not _is_plain_loopback(request), "httponly": True, "samesite": "strict"}


def _is_plain_loopback(request: Request) -> bool:
    """Say whether the browser is on this machine and speaks without TLS: a Secure cookie may not come back there."""
    host = request.url.hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    return local and request.url.scheme == "http"

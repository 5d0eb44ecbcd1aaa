"""Signing in with an access token, which opens a session, and signing out.

Both accept forms of the instance's own pages only, judged by the browser's origin headers: another site cannot sign a
visitor in as somebody else. Signing in leads back to a page of the instance only, so there is no open redirect.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from roster.instance.auth import sessions
from roster.instance.auth.csrf import fails_csrf_check, is_same_origin
from roster.instance.auth.token_authentication import Authentication, AuthenticationResult, hash_token
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.forms import Form
from roster.settings.urls import is_loopback

FAILED_SIGN_IN_DELAY = 1.0
"""Seconds that the response to an invalid token is delayed, to slow down guessing."""
_SIGN_OUT_REJECTED = "CSRF check failed: use the Sign out button of the page"


def sign_in_router(threads: WorkerThreads, authentication: Authentication) -> APIRouter:
    """Return the routes."""
    handlers = SignInHandlers(threads, authentication)
    router = APIRouter(route_class=responses.PageRoute)
    router.add_api_route(paths.SIGN_IN, handlers.show_form, methods=["GET"])
    router.add_api_route(paths.SIGN_IN, handlers.sign_in, methods=["POST"])
    router.add_api_route(paths.SIGN_OUT, handlers.sign_out, methods=["POST"])
    return router


class SignInHandlers:
    """The handlers of the sign-in and sign-out forms."""

    def __init__(self, threads: WorkerThreads, authentication: Authentication) -> None:
        self._database, self._threads, self._authentication = threads.database, threads, authentication

    async def show_form(self, request: Request) -> Response:
        """Return the sign-in form, or redirect a visitor who is signed in to the page."""
        target = responses.own_page(request.query_params.get(responses.RETURN_TO))
        caller, revoked = await self._threads.read(partial(self._check, request))
        if caller:
            return responses.redirect(request, target)
        return _render_form(request, target, "revoked" if revoked else None, status=200)

    async def sign_in(self, request: Request, form: Form) -> Response:
        """Open a session for a valid token, and set its cookie."""
        target = responses.own_page(form.get(responses.RETURN_TO))
        if not is_same_origin(request.headers):
            return _render_form(request, target, "origin")
        token = form.get("token", "").strip()
        caller, revoked = await self._threads.read(partial(self._check_token, token))
        if caller is None:
            await asyncio.sleep(FAILED_SIGN_IN_DELAY)
            return _render_form(request, target, "revoked" if revoked else "token")
        session = await self._threads.write(partial(self._open_session, hash_token(token)))
        response = responses.redirect(request, target)
        max_age = int(sessions.SESSION_LIFETIME.total_seconds())
        response.set_cookie(sessions.SESSION_COOKIE, session.cookie, max_age=max_age, **_cookie_attributes(request))
        return response

    async def sign_out(self, request: Request, form: Form) -> Response:
        """Close the session, and delete its cookie."""
        if not is_same_origin(request.headers):  # even without a session, the response would delete the cookie
            raise HTTPException(403, _SIGN_OUT_REJECTED)
        cookie = sessions.session_cookie(request.headers)
        session = await self._threads.read(partial(self._find_session, cookie))
        if session:  # otherwise it expired or was closed already
            if fails_csrf_check(request.headers, session.csrf_token, form.get("csrf_token", "")):
                raise HTTPException(403, _SIGN_OUT_REJECTED)
            await self._threads.write(partial(self._close_session, cookie))
        response = responses.redirect(request, paths.SIGN_IN)
        response.delete_cookie(sessions.SESSION_COOKIE, **_cookie_attributes(request))
        return response

    def _check_token(self, token: str) -> AuthenticationResult:
        with self._database.read_transaction() as connection:
            return self._authentication.check_token(token, connection)

    def _check(self, request: Request) -> AuthenticationResult:
        with self._database.read_transaction() as connection:
            return self._authentication.check(request, connection)

    def _find_session(self, cookie: str) -> sessions.Session | None:
        with self._database.read_transaction() as connection:
            return sessions.find_session(connection, cookie, datetime.now(UTC))

    def _open_session(self, token_hash: str, until: float) -> sessions.NewSession:
        with self._database.write_transaction(until) as connection:
            return sessions.open_session(connection, token_hash, datetime.now(UTC))

    def _close_session(self, cookie: str, until: float) -> None:
        with self._database.write_transaction(until) as connection:
            sessions.close_session(connection, cookie)


def _render_form(request: Request, target: str, error: str | None, status: int = 403) -> Response:
    return_to = {"return_to": target, "return_to_name": responses.RETURN_TO}
    return responses.render_page(request, "sign_in.html", status, error=error, **return_to)


def _cookie_attributes(request: Request) -> dict[str, Any]:
    # A browser on this machine may not return a Secure cookie without TLS.
    is_plain_loopback = request.url.scheme == "http" and is_loopback(request.url.hostname or "")
    path = request.scope.get("root_path") or "/"  # other paths of the host may belong to other applications
    return {"path": path, "secure": not is_plain_loopback, "httponly": True, "samesite": "lax"}

"""The page of tokens, which lists and revokes them. Creating a token stays a command, which shows it to nobody else."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.csrf import fails_csrf_check, is_same_origin
from roster.instance.auth.token_authentication import Access, AuthenticatedCaller, Authentication
from roster.instance.auth.token_names import TokenError
from roster.instance.auth.token_revocation import revoke_by_id
from roster.instance.auth.tokens import Token, load_tokens
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.forms import Form
from roster.instance.page.signed_in import SignedInPages
from roster.instance.page.tokens_view import build_tokens, parse_page_number

_OTHER_SESSION = "nothing was revoked, because you signed in again in the meantime: try again"

log = logging.getLogger("roster.instance")


class Revocation(NamedTuple):
    """The result of a revocation.

    Attributes:
        caller: who requested it; None if not signed in.
        token: the revoked token; None if there is an error.
        error: a sentence for the page.
        id: of the token that was not revoked; None if the form is of another session.
    """

    caller: AuthenticatedCaller | None
    token: Token | None = None
    error: str | None = None
    id: int | None = None


def tokens_router(threads: WorkerThreads, pages: SignedInPages, authentication: Authentication) -> APIRouter:
    """Return the routes."""
    handlers = TokenHandlers(threads, pages, authentication)
    router = APIRouter(route_class=responses.PageRoute)
    router.add_api_route(paths.TOKENS, handlers.show, methods=["GET"])
    router.add_api_route(paths.TOKENS, handlers.revoke, methods=["POST"])
    return router


class TokenHandlers:
    """The handlers of the list and of the form that revokes a token."""

    def __init__(self, threads: WorkerThreads, pages: SignedInPages, authentication: Authentication) -> None:
        self._threads, self._pages, self._authentication = threads, pages, authentication

    async def show(self, request: Request) -> Response:
        """Return the list; to a visitor with read access, a page that says who may see it."""
        return await self._respond(request)

    async def revoke(self, request: Request, form: Form) -> Response:
        """Revoke a token, and return the list. A visitor whose own token it is has to sign in again."""
        if await self._threads.read(partial(self._is_signed_in, request)):
            result = await self._threads.write(partial(self._revoke, request, form))
        else:
            result = Revocation(None)
        if result.caller is None:
            return responses.redirect_to_sign_in(request)
        if result.token is None:
            response = await self._respond(request, result)
            if response.status_code == 200:  # otherwise the caller was signed out in the meantime
                response.status_code = 403 if result.id is None else 409
            return response
        log.info("%s revoked the token %r", result.caller.display_name, result.token.name)
        if result.token.actor == result.caller.actor:
            return responses.redirect(request, paths.SIGN_IN)
        number = _page_number(request)
        return responses.redirect(request, paths.TOKENS if number == 1 else f"{paths.TOKENS}?page={number}")

    async def _respond(self, request: Request, result: Revocation | None = None) -> Response:
        def read(connection: Connection, caller: AuthenticatedCaller) -> Mapping[str, Any]:
            if caller.access is not Access.WRITE:
                return {"tokens": None}
            configured = self._authentication.configured.access_by_hash
            stored, number = load_tokens(connection), _page_number(request)
            tokens = build_tokens(stored, configured, caller.actor, datetime.now(UTC), number)
            return {"tokens": tokens, "result": result}

        return await self._pages.respond(request, "tokens.html", read)

    def _is_signed_in(self, request: Request) -> bool:
        """Check the caller before waiting for other writes."""
        with self._threads.database.read_transaction() as connection:
            return self._require_permission(request, connection) is not None

    def _revoke(self, request: Request, form: dict[str, str], until: float) -> Revocation:
        with self._threads.database.write_transaction(until) as connection:
            caller = self._require_permission(request, connection)
            if caller is None:
                return Revocation(None)
            if fails_csrf_check(request.headers, caller.csrf_token or "", form.get("csrf_token", "")):
                return Revocation(caller, error=_OTHER_SESSION)
            id_ = int(form["id"]) if form.get("id", "").isdecimal() else 0
            configured = self._authentication.configured.access_by_hash
            try:
                token = revoke_by_id(connection, id_, caller.actor, configured, confirmed="confirmed" in form)
            except TokenError as error:
                return Revocation(caller, error=str(error), id=id_)
            return Revocation(caller, token)

    def _require_permission(self, request: Request, connection: Connection) -> AuthenticatedCaller | None:
        """Return the caller; None if not signed in.

        Raises:
            HTTPException: the caller may not revoke tokens.
        """
        if not is_same_origin(request.headers):
            raise HTTPException(403, "CSRF check failed: use the Revoke button of the page")
        caller = self._authentication.authenticate(request, connection)
        if caller and caller.access is not Access.WRITE:
            raise HTTPException(403, "you don't have permission to perform this action: the token is read-only")
        return caller


def _page_number(request: Request) -> int:
    return parse_page_number(request.query_params.get("page"))

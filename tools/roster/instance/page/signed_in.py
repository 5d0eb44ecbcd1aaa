"""Pages for those who are signed in: each is rendered from what it reads in one transaction."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from fastapi import Request, Response
from sqlalchemy import Connection

from roster.instance.auth.csrf import mask_csrf_token
from roster.instance.auth.token_authentication import Access, AuthenticatedCaller, Authentication
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.page import responses

ReadContext: TypeAlias = Callable[[Connection, AuthenticatedCaller], Mapping[str, Any]]
"""Reads what a template needs."""


class SignedInPages:
    """Renders the pages. A visitor who is not signed in is redirected to the sign-in form."""

    def __init__(self, threads: WorkerThreads, authentication: Authentication) -> None:
        self._threads, self._authentication = threads, authentication

    async def respond(self, request: Request, template: str, read: ReadContext) -> Response:
        """Return a page, with what ``read`` returns for its template."""
        return await self._threads.read(partial(self._respond, request, template, read))

    def _respond(self, request: Request, template: str, read: ReadContext) -> Response:
        with self._threads.database.read_transaction() as connection:
            caller = self._authentication.authenticate(request, connection)
            if caller is None:
                return responses.redirect_to_sign_in(request)
            context = read(connection, caller)
        return responses.render_page(
            request,
            template,
            current_path=request.scope["route"].path,
            caller=caller,
            can_write=caller.access is Access.WRITE,
            csrf_token=mask_csrf_token(caller.csrf_token or ""),
            **context,
        )

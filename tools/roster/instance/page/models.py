"""The pages of models: all of them, one of them, and a comparison of several."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import AuthenticatedCaller
from roster.instance.http import paths
from roster.instance.page.comparison_view import MAX_MODELS, MIN_MODELS, build_comparison
from roster.instance.page.models_view import build_models
from roster.instance.page.responses import PageRoute
from roster.instance.page.signed_in import SignedInPages
from roster.instance.selection.namespace_selections import NamespaceCounts, load_namespace_counts
from roster.instance.selection.state import InstanceState, StateReader

_Ids = Annotated[list[str] | None, Query()]


def models_router(pages: SignedInPages, reader: StateReader) -> APIRouter:
    """Return the routes."""
    router = APIRouter(route_class=PageRoute)

    @router.get(paths.MODELS)
    async def models(request: Request, model: str | None = None, compare: _Ids = None) -> Response:
        """Return the rows of all models, some of them chosen to compare; with ``model``, that one with its features."""

        def read(connection: Connection, _: AuthenticatedCaller) -> dict[str, Any]:
            view = build_models(*_read_models(connection, reader), _today(), model)
            is_unknown = model is not None and not view.providers
            return {"page": view, "chosen": frozenset(compare or ()), "status": 404 if is_unknown else 200}

        return await pages.respond(request, "models.html", read)

    @router.get(paths.COMPARISON)
    async def comparison(request: Request, model: _Ids = None) -> Response:
        """Return models side by side, or why they cannot be compared."""

        def read(connection: Connection, _: AuthenticatedCaller) -> dict[str, Any]:
            view = build_comparison(*_read_models(connection, reader), _today(), model or ())
            return {"comparison": view, "least": MIN_MODELS, "most": MAX_MODELS, "status": view.status}

        return await pages.respond(request, "comparison.html", read)

    return router


def _read_models(connection: Connection, reader: StateReader) -> tuple[InstanceState, NamespaceCounts]:
    state = reader.state(connection)
    return state, load_namespace_counts(connection, state.offered)


def _today() -> date:
    return datetime.now(UTC).date()

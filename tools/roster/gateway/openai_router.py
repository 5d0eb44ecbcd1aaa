"""Routes for clients of OpenAI's API: the list of models, and a single one, with headers about its retirement."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from roster import http_paths
from roster.gateway.documented_responses import IF_NONE_MATCH, list_responses, model_responses
from roster.gateway.list_updater import ListUpdater
from roster.gateway.model_lookup import why_not_offered
from roster.gateway.prepared_response import PreparedResponse
from roster.gateway.response_models import OpenAIModel, OpenAIModelList
from roster.gateway.retirement_headers import retirement_headers
from roster.gateway.router import respond, served


def openai_router(updater: ListUpdater | None, dependencies: Sequence[Any] = ()) -> APIRouter:
    """Return the routes.

    Args:
        updater: None if the feature is off.
        dependencies: FastAPI dependencies that authenticate the caller.
    """
    router = APIRouter(tags=["models"], dependencies=[Depends(each) for each in dependencies])

    @router.head(http_paths.MODELS, include_in_schema=False)
    @router.get(
        http_paths.MODELS,
        summary="List the offered models in the shape of OpenAI's API",
        description="With the limits and capabilities of the models, as far as they are known, as additional keys.",
        response_model=OpenAIModelList,
        responses=list_responses("The offered models.", authenticated=bool(dependencies)),
        openapi_extra=IF_NONE_MATCH,
    )
    async def models(request: Request) -> Response:
        return respond(served(updater).openai_models, request.headers.raw)

    @router.head(http_paths.MODEL, include_in_schema=False)
    @router.get(
        http_paths.MODEL,
        summary="Get an offered model in the shape of OpenAI's API",
        description="Headers announce the end of a retiring model, and lead from a retired one to its replacement.",
        response_model=OpenAIModel,
        responses=model_responses(authenticated=bool(dependencies)),
        openapi_extra=IF_NONE_MATCH,
    )
    async def model(
        request: Request, model_id: Annotated[str, Path(description="The id of the model, now or earlier.")]
    ) -> Response:
        snapshot, today = served(updater), datetime.now(UTC).date()
        current = snapshot.accepted.aliases.get(model_id, model_id)
        # Relative to this path, which may have a prefix.
        headers = retirement_headers(snapshot.accepted, current, None, today, successor_url="{id}")
        body = snapshot.openai_models_by_id.get(current)
        if body is None:
            raise HTTPException(404, why_not_offered(snapshot.accepted, current) or "no model has this id", headers)
        response = respond(PreparedResponse.of(body), request.headers.raw)
        response.headers.update(headers)
        return response

    return router

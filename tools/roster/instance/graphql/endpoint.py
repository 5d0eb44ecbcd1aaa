"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): authenticate, parse, execute, respond.

A request has one operation. Queries are sent with GET or POST, mutations with POST only.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from graphql import GraphQLError, GraphQLFormattedError, GraphQLSyntaxError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from roster import http_headers
from roster.instance.auth.csrf import fails_csrf_check
from roster.instance.auth.sessions import SESSION_COOKIE
from roster.instance.auth.token_authentication import Access, AuthenticatedCaller, Authentication
from roster.instance.database.errors import DatabaseBusy, DatabaseUnavailable, is_unavailable
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.graphql.executable_schema import (
    ErrorMaskingSchema,
    disabled_schema,
    log_internal_error,
    schema,
)
from roster.instance.graphql.http_request import GraphQLRequest, PersistedQueryNotSupported, read_request
from roster.instance.graphql.request_context import FLAG_OFF, RequestContext
from roster.instance.graphql.response_cache import ResponseCache
from roster.instance.http import paths
from roster.instance.selection.state import StateReader
from roster.instance.sync.sync_now import SyncNow
from roster.naming import quote

_ALLOWED_METHODS = ("GET", "HEAD", "POST")
_MAX_ERRORS, _MAX_MESSAGE, _MAX_LOCATIONS = 20, 500, 10
_JSON, _GRAPHQL_RESPONSE = "application/json", "application/graphql-response+json"
_RETRY = {http_headers.RETRY_AFTER: "10"}


def api_router(
    threads: WorkerThreads, reader: StateReader, authentication: Authentication, sync_now: SyncNow | None = None
) -> APIRouter:
    """Return the API's route. Each request checks the caller and the feature flag."""
    endpoint = GraphQLEndpoint(threads, reader, authentication, sync_now)
    router = APIRouter()
    # An empty list means all methods, also unknown ones; without operation_id, FastAPI requires a method to derive it.
    router.add_api_route(paths.API, endpoint.respond, methods=[], operation_id="graphql", include_in_schema=False)
    return router


class GraphQLEndpoint:
    """The endpoint. Threads execute the requests, since database access blocks; no query waits for a mutation."""

    def __init__(
        self, threads: WorkerThreads, reader: StateReader, authentication: Authentication, sync_now: SyncNow | None
    ) -> None:
        self._database, self._reader, self._authentication = threads.database, reader, authentication
        self._sync_now = sync_now
        self._cache = ResponseCache()
        self._threads = threads

    async def respond(self, request: Request) -> Response:
        """Respond to a request of any method, with all errors in the shape of GraphQL."""
        try:
            if request.method not in _ALLOWED_METHODS:
                raise _method_not_allowed("send queries with GET or POST, and mutations with POST")
            _require_credentials(request)
            body, operation = await read_request(request)
            response = await self._threads.read(partial(self._respond, request, body, operation))
            if isinstance(response, RequestContext):
                response = await self._threads.write(partial(_mutate, request, operation, response))
            return response
        except HTTPException as error:
            return _error_response(request, error.status_code, error.detail, error.headers)
        except PersistedQueryNotSupported as error:
            return _response(request, 200, _to_json({"errors": [error.formatted]}))
        except DatabaseBusy:
            return _error_response(request, 503, "the database is busy: try again in a few seconds", _RETRY)
        except DatabaseUnavailable:
            return _error_response(request, 503, "the database is unavailable: see the instance's log", _RETRY)
        except Exception as error:
            return _error_response(request, 500, log_internal_error(error))

    def _respond(self, request: Request, body: bytes, operation: GraphQLRequest) -> Response | RequestContext:
        """Respond to a query; return the context of a mutation that the caller may execute."""
        with RequestContext(self._database, self._reader, operation.operation_name) as context:
            caller, revoked = self._authentication.check(request, context.connection)
            if caller is None:
                raise _unauthorized(revoked)
            context.caller, context.sync_now = caller, self._sync_now
            context.configured_tokens = self._authentication.configured.access_by_hash
            if cached := self._cache.get(body, context):
                return _response(request, 200, cached)
            result = _query(operation, context)
            if result is None:
                if request.method != "POST":
                    raise _method_not_allowed("a mutation must be sent with POST")
                _require_write_access(request, context.caller)
                return context
            response = _result_response(request, result)
            if not result.errors:
                self._cache.put(body, bytes(response.body), context)
            return response


def _require_credentials(request: Request) -> None:
    """Reject a request without any token or session cookie before it reaches the database."""
    authorization = request.headers.get(http_headers.AUTHORIZATION)
    has_cookie = authorization is None and SESSION_COOKIE in request.cookies
    if not has_cookie and not http_headers.bearer_token(authorization or ""):
        raise _unauthorized()


def _method_not_allowed(message: str) -> HTTPException:
    return HTTPException(405, message, {http_headers.ALLOW: ", ".join(_ALLOWED_METHODS)})


def _unauthorized(revoked: str | None = None) -> HTTPException:
    message = "authentication required: send a valid bearer token or session cookie"
    if revoked:
        message = f"the access token {quote(revoked)} was revoked: use another one"
    return HTTPException(401, message, {http_headers.WWW_AUTHENTICATE: "Bearer"})


def _query(operation: GraphQLRequest, context: RequestContext) -> ExecutionResult | None:
    """Execute the operation if it is a query; return None for a mutation."""
    try:
        return _execute(operation, context, OperationType.QUERY)
    except InvalidOperationTypeError as error:
        if error.operation_type is not OperationType.MUTATION:
            return ExecutionResult(None, [GraphQLError("subscriptions are not supported")])
    except CannotGetOperationTypeError as error:
        name = error.operation_name
        message = f"the document has no operation {quote(name)}" if name else "the document has no query or mutation"
        return ExecutionResult(None, [GraphQLError(message)])
    return None


def _mutate(request: Request, operation: GraphQLRequest, context: RequestContext, until: float) -> Response:
    context.write_until = until
    return _result_response(request, _execute(operation, context, OperationType.MUTATION))


def _execute(operation: GraphQLRequest, context: RequestContext, type_: OperationType) -> ExecutionResult:
    if not context.status.enabled:
        return _execute_disabled(operation, context, type_)
    result = _execute_with(schema, operation, context, type_)
    for error in result.errors or ():
        if error.original_error and is_unavailable(error.original_error):
            if context.executed_mutations:
                raise HTTPException(503, _failed_after(context.executed_mutations), _RETRY)
            raise error.original_error
    return result


def _execute_disabled(operation: GraphQLRequest, context: RequestContext, type_: OperationType) -> ExecutionResult:
    """Execute an operation while the feature flag is off, which explains why the other fields are missing."""
    if type_ is OperationType.MUTATION:
        return ExecutionResult(None, [GraphQLError(FLAG_OFF)])
    result = _execute_with(disabled_schema, operation, context, type_)
    if result.errors and not isinstance(result.errors[0], GraphQLSyntaxError):
        result.errors = [*result.errors, GraphQLError(FLAG_OFF)]  # the list is cached with the document
    return result


def _execute_with(
    selected: ErrorMaskingSchema, operation: GraphQLRequest, context: RequestContext, type_: OperationType
) -> ExecutionResult:
    return selected.execute_sync(
        operation.query,
        operation.variables,
        context_value=context,
        operation_name=operation.operation_name,
        allowed_operation_types={type_},
    )


def _failed_after(mutations: int) -> str:
    was_executed = "1 mutation of the request was" if mutations == 1 else f"{mutations} mutations of the request were"
    return f"the database is busy or unavailable: {was_executed} executed before, so query what was saved"


def _require_write_access(request: Request, caller: AuthenticatedCaller) -> None:
    if caller.access is not Access.WRITE:
        raise HTTPException(403, "you don't have permission to perform this action: the token is read-only")
    if caller.csrf_token is not None and fails_csrf_check(request.headers, caller.csrf_token):
        message = f"CSRF check failed: {http_headers.CSRF_TOKEN} is missing or wrong, or the origin is another site"
        raise HTTPException(403, message)


def _result_response(request: Request, result: ExecutionResult) -> Response:
    errors = _format_errors(result.errors or [])
    was_executed = result.data is not None or any(error.path for error in result.errors or ())
    if not was_executed:
        return _response(request, 400 if _accepts_graphql_response(request) else 200, _to_json({"errors": errors}))
    return _response(request, 200, _to_json({"data": result.data} | ({"errors": errors} if errors else {})))


def _format_errors(errors: list[GraphQLError]) -> list[GraphQLFormattedError]:
    """Return as much of the errors as fits into a small response: a message may repeat the whole request."""
    formatted = [error.formatted for error in errors[:_MAX_ERRORS]]
    for error in formatted:
        if len(error["message"]) > _MAX_MESSAGE:
            error["message"] = error["message"][:_MAX_MESSAGE] + "…"
        if "locations" in error:
            error["locations"] = error["locations"][:_MAX_LOCATIONS]
    if len(errors) > _MAX_ERRORS:
        formatted.append({"message": f"{len(errors) - _MAX_ERRORS} more errors"})
    return formatted


def _error_response(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return _response(request, status, _to_json({"errors": [{"message": message}]}), headers)


def _to_json(value: Any) -> bytes:
    """Serialize as JSON. A lone surrogate, which UTF-8 cannot encode, becomes a JSON escape."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def _response(request: Request, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    media_type = _GRAPHQL_RESPONSE if _accepts_graphql_response(request) else _JSON
    defaults = {http_headers.CACHE_CONTROL: "no-store", http_headers.VARY: "Accept"}
    return Response(body, status, defaults | dict(headers or {}), f"{media_type}; charset=utf-8")


def _accepts_graphql_response(request: Request) -> bool:
    """Whether the caller accepts the media type under which errors have their own HTTP status."""
    return _GRAPHQL_RESPONSE in request.headers.get("Accept", "")

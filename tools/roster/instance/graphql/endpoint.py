"""GraphQL over HTTP, as its specification says it: https://graphql.github.io/graphql-over-http/draft/.

Only ``application/json`` is taken, which no form of another site can send, and one operation at a time.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

from fastapi import APIRouter
from graphql import GraphQLError
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from roster.findings import ConfigurationError
from roster.instance.auth.sessions import COOKIE
from roster.instance.auth.token_authentication import Access, Authentication, Caller, is_forged
from roster.instance.database.connections import Database
from roster.instance.graphql.operations import internal_error, schema, schema_while_off
from roster.instance.graphql.request_context import Request
from roster.instance.graphql.response_cache import Answers
from roster.instance.graphql.type_builders import Views
from roster.instance.selection.state import Reader

PATH = "/api/graphql"
MAX_BYTES = 1 << 16
"""How large a request may be."""
_AT_ONCE = 4
"""How many requests are worked on at once: each holds a connection, and Python computes one at a time."""
_JSON, _GRAPHQL = "application/json", "application/graphql-response+json"


class _Refused(Exception):
    """A request that is not executed: the status of its answer, and why."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        self.status, self.why, self.headers = status, why, headers


class Asked(NamedTuple):
    """What the body of a request says."""

    query: str
    variables: dict[str, Any] | None
    operation: str | None


def router(database: Database, reader: Reader, authentication: Authentication) -> APIRouter:
    """Return the route of the API. Who may ask, and whether the feature is on, is looked up for each request."""
    routes = APIRouter()
    views, answers = Views(), Answers()
    workers = ThreadPoolExecutor(_AT_ONCE, "graphql")  # started when there is something to do

    @routes.post(PATH, include_in_schema=False)
    async def graphql(request: HTTPRequest) -> Response:
        try:
            _refuse_strangers(request, authentication)
            body = await _body(request)
            answer = await asyncio.get_running_loop().run_in_executor(workers, work, request, body, _asked(body))
        except _Refused as refused:
            return _errors(request, refused.status, refused.why, refused.headers)
        return answer

    def work(request: HTTPRequest, body: bytes, asked: Asked) -> Response:
        try:
            with Request(database, reader, views, asked.operation) as work:
                work.caller = authentication.caller(request, work.connection)
                if work.caller is None:
                    raise _unknown()
                if known := answers.get(body, work):
                    return _answer(request, 200, known, {})
                result = _executed(request, asked, work, work.caller)
                answer = _response(request, result)
                if not result.errors:
                    answers.keep(body, bytes(answer.body), work)
                return answer
        except ConfigurationError as error:
            return _errors(request, 503, internal_error(error), {"retry-after": "10"})
        except _Refused:
            raise
        except Exception as error:
            return _errors(request, 500, internal_error(error), {})

    return routes


def _refuse_strangers(request: HTTPRequest, authentication: Authentication) -> None:
    """Refuse, without the database, who has neither a good token nor any cookie of ours."""
    if "authorization" in request.headers:
        if authentication.bearer(request) is None:
            raise _unknown()
    elif COOKIE not in request.cookies:
        raise _unknown()


def _unknown() -> _Refused:
    return _Refused(401, "a token or a session is needed that is good here", **{"www-authenticate": "Bearer"})


async def _body(request: HTTPRequest) -> bytes:
    """Return the body, of which no more is read than is allowed."""
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if kind.strip() != _JSON or parameters.replace(" ", "").strip('"') not in ("", "charset=utf-8", 'charset="utf-8'):
        raise _Refused(415, f"the request has to be {_JSON}, in UTF-8")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise _Refused(413, f"the request is larger than {MAX_BYTES:,} bytes", connection="close")
    return body


def _asked(body: bytes) -> Asked:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise _Refused(400, "the request is not JSON") from None
    if isinstance(told, list):
        raise _Refused(400, "one operation is answered at a time: the request has to be an object, not a list")
    get = told.get if isinstance(told, dict) else lambda _: None
    query, variables, operation = get("query"), get("variables"), get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise _Refused(400, "the request has to be an object with a document of GraphQL as its query")
    if not isinstance(variables, dict | None):
        raise _Refused(400, "the variables of the request have to be an object")
    if not isinstance(operation, str | None):
        raise _Refused(400, "the operationName of the request has to be a text")
    return Asked(query, variables, operation or None)


def _executed(request: HTTPRequest, asked: Asked, work: Request, caller: Caller) -> ExecutionResult:
    """Execute what was asked: a query, or else a mutation, if the caller may."""
    execute = partial(
        (schema if work.status().enabled else schema_while_off).execute_sync,
        asked.query,
        asked.variables,
        context_value=work,
        operation_name=asked.operation,
    )
    try:
        return execute(allowed_operation_types={OperationType.QUERY})
    except InvalidOperationTypeError as error:
        if error.operation_type is not OperationType.MUTATION:
            return ExecutionResult(None, [GraphQLError("there are no subscriptions here")])
    except CannotGetOperationTypeError as error:
        return ExecutionResult(None, [GraphQLError(error.as_http_error_reason())])
    work.lasting = False
    if why_not := _why_not_change(request, caller):
        raise _Refused(403, why_not)
    return execute(allowed_operation_types={OperationType.MUTATION})


def _why_not_change(request: HTTPRequest, caller: Caller) -> str | None:
    if caller.access is not Access.WRITE:
        return "you don't have permission to perform this action: the token is good for reading only"
    if is_forged(request.headers, caller.csrf_token):
        return "the request does not come from the page: its X-CSRF-Token or its origin is another one"
    return None


def _response(request: HTTPRequest, result: ExecutionResult) -> Response:
    errors = [error.formatted for error in result.errors or ()]
    if result.data is None and not any(error.path for error in result.errors or ()):  # nothing was executed
        return _answer(request, 400 if _takes_graphql(request) else 200, _json({"errors": errors}), {})
    return _answer(request, 200, _json({"data": result.data} | ({"errors": errors} if errors else {})), {})


def _errors(request: HTTPRequest, status: int, why: str, headers: dict[str, str]) -> Response:
    return _answer(request, status, _json({"errors": [{"message": why}]}), headers)


def _json(told: Any) -> bytes:
    """Return JSON. A surrogate without its other half, which has no UTF-8, is written as JSON's escape of it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def _answer(request: HTTPRequest, status: int, body: bytes, headers: dict[str, str]) -> Response:
    kind = _GRAPHQL if _takes_graphql(request) else _JSON
    return Response(body, status, {"cache-control": "no-store", "vary": "Accept"} | headers, f"{kind}; charset=utf-8")


def _takes_graphql(request: HTTPRequest) -> bool:
    """Say whether the caller asked for the media type under which an error has a status of its own."""
    return _GRAPHQL in request.headers.get("accept", "")

"""Requests of GraphQL over HTTP: an operation in the JSON body of a POST request, or in the URL of a GET request.

The content type of a body is ``application/json``, which an HTML form of another site cannot send.
"""

import json
from email.message import Message
from typing import Any, NamedTuple

from fastapi import HTTPException, Request
from graphql import GraphQLError

from roster import http_headers
from roster.naming import quote

MAX_REQUEST_BYTES = 1 << 19
"""Enough for changes of all features, each with the ids of all its models."""
MAX_DOCUMENT_CHARACTERS = 1 << 15
"""Twice as many as 1,000 tokens usually have. Documents are cached, so the rest of a body is for variables."""
_JSON, _IDENTITY = "application/json", "identity"


class GraphQLRequest(NamedTuple):
    """The operation of a request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class PersistedQueryNotSupported(GraphQLError):
    """The request has a hash in place of a document, and no documents are stored.

    Apollo's clients then send the document (https://www.apollographql.com/docs/apollo-server/performance/apq).
    """

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported", extensions={"code": "PERSISTED_QUERY_NOT_SUPPORTED"})


async def read_request(request: Request) -> tuple[bytes, GraphQLRequest]:
    """Return the bytes that identify a request, and its operation.

    Raises:
        HTTPException: 400, 413 or 415 for an invalid request.
        PersistedQueryNotSupported: it has no document.
    """
    if request.method == "POST":
        body = await _read_body(request)
        return body, _operation(_parse_json(body, "the request body"), "the request body")
    parameters = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _parse_json(parameters[name].encode(errors="replace"), name)
        else:
            parameters.pop(name, None)
    return request.scope["query_string"], _operation(parameters, "the URL")


async def _read_body(request: Request) -> bytes:
    """Read the body, up to the size limit."""
    header = Message()
    header[http_headers.CONTENT_TYPE] = request.headers.get(http_headers.CONTENT_TYPE, "")
    charset = str(header.get_param("charset", "utf-8")).lower()
    if header.get_content_type() != _JSON or charset not in ("utf-8", "utf8"):
        raise HTTPException(415, f"the content type must be {_JSON}, in UTF-8")
    if (coding := request.headers.get(http_headers.CONTENT_ENCODING, _IDENTITY)).lower() != _IDENTITY:
        message = f"the request body must not be compressed: its content encoding is {quote(coding)}"
        raise HTTPException(415, message, {http_headers.ACCEPT_ENCODING: _IDENTITY})
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            message = f"the request body is larger than {MAX_REQUEST_BYTES:,} bytes"
            raise HTTPException(413, message, {"Connection": "close"})
    return body


def _parse_json(text: bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise HTTPException(400, f"{where} is not valid JSON") from None


def _operation(content: Any, where: str) -> GraphQLRequest:
    if isinstance(content, list):
        raise HTTPException(400, "batches are not supported: send one operation, as an object")
    fields = content if isinstance(content, dict) else {}
    query, variables, operation_name = fields.get("query"), fields.get("variables"), fields.get("operationName")
    extensions = fields.get("extensions")
    if not query and isinstance(extensions, dict) and "persistedQuery" in extensions:
        raise PersistedQueryNotSupported
    if not isinstance(query, str) or not query.strip():
        if where == "the URL":
            raise HTTPException(400, "the URL must have a GraphQL document as its parameter query")
        raise HTTPException(400, f"{where} must be an object with a GraphQL document as its query")
    if len(query) > MAX_DOCUMENT_CHARACTERS:
        message = f"the document is longer than {MAX_DOCUMENT_CHARACTERS:,} characters: send values as variables"
        raise HTTPException(413, message)
    if not isinstance(variables, dict | None):
        raise HTTPException(400, "variables must be an object")
    if not isinstance(operation_name, str | None):
        raise HTTPException(400, "operationName must be a string")
    return GraphQLRequest(query, variables, operation_name or None)

"""Headers and statuses of the gateway's responses, as OpenAPI describes them."""

from collections.abc import Mapping
from typing import Any

from roster import http_headers
from roster.gateway.response_models import GatewayError, GatewayReadiness

Responses = dict[int | str, dict[str, Any]]


def _text_header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


_CACHE_HEADERS = {
    http_headers.ETAG: _text_header("Identifies the bytes of the body, for If-None-Match.", '"0b8b1cff914f22c3"'),
    http_headers.CACHE_CONTROL: _text_header("Caches ask again each time, with If-None-Match.", "private, no-cache"),
    http_headers.VARY: _text_header("What the response depends on.", "Accept-Encoding, Authorization"),
}
_RETIREMENT_HEADERS = {
    http_headers.DEPRECATION: _text_header("When the notice began, as in RFC 9745; absent before.", "@1785888000"),
    http_headers.SUNSET: _text_header("The end of the last day, as in RFC 8594.", "Wed, 02 Dec 2026 00:00:00 GMT"),
    http_headers.LINK: _text_header("The model that replaces it.", '<claude_sonnet_4>; rel="successor-version"'),
}
_RETRY_AFTER = {
    http_headers.RETRY_AFTER: {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 30}
}
_UNAUTHORIZED: Responses = {
    401: {
        "model": GatewayError,
        "description": "The bearer token is missing or invalid.",
        "headers": {http_headers.WWW_AUTHENTICATE: _text_header("How to authenticate.", "Bearer")},
    }
}
IF_NONE_MATCH = {
    "parameters": [
        {
            "name": http_headers.IF_NONE_MATCH,
            "in": "header",
            "description": "The ETag of the response that the caller has; 304 if it is still the same.",
            "schema": {"type": "string"},
            "example": '"0b8b1cff914f22c3"',
        }
    ]
}
"""The header as a part of an operation. The routes read it from the request, which is faster than a parameter."""
READINESS_RESPONSES: Responses = {
    200: {"description": "A list is served, or the feature is off."},
    503: {"model": GatewayReadiness, "description": "No list is available."},
}


def list_responses(content: str, *, authenticated: bool) -> Responses:
    """Return the responses of a route that serves a form of the list.

    Args:
        content: what the body has.
    """
    return {
        200: {"description": content, "headers": _CACHE_HEADERS},
        304: {"description": "The caller has this version already.", "headers": _CACHE_HEADERS},
        **(_UNAUTHORIZED if authenticated else {}),
        404: {"model": GatewayError, "description": "Model switching is off."},
        503: {"model": GatewayError, "description": "No list has been accepted yet.", "headers": _RETRY_AFTER},
    }


def model_responses(*, authenticated: bool) -> Responses:
    """Return the responses of a route that serves a single model."""
    responses = list_responses("The model.", authenticated=authenticated)
    responses[404]["description"] = "No model with this id is offered, or model switching is off."
    for status in (200, 304, 404):
        headers: Mapping[str, Any] = responses[status].get("headers", {})
        responses[status]["headers"] = {**headers, **_RETIREMENT_HEADERS}
    return responses

"""Request ids: one per request, in its log lines and in the header ``X-Request-Id`` of its response.

The id of the caller is used, so that the logs of several services can be searched for one request.
"""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from random import getrandbits

from roster.http_headers import REQUEST_ID

HEADER = REQUEST_ID.lower().encode()
"""The name of the header, as ASGI has it."""
_VALID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
"""The id of the request in progress; empty outside requests."""


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the id that the caller sent, or a new one if there is none or it is invalid."""
    for name, value in headers:
        if name == HEADER and _VALID.fullmatch(value):
            return value
    return b"%032x" % getrandbits(128)

"""Forms of the page that work without JavaScript."""

from typing import Annotated, TypeAlias
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request

_MAX_BYTES = 4096
"""A token has 43 characters, and the page to return to at most 2,000."""


async def _read_form(request: Request) -> dict[str, str]:
    """Return the first value of each form field.

    Raises:
        HTTPException: 413 if the form exceeds the size limit.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise HTTPException(413, f"the form is larger than {_MAX_BYTES:,} bytes")
    return {name: values[0] for name, values in parse_qs(body.decode("ascii", "replace")).items()}


Form: TypeAlias = Annotated[dict[str, str], Depends(_read_form)]
"""The fields of a submitted form."""

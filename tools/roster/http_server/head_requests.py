"""HEAD requests (RFC 9110, 9.3.2): a route's answer to GET without its body, which the server leaves out."""

from collections.abc import Collection
from typing import Any

from fastapi.routing import APIRoute


class HeadRoute(APIRoute):
    """A route that answers HEAD if it answers GET, as those of Starlette do; FastAPI's do not."""

    def __init__(self, *arguments: Any, methods: Collection[str] | None = None, **named: Any) -> None:
        methods = {"GET"} if methods is None else {*methods}
        super().__init__(*arguments, methods=methods | {"HEAD"} if "GET" in methods else methods, **named)

"""The root path: middleware for an instance that a reverse proxy serves below a path of its host."""

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPathMiddleware:
    """ASGI middleware. The proxy may remove the root path from requests or keep it; probes do not send it."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app, self._root_path = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, with the root path as ASGI has it: in ``root_path``, and first in ``path``."""
        if scope["type"] == "http":
            scope = {**scope, "root_path": self._root_path, "path": self._full_path(scope["path"])}
        await self._app(scope, receive, send)

    def _full_path(self, path: str) -> str:
        relative = path.removeprefix(self._root_path)
        has_root_path = relative != path and relative[:1] in ("", "/")
        return self._root_path + (relative or "/" if has_root_path else path)

"""Routes of the page and of the files of GraphiQL and React.

Operations are sent with the visitor's session by ``page/assets/graphiql.js``: a read-only session can send queries.
"""

import secrets

from fastapi import APIRouter, Request, Response

from roster.http_headers import CONTENT_SECURITY_POLICY, content_security_policy
from roster.http_server.head_requests import HeadRoute
from roster.http_server.packaged_files import PackagedFiles
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.signed_in import SignedInPages

FILES = PackagedFiles(
    "roster.instance.page.graphiql",
    "graphiql.min.css.gz",
    "graphiql.min.js.gz",
    "react.production.min.js.gz",
    "react-dom.production.min.js.gz",
)


def graphiql_router(pages: SignedInPages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(route_class=responses.PageRoute)

    @router.get(paths.GRAPHIQL)
    async def graphiql(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        context = {"file_name": FILES.url_name, "style_nonce": nonce}
        response = await pages.respond(request, "graphiql.html", lambda *_: context)
        response.headers[CONTENT_SECURITY_POLICY] = content_security_policy(_policy(nonce))
        return response

    return router


def graphiql_files_router() -> APIRouter:
    """Return the route of the files, which contain no data."""
    router = APIRouter(route_class=HeadRoute, include_in_schema=False)

    @router.get(paths.GRAPHIQL_ASSETS + "/{file}")
    async def get_file(request: Request, file: str) -> Response:
        return FILES.response(request, file)

    return router


def _policy(nonce: str) -> dict[str, str]:
    """Return the policy of this page only: that of all pages, and the fonts and images in GraphiQL's style sheet.

    While one of its dialogs is open, GraphiQL inserts a style element that stops the page behind it from scrolling
    (react-remove-scroll). The element has the nonce; its content depends on the width of the scroll bar, so that it has
    no fixed hash.
    """
    return responses.PAGE_POLICY | {
        "style-src": f"'self' 'nonce-{nonce}'",
        "img-src": "'self' data:",
        "font-src": "data:",
    }

"""The app that ``roster gateway serve`` runs, which is also an example of how to mount the gateway."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from roster import __version__
from roster.gateway.gateway import Gateway
from roster.gateway.jwt_settings import PREFIX
from roster.http_paths import OPENAPI
from roster.http_server.json_logs import configure_logging
from roster.http_server.log_settings import read_log_settings

if TYPE_CHECKING:
    from roster.http_server.server_app import ServerApp


def create_app(environ: Mapping[str, str]) -> "ServerApp":
    """Return the app for the variables of docs/gateway.md.

    Raises:
        ConfigurationError: a variable is invalid; the message does not show its value.
    """
    log = read_log_settings(PREFIX, environ)
    configure_logging(log.level)
    gateway = Gateway.from_environment(environ)
    gateway.start()  # while FastAPI is imported, which takes half a second
    from prometheus_client import CollectorRegistry, ProcessCollector

    from roster.gateway.docs_page.router import docs_router
    from roster.gateway.openapi import METADATA, describe, operation_id
    from roster.gateway.router import UnfilteredListMiddleware
    from roster.http_server.access_log import AccessLogMiddleware
    from roster.http_server.server_app import ServerApp

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    app = ServerApp(
        **METADATA,
        version=__version__,
        generate_unique_id_function=operation_id,
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        lifespan=gateway.lifespan,
        redirect_slashes=False,
    )
    describe(app)
    app.include_router(docs_router())
    app.include_router(gateway.router(openai_models=True, registry=registry))
    if gateway.updater and not gateway.authenticates:
        app.wrap(UnfilteredListMiddleware, updater=gateway.updater)
    app.wrap(AccessLogMiddleware, registry=registry, server="gateway", default_headers={}, log_probes=log.probes)
    return app

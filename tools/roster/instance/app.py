"""The instance's app, as ``roster instance serve`` runs it: page, API, health, and the sync in the background."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from roster import __version__
from roster.findings import ConfigurationError
from roster.http_server.json_logs import configure_logging
from roster.instance.database import migrate
from roster.instance.database.connections import Database
from roster.instance.instance_settings import WRITE_TOKEN_HASHES, InstanceSettings, load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from prometheus_client import CollectorRegistry

    from roster.http_server.server_app import ServerApp

_NO_WRITE_TOKEN = (
    f"no token has write access, so nobody can sign in: create one with roster instance token --name NAME, or set "
    f"{WRITE_TOKEN_HASHES}"
)

log = logging.getLogger("roster.instance")


def create_app_from_environment(environ: Mapping[str, str]) -> "ServerApp":
    """Migrate the database, and return the app for the variables of docs/instance.md.

    Raises:
        ConfigurationError: a variable is invalid, no token grants write access, or the database cannot be used. The
            message shows no secret.
    """
    settings, warnings = load_settings(environ)
    configure_logging(settings.log.level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs each of its plugins
    for warning in warnings:
        log.warning(warning)
    database = Database(settings.database)
    if not settings.write_token_hashes and not database.exists():
        raise ConfigurationError(_NO_WRITE_TOKEN)
    log.info("%s the %s", "created" if database.create() else "using", database)
    migrate.upgrade(database)
    require_write_token(settings, database)
    return create_app(settings, database)


def require_write_token(settings: InstanceSettings, database: Database) -> None:
    """Check that somebody can sign in and make changes.

    Raises:
        ConfigurationError: no token with write access is configured, and none is stored in the migrated database.
    """
    from roster.instance.auth.tokens import Access, load_tokens

    if settings.write_token_hashes:
        return
    with database.read_transaction() as connection:
        if not any(token.is_valid and token.access is Access.WRITE for token in load_tokens(connection)):
            raise ConfigurationError(_NO_WRITE_TOKEN)


def create_app(settings: InstanceSettings, database: Database) -> "ServerApp":
    """Return the app for a migrated database."""
    from prometheus_client import CollectorRegistry, ProcessCollector

    from roster.download.polling import on_sighup
    from roster.http_server.server_app import ServerApp
    from roster.instance.auth.last_use import LastUse
    from roster.instance.auth.token_authentication import Authentication
    from roster.instance.database.worker_threads import WorkerThreads
    from roster.instance.graphql.endpoint import api_router
    from roster.instance.http.monitoring import InstanceMetricsCollector, monitoring_routes
    from roster.instance.page.router import page_router
    from roster.instance.selection.state import StateReader
    from roster.instance.sync.schedule import SyncSchedule
    from roster.instance.sync.sync_now import SyncNow
    from roster.instance.webhook.webhook import Webhook

    reader, registry, threads = StateReader(), CollectorRegistry(), WorkerThreads(database)
    last_use = LastUse(database)
    authentication = Authentication(settings.read_token_hashes, settings.write_token_hashes, last_use.note)
    schedule = SyncSchedule(database, settings)
    sync_now = SyncNow(database, settings, schedule)
    webhook = settings.webhook and Webhook(database, reader, settings.webhook, schedule.holds_lease, settings.id)
    if webhook:
        schedule.after_sync = webhook.poll_now
    ProcessCollector(registry=registry)
    registry.register(InstanceMetricsCollector(threads, reader, schedule, webhook))

    @asynccontextmanager
    async def lifespan(_: "FastAPI") -> AsyncIterator[None]:
        try:
            with schedule, webhook or nullcontext(), on_sighup(lambda *_: schedule.sync_now()):
                yield
        finally:
            last_use.close()
            database.close()

    app = ServerApp(title="Instance", version=__version__, lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.include_router(api_router(threads, reader, authentication, sync_now))
    app.include_router(page_router(threads, reader, authentication))
    app.include_router(monitoring_routes(threads, reader, schedule, registry))
    _add_middleware(app, settings, registry)
    return app


def _add_middleware(app: "ServerApp", settings: InstanceSettings, registry: "CollectorRegistry") -> None:
    """Wrap the app: the last middleware that is added sees a request first."""
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    from roster.http_server.access_log import AccessLogMiddleware
    from roster.instance.http.api_cors import ApiCORSMiddleware
    from roster.instance.http.compression import CompressionMiddleware
    from roster.instance.http.root_path import RootPathMiddleware

    app.add_middleware(CompressionMiddleware)
    if settings.cors_origins:
        app.add_middleware(ApiCORSMiddleware, origins=settings.cors_origins)
    app.wrap(AccessLogMiddleware, registry=registry, server="instance", log_probes=settings.log.probes)
    if settings.root_path:
        app.wrap(RootPathMiddleware, root_path=settings.root_path)
    app.wrap(ProxyHeadersMiddleware, trusted_hosts=[*settings.trusted_proxies])

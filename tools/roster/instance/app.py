"""The instance as ``roster instance serve`` runs it: its page, its API, its health, and the sync in the background."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from roster import __version__
from roster.findings import ConfigurationError
from roster.instance.database import migrate
from roster.instance.database.connections import Database
from roster.instance.http import json_logs
from roster.instance.instance_settings import InstanceSettings, load_settings
from roster.instance.instance_variables import PREFIX

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger("roster.instance")


def create_app_from_environment(environ: Mapping[str, str]) -> "FastAPI":
    """Return the app for the variables of docs/instance.md; its database is migrated.

    Raises:
        ConfigurationError: a variable makes no sense, no token may write, or the database cannot be used. The message
            shows no secret.
    """
    json_logs.configure_logging()
    logging.getLogger("uvicorn.access").propagate = False  # it has query strings
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each of its plugins
    found, warnings = load_settings(environ)
    for warning in warnings:
        log.warning(warning)
    if not found.write_token_hashes:
        raise ConfigurationError(
            f"{PREFIX}WRITE_TOKEN_HASHES is not set, so nobody could sign in: roster instance token makes a token "
            "and the hash to set"
        )
    database = Database(found.database)
    migrate.upgrade(database)
    return create_app(found, database)


def create_app(found: InstanceSettings, database: Database) -> "FastAPI":
    """Return the app on a database that is migrated."""
    from fastapi import FastAPI
    from prometheus_client import CollectorRegistry

    from roster.download.polling import on_sighup
    from roster.instance.auth.token_authentication import Authentication
    from roster.instance.graphql.endpoint import api_router
    from roster.instance.http.access_log import AccessLogMiddleware
    from roster.instance.http.health import health_routes
    from roster.instance.http.metrics import InstanceMetricsCollector
    from roster.instance.page.router import page_router
    from roster.instance.selection.state import StateReader
    from roster.instance.sync.schedule import SyncSchedule

    reader, authentication, registry = StateReader(), Authentication(found), CollectorRegistry()
    schedule = SyncSchedule(database, found)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            with schedule, on_sighup(lambda *_: schedule.sync_now()):
                yield
        finally:
            database.close()

    registry.register(InstanceMetricsCollector(database, reader, schedule))
    made = FastAPI(title="Instance", version=__version__, lifespan=lifespan, openapi_url=None)
    made.include_router(api_router(database, reader, authentication))
    made.include_router(page_router(database, reader, authentication))
    made.include_router(health_routes(database, reader, schedule, registry))
    made.add_middleware(AccessLogMiddleware, registry=registry)
    return made

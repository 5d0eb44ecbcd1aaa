"""The gateway as others mount it: settings in, a running supply, its routes, and where a model is reached."""

import os
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any, NamedTuple

from roster.accept.accepted import Accepted
from roster.download.download_settings import Settings
from roster.findings import ConfigurationError
from roster.gateway.list_updater import Supply


class Route(NamedTuple):
    """How a model is reached now.

    Attributes:
        key: the API key, from the environment variable that the roster names; never stored, never shown.
        family: the prompt family.
    """

    id: str
    identifier: str
    endpoint: str
    key: str
    family: str

    def __repr__(self) -> str:
        shown = {name: value for name, value in self._asdict().items() if name != "key"}
        return f"Route({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class Gateway:
    """Downloads the list at start-up, keeps it up to date, and serves it.

    ``settings`` is None where the feature is off: then its routes say so, and no model has a route.
    """

    def __init__(self, settings: Settings | None, environ: Mapping[str, str]) -> None:
        from roster.gateway.caller import caller_from
        from roster.gateway.updater_factory import supply_of

        self.settings, self._environ = settings, environ
        self._caller = caller_from(environ)
        self.supply: Supply | None = supply_of(settings) if settings else None
        self._beginning: Future[None] | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Gateway":
        """Read the settings of docs/gateway.md.

        Raises:
            ConfigurationError: a variable makes no sense; the message does not show its value.
        """
        import logging

        from roster.download.download_settings import settings

        found, warnings = settings(environ)
        for warning in warnings:
            logging.getLogger("roster.gateway").warning(warning)
        return cls(found, environ)

    def begin(self) -> "Future[None]":
        """Start to download in the background, for an app that has more to prepare; its lifespan waits for the end."""
        if self._beginning is None:
            self._beginning = Future()
            Thread(target=self._begin, args=(self._beginning,), name="roster-start", daemon=True).start()
        return self._beginning

    def _begin(self, done: "Future[None]") -> None:
        try:
            if self.supply:
                self.supply.start()
        except Exception as defect:
            done.set_exception(defect)
        else:
            done.set_result(None)

    @asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """Download before the first request, then poll in the background until the app ends."""
        import asyncio

        from roster.download.polling import Reload, on_hangup

        if self.supply is None or self.settings is None:
            yield
            return
        await asyncio.wrap_future(self.begin())
        self._beginning = None
        seed = f"{os.uname().nodename}-{os.getpid()}"
        with Reload(self.supply.poll, self.settings.poll_seconds, seed) as reload, on_hangup(reload.now):
            yield

    @property
    def guarded(self) -> bool:
        """Whether callers have to say who they are."""
        return self._caller is not None

    def router(self) -> Any:
        """Return a FastAPI router with the list, the definitions, health and metrics."""
        from fastapi import APIRouter

        from roster.gateway.health import health
        from roster.gateway.jwt_authentication import Authentication
        from roster.gateway.router import router

        routes = APIRouter()
        guards = [Authentication(self._caller)] if self._caller else []
        routes.include_router(router(lambda: self.supply, guards))
        routes.include_router(health(lambda: self.supply))
        return routes

    def route(self, id_: str) -> Route:
        """Return how a model is reached, by its id.

        Raises:
            KeyError: no such model is offered, or the list is one that says nothing of routes.
            ConfigurationError: the environment variable with its key is not set.
        """
        return self._route(self._active(), id_)

    def route_for(self, feature: str) -> Route:
        """Return how the default of a feature is reached.

        Raises:
            KeyError: the feature has no default.
            ConfigurationError: the environment variable with its key is not set.
        """
        accepted = self._active()  # the default and its route are of one version
        return self._route(accepted, accepted.defaults[feature])

    def _route(self, accepted: Accepted, id_: str) -> Route:
        route = accepted.routes[id_]
        key = self._environ.get(route.api_key, "")
        if not key:
            raise ConfigurationError(f"the key of {id_} is missing: {route.api_key} is not set")
        return Route(id_, route.identifier, route.endpoint, key, route.family)

    def _active(self) -> Accepted:
        if self.supply is None or self.supply.active is None:
            raise KeyError("there is no list of models")
        return self.supply.active.accepted

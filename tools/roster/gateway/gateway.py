"""The gateway as apps mount it: settings, the running list updater, its routes, and the deployments of models."""

import logging
import os
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future, wait
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from threading import Event, Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from roster import http_paths
from roster.accept.accepted_list import AcceptedList
from roster.download.download_settings import DownloadSettings
from roster.findings import ConfigurationError
from roster.gateway.model_lookup import find_model, pick_default
from roster.gateway.retirement_headers import retirement_headers

if TYPE_CHECKING:
    from fastapi import APIRouter
    from prometheus_client import CollectorRegistry


START_SECONDS = 1.0
"""How long an app waits at most for its list before it serves its first request."""


class ResolvedDeployment(NamedTuple):
    """How to reach a model now, with its API key.

    Attributes:
        api_key: read from the environment variable that the roster names; never stored, never shown. None if the
            credentials are ambient: the gateway authenticates with its own cloud identity.
        family: the prompt family.
        context_window, max_output_tokens, capabilities: the model's limits and capabilities; None or empty if unknown.
        settings: what the roster has for the gateway, unchanged.
    """

    id: str
    identifier: str
    endpoint: str
    api_key: str | None
    family: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    settings: Mapping[str, Any] = MappingProxyType({})

    def __repr__(self) -> str:
        fields = {name: value for name, value in self._asdict().items() if name != "api_key"}
        return f"ResolvedDeployment({', '.join(f'{name}={value!r}' for name, value in fields.items())})"


class Gateway:
    """Downloads the list at start-up, keeps it up to date, and serves it.

    Without settings the feature is off: the routes answer 404, and no model has a deployment.
    """

    def __init__(self, settings: DownloadSettings | None, environ: Mapping[str, str]) -> None:
        from roster.gateway.jwt_settings import read_jwt_settings
        from roster.gateway.list_updater import ListUpdater

        self.settings, self._environ = settings, environ
        self._jwt_settings = read_jwt_settings(environ)
        self.updater = ListUpdater(settings) if settings else None
        self._start: Future[None] | None = None
        self._prepared = Event()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Gateway":
        """Read the settings from environment variables (docs/gateway.md).

        Raises:
            ConfigurationError: a variable is invalid; the message does not show its value.
        """
        from roster.download.download_settings import read_download_settings

        settings, warnings = read_download_settings(environ)
        for warning in warnings:
            logging.getLogger("roster.gateway").warning(warning)
        return cls(settings, environ)

    def start(self) -> "Future[None]":
        """Activate the cached list, or else download, in the background, for apps that have more to prepare.

        The result is done when there is a list, or the download has failed; the lifespan waits for it. After a cached
        list, the download waits for the lifespan, so that it does not delay the app.
        """
        if self._start is None:
            self._start = Future()
            Thread(target=self._run_start, args=(self._start,), name="roster-start", daemon=True).start()
        return self._start

    def _run_start(self, done: "Future[None]") -> None:
        try:
            if self.updater:
                self.updater.load_cache()
                if self.updater.active:
                    done.set_result(None)
                    self._prepared.wait()
                self.updater.poll()
        finally:
            if not done.done():
                done.set_result(None)

    @asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """Wait briefly for the list, then poll in the background until the app ends."""
        import asyncio

        from roster.download.polling import Poller, on_sighup

        if self.updater is None or self.settings is None:
            yield
            return
        await asyncio.to_thread(wait, [self.start()], START_SECONDS)
        self._start = None
        self._prepared.set()
        seed = f"{os.uname().nodename}-{os.getpid()}"
        with Poller(self.updater.poll, self.settings.poll_seconds, seed) as poller, on_sighup(poller.poll_now):
            yield

    @property
    def authenticates(self) -> bool:
        """Whether callers must authenticate."""
        return self._jwt_settings is not None

    def router(self, *, openai_models: bool = False, registry: "CollectorRegistry | None" = None) -> "APIRouter":
        """Return a FastAPI router with the list, the definitions, health and metrics.

        Args:
            openai_models: whether to serve the list in the shape of OpenAI's API, too, at ``/v1/models``, a path that
                apps may have themselves.
            registry: further metrics to serve; by default, there are only the gateway's own.
        """
        from fastapi import APIRouter

        from roster.gateway.health import health_router
        from roster.gateway.jwt_authentication import JwtAuthentication
        from roster.gateway.openai_router import openai_router
        from roster.gateway.router import list_router, reject_trailing_slashes

        router = APIRouter()
        dependencies = [JwtAuthentication(self._jwt_settings)] if self._jwt_settings else []
        router.include_router(list_router(self.updater, dependencies))
        paths: tuple[str, ...] = http_paths.GATEWAY_PATHS
        if openai_models:
            router.include_router(openai_router(self.updater, dependencies))
            paths += http_paths.OPENAI_PATHS
        router.include_router(health_router(self.updater, registry))
        reject_trailing_slashes(router, paths)
        return router

    def deployment(self, model_id: str) -> ResolvedDeployment:
        """Return how to reach a model, by its id or an earlier one.

        Raises:
            KeyError: the model is not offered, or the list has no deployments; the message says whether it is suspended
                or retired.
            ConfigurationError: the environment variable with the API key is not set.
        """
        accepted = self._accepted()
        return self._resolve(accepted, find_model(accepted, model_id))

    def default_deployment(self, feature: str, key: str | None = None) -> ResolvedDeployment:
        """Return how to reach the default model of a feature; of several, one of them by share.

        Args:
            key: the same key gets the same model, such as the id of a user or a conversation. Without a key, each call
                picks at random.

        Raises:
            KeyError: the feature has no default.
            ConfigurationError: the environment variable with the API key is not set.
        """
        accepted = self._accepted()  # read once, so that default and deployment are of one version
        return self._resolve(accepted, pick_default(accepted, feature, key))

    def retirement_headers(
        self, model_id: str, feature: str | None = None, *, successor_url: str | None = None, on: date | None = None
    ) -> dict[str, str]:
        """Return the headers ``Deprecation``, ``Sunset`` and ``Link`` for responses about a retiring or retired model.

        Args:
            model_id: the id of the model, or an earlier one.
            feature: the feature that the model is used for. If the model retires only for some features, there are
                headers only for these.
            successor_url: the URL of a model in your app, with ``{id}`` for its id; without it, there is no ``Link``.
            on: the day, by default today in UTC; before the notice, there are no headers.
        """
        if self.updater is None or self.updater.active is None:
            return {}
        today = on or datetime.now(UTC).date()
        return retirement_headers(self.updater.active.accepted, model_id, feature, today, successor_url)

    def _resolve(self, accepted: AcceptedList, model_id: str) -> ResolvedDeployment:
        deployment = accepted.deployments[model_id]
        key = self._environ.get(deployment.api_key) if deployment.api_key else None
        if deployment.api_key and not key:
            raise ConfigurationError(f"the API key of {model_id} is missing: {deployment.api_key} is not set")
        return ResolvedDeployment(model_id, **deployment._replace(api_key=key)._asdict())

    def _accepted(self) -> AcceptedList:
        if self.updater is None or self.updater.active is None:
            raise KeyError("there is no list of models")
        return self.updater.active.accepted

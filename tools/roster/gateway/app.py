"""The reference app: what ``roster gateway serve`` runs, and an example of how to mount the gateway."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from roster import __version__
from roster.gateway.gateway import Gateway

if TYPE_CHECKING:
    from fastapi import FastAPI


def app_from(environ: Mapping[str, str]) -> "FastAPI":
    """Return the app for the variables of docs/gateway.md.

    Raises:
        ConfigurationError: a variable makes no sense; the message does not show its value.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    gateway = Gateway.from_environment(environ)
    gateway.begin()  # while FastAPI is imported, which takes half a second
    from fastapi import FastAPI

    from roster.gateway.router import Shortcut

    app = FastAPI(
        title="Offered models",
        description="The AI models that a platform offers, for instances to copy and choose from.",
        version=__version__,
        lifespan=gateway.lifespan,
    )
    app.include_router(gateway.router())
    if gateway.supply and not gateway.guarded:
        app.add_middleware(Shortcut, supply=gateway.supply)
    return app

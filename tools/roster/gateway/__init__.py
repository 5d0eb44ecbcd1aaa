"""The gateway: one list of models, downloaded, cached and served, and never replaced by an invalid one.

Mount it in an app with three lines (docs/embedding.md has more):

    gateway = Gateway.from_environment()
    app = FastAPI(lifespan=gateway.lifespan)
    app.include_router(gateway.router())
"""

from roster.gateway.gateway import Gateway, ResolvedDeployment

__all__ = ["Gateway", "ResolvedDeployment"]

"""The gateway's side: one list of models, downloaded, kept and served, and never replaced by a worse one.

Three lines in an app of your own (docs/embedding.md has the rest):

    gateway = Gateway.from_environment()
    app = FastAPI(lifespan=gateway.lifespan)
    app.include_router(gateway.router())
"""

from roster.gateway.gateway import Gateway, Route

__all__ = ["Gateway", "Route"]

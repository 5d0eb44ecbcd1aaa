"""A real server of the page and the API, and changes of its database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete, insert

from roster.instance.auth.token_authentication import Authentication
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import leases, sessions, sync_runs
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.graphql.endpoint import api_router
from roster.instance.http.compression import CompressionMiddleware
from roster.instance.page.router import page_router
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.state import SYNC_LEASE, StateReader
from roster.instance.sync.sync_now import SyncNow
from tests.instance.auth.test_token_authentication import Hashes
from tests.instance.page.sample_state import LIST, SELECTIONS
from tests.instance.selection.changes import change
from tests.instance.selection.offered_lists import store_list

PAGE, SIGN_IN, SIGN_OUT = "/admin/model_selection", "/admin/sign_in", "/admin/sign_out"


def make_app(database: Database, sync_now: SyncNow | None = None) -> FastAPI:
    """Build an app with the page and the API."""
    app, reader, authentication = FastAPI(), StateReader(), Authentication(*Hashes())
    app.add_middleware(CompressionMiddleware)
    app.include_router(page_router(WorkerThreads(database), reader, authentication))
    app.include_router(api_router(WorkerThreads(database), reader, authentication, sync_now))
    return app


def fill(
    database: Database, offered: OfferedList = LIST, selections: tuple[RequestedSelection, ...] = SELECTIONS
) -> None:
    """Turn the feature flag on; store a list, selections from when all models were offered, and a recent sync."""
    all_offered = offered._replace(
        features={
            name: each._replace(models=dict.fromkeys(LIST.models), offered=True)
            for name, each in offered.features.items()
        }
    )
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, offered)
        for requested in selections:
            assert change(connection, all_offered, requested) == []
        now = datetime.now(UTC)
        lease = {"holder": "one", "expires_at": now, "checked_at": now - timedelta(minutes=12)}
        connection.execute(insert(leases).values(name=SYNC_LEASE, **lease))


def fail_sync(database: Database, message: str) -> None:
    """Record a failed sync."""
    now = datetime.now(UTC)
    run = {"started_at": now, "finished_at": now, "outcome": "failed", "reason": "unreachable", "message": message}
    with database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(run))


def leave_out(database: Database, *sentences: str) -> None:
    """Record a sync that stored the current list without some entries."""
    now = datetime.now(UTC)
    run = {"started_at": now, "finished_at": now, "outcome": "replaced", "version": 1, "message": "\n".join(sentences)}
    with database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(run))


def end_sessions(database: Database) -> None:
    """Delete all sessions."""
    with database.write_transaction() as connection:
        connection.execute(delete(sessions))


def selected(database: Database, feature: str) -> tuple[set[str], str] | None:
    """Return the instance's selection for a feature: the allowed models, and the default."""
    with database.read_transaction() as connection:
        selection = StateReader().state(connection).instance.get(feature)
    return selection and (set(selection.models), selection.default_model)


class Server:
    """A server in a thread."""

    def __init__(self, app: Any) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@contextmanager
def serving(database: Database) -> Iterator[Server]:
    """Run a server of the page and the API."""
    server = Server(make_app(database))
    try:
        yield server
    finally:
        server.stop()

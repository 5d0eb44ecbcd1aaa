"""The page and the API on a real server, over a database with the given list and choices."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete, insert

from roster.instance.auth.token_authentication import Authentication, hash_token
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import leases, sessions, sync_runs
from roster.instance.graphql.endpoint import api_router
from roster.instance.page.router import page_router
from roster.instance.selection import selection_changes
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.selection_changes import RequestedSelection
from roster.instance.selection.state import SYNC_LEASE, StateReader
from tests.instance.page.given import CHOSEN, LIST
from tests.instance.selection.listed import store

READ, WRITE = "a-token-that-reads", "a-token-that-writes"
PAGE, SIGN_IN, SIGN_OUT = "/admin/model_selection", "/admin/sign_in", "/admin/sign_out"


class Hashes(NamedTuple):
    read_token_hashes: tuple[str, ...] = (hash_token(READ),)
    write_token_hashes: tuple[str, ...] = (hash_token(WRITE),)


def app(database: Database) -> FastAPI:
    """The page and the API."""
    made, reader, authentication = FastAPI(), StateReader(), Authentication(Hashes())
    made.include_router(page_router(database, reader, authentication))
    made.include_router(api_router(database, reader, authentication))
    return made


def fill(database: Database, offered: OfferedList = LIST, chosen: tuple[RequestedSelection, ...] = CHOSEN) -> None:
    """Switch the feature on, and store a list, choices that were made when all was available, and a sync just now."""
    everywhere = offered._replace(
        features={
            name: each._replace(models=dict.fromkeys(LIST.models), offered=True)
            for name, each in offered.features.items()
        }
    )
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store(connection, offered)
        for wish in chosen:
            assert selection_changes.upsert_selection(connection, everywhere, wish, "somebody") == []
        now = datetime.now(UTC)
        heard = {"holder": "one", "expires_at": now, "checked_at": now - timedelta(minutes=12)}
        connection.execute(insert(leases).values(name=SYNC_LEASE, **heard))


def fail_sync(database: Database, message: str) -> None:
    """Let the newest sync have failed."""
    now = datetime.now(UTC)
    run = {"started_at": now, "finished_at": now, "outcome": "failed", "reason": "unreachable", "message": message}
    with database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(run))


def end_sessions(database: Database) -> None:
    """Sign everybody out."""
    with database.write_transaction() as connection:
        connection.execute(delete(sessions))


def choice(database: Database, feature: str) -> tuple[set[str], str] | None:
    """Return what the instance chose for a feature: the allowed models, and the default."""
    with database.read_transaction() as connection:
        found = StateReader().state(connection).instance.get(feature)
    return found and (set(found.models), found.default_model)


class Server:
    """A server in a thread. ``stop`` ends it before its time."""

    def __init__(self, served: Any) -> None:
        self._server = uvicorn.Server(uvicorn.Config(served, port=0, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        ends = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < ends, "the server did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@contextmanager
def serving(database: Database) -> Iterator[Server]:
    """Serve the page and the API of a database."""
    server = Server(app(database))
    try:
        yield server
    finally:
        server.stop()

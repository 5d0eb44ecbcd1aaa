"""Measure the API's index of 40 features and 100 models, and hold it to its targets.

    python -m tests.benchmarks.instance_index [--rounds N]

In one process, without a network: a request is handed to each app as a server would. Beside the API run three others on
the same FastAPI: two bare strawberry apps with the same document cache, one whose field gives the same types, ready in
memory, and one whose field gives the same bytes as a text; and the API without the answers that it keeps, which has no
target.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import strawberry
from fastapi import FastAPI
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from tests.benchmarks.gateway import Row
from tests.instance.auth.test_token_authentication import READ, Hashes
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import SETTING
from tests.instance.selection.offered_lists import large_list, store_list

from roster.instance.auth.token_authentication import Authentication
from roster.instance.database.connections import Database
from roster.instance.database.feature_flag import set_enabled
from roster.instance.database.migrate import upgrade
from roster.instance.graphql import endpoint, types
from roster.instance.graphql.response_cache import ResponseCache
from roster.instance.graphql.type_builders import SettingBuilder
from roster.instance.selection.selection_changes import RequestedSelection, upsert_selection
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret

FEATURES, MODELS, SERVES = 40, 100, 4
"""How many features each model serves."""
SECONDS = 0.1
"""How long one turn of one app is, at least: short, so that what else the machine does slows all of them alike."""
SETTINGS_QUERY = json.dumps({"query": f"{{ aiFeatureSettings {{ nodes {{ ...setting }} }} }} {SETTING}"}).encode()
ANSWER = json.dumps({"query": "{ answer }"}).encode()
HEADERS = {"host": "localhost", "content-type": "application/json", "authorization": f"Bearer {READ}"}
SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/api/graphql",
    "raw_path": b"/api/graphql",
    "root_path": "",
    "query_string": b"",
    "server": ("localhost", 80),
    "client": ("localhost", 1),
    "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
}


class Side(NamedTuple):
    """An app, what it is asked, and the least that the API's requests per second have to be of its own, if any."""

    app: FastAPI
    body: bytes = SETTINGS_QUERY
    target: float | None = None


async def ask(side: Side) -> bytes:
    """Return the body of one answer."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": side.body, "more_body": False}

    async def send(message) -> None:
        sent.append(message)

    await side.app(dict(SCOPE), receive, send)
    if sent[0]["status"] != 200:
        sys.exit(f"an app answers with {sent[0]['status']}")
    return b"".join(message.get("body", b"") for message in sent[1:])


def prepare(file: Path) -> Database:
    """Make a database in which the admin chose for every second feature."""
    database, offered = Database(Secret(f"sqlite:///{file}")), large_list(FEATURES, MODELS, SERVES)
    upgrade(database)
    with database.write_transaction() as connection:
        set_enabled(connection, True)
        store_list(connection, offered)
        for feature in list(offered.features.values())[::2]:
            models = tuple(feature.models)[:5]
            assert not upsert_selection(
                connection, offered, RequestedSelection(feature.name, models, models[-1]), "benchmark"
            )
    return database


def api(database: Database) -> FastAPI:
    app = FastAPI()
    app.include_router(endpoint.api_router(database, StateReader(), Authentication(*Hashes())))
    return app


def forgetful(database: Database) -> FastAPI:
    """Return the API without the answers that it keeps."""
    with patch.object(endpoint, "ResponseCache", partial(ResponseCache, max_entries=0)):
        return api(database)


def bare_types(database: Database) -> FastAPI:
    """Return an app whose only field gives the same types, which are ready."""
    with database.read_transaction() as connection:
        ready = SettingBuilder().settings(StateReader().state(connection), None, None)

    def settings() -> types.AiFeatureSettingConnection:
        return ready

    @strawberry.type
    class Query:
        ai_feature_settings: types.AiFeatureSettingConnection = strawberry.field(resolver=settings)

    return bare(Query)


def bare_bytes(answer: bytes) -> FastAPI:
    """Return an app whose only field gives an answer as a text."""
    text = answer.decode()

    def ready() -> str:
        return text

    @strawberry.type
    class Query:
        answer: str = strawberry.field(resolver=ready)

    return bare(Query)


def bare(query: type) -> FastAPI:
    schema = strawberry.Schema(query, extensions=[lambda: ParserCache(), lambda: ValidationCache()])
    app = FastAPI()
    app.include_router(GraphQLRouter(schema), prefix="/api/graphql")
    return app


async def rate(side: Side) -> float:
    """Return the requests per second of one turn."""
    began, answered = time.perf_counter(), 0
    while (now := time.perf_counter()) < began + SECONDS:
        await ask(side)
        answered += 1
    return answered / (now - began)


async def speed(database: Database, rounds: int) -> list[Row]:
    """Compare them in turns, and count the statements of a first request and of a later one."""
    measured, taken = Side(api(database)), []
    for _ in range(2):
        with count_statements(database) as statements:
            answer = await ask(measured)
        taken.append(len(statements))
    sides = {
        "the same types from memory": Side(bare_types(database), SETTINGS_QUERY, 0.6),
        "the same bytes from memory": Side(bare_bytes(answer), ANSWER, 0.6),
        "without kept answers": Side(forgetful(database)),
    }
    types_, bytes_, made = [json.loads(await ask(side)) for side in sides.values()]
    same = json.loads(answer) == types_ == made == json.loads(bytes_["data"]["answer"])
    assert same, "an unfair comparison: the answers differ"
    rates: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for name, side in {"the API": measured, **sides}.items():
            found = await rate(side)
            if number:
                rates.setdefault(name, []).append(found)
    print(f"  {len(answer):,} bytes; SQL statements: {taken[0]} at first, {taken[1]} then")
    for name, several in rates.items():
        print(f"  {name:<32}{statistics.median(several):>10.1f} requests/s")
    rows = [Row("index: SQL statements", max(taken), 5)]
    for name, side in sides.items():
        if side.target:
            ratio = statistics.median(a / b for a, b in zip(rates["the API"], rates[name], strict=True))
            rows.append(Row(f"index: times {name}", ratio, side.target, least=True))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold the speed of the API's index to its targets.")
    parser.add_argument("--rounds", type=int, default=41, help="of each app, 41 by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = prepare(Path(folder) / "instance.db")
        rows = asyncio.run(speed(database, options.rounds))
        database.close()
    print(f"  {'the API':<40}{'measured':>10}{'target':>10}")
    for row in rows:
        bound = f"{'≥' if row.least else '≤'} {row.target:g}"
        print(f"  {row.label:<40}{row.measured:>10.3g}{bound:>10}{'met' if row.met else 'MISSED':>10}")
    sys.exit(0 if all(row.met for row in rows) else 1)


if __name__ == "__main__":
    main()

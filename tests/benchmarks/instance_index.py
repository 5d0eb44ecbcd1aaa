"""Benchmark of the API's query of all settings (40 features, 100 models), compared with its targets.

    python -m tests.benchmarks.instance_index [--rounds N]

All apps run in one process, without a network. The API is compared with two bare strawberry apps with the same document
cache: one returns the same types from memory, the other the same response as a string. The API without its response
cache is measured for information.
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
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.graphql import endpoint, types
from roster.instance.graphql.response_cache import ResponseCache
from roster.instance.graphql.setting_builder import SettingBuilder, feature_names
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selection_changes import change_selections
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret

FEATURES, MODELS, SERVES = 40, 100, 4
"""The last number is how many features each model serves."""
SECONDS = 0.1
"""Minimum duration of a turn: short, so that other load on the machine affects all apps alike."""
SETTINGS_QUERY = json.dumps({"query": f"{{ aiFeatureSettings {{ nodes {{ ...setting }} }} }} {SETTING}"}).encode()
TEXT_QUERY = json.dumps({"query": "{ text }"}).encode()
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


class MeasuredApp(NamedTuple):
    """An app, its request, and the target for the ratio of the API's requests per second to its own."""

    app: FastAPI
    body: bytes = SETTINGS_QUERY
    target: float | None = None


async def request(measured: MeasuredApp) -> bytes:
    """Send the request, and return the body of the response."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": measured.body, "more_body": False}

    async def send(message) -> None:
        sent.append(message)

    await measured.app(dict(SCOPE), receive, send)
    if sent[0]["status"] != 200:
        sys.exit(f"an app responded with {sent[0]['status']}")
    return b"".join(message.get("body", b"") for message in sent[1:])


def prepare(file: Path) -> Database:
    """Create a database with a selection for every second feature."""
    database, offered = Database(Secret(f"sqlite:///{file}")), large_list(FEATURES, MODELS, SERVES)
    upgrade(database)
    with database.write_transaction() as connection:
        set_enabled(connection, True)
        store_list(connection, offered)
        allowed = {name: tuple(feature.models)[:5] for name, feature in list(offered.features.items())[::2]}
        requested = [RequestedSelection(name, models, models[-1]) for name, models in allowed.items()]
        assert not change_selections(connection, offered, requested, "benchmark").errors
    return database


def api(database: Database) -> FastAPI:
    app = FastAPI()
    app.include_router(endpoint.api_router(WorkerThreads(database), StateReader(), Authentication(*Hashes())))
    return app


def uncached_api(database: Database) -> FastAPI:
    """Return the API without its response cache."""
    with patch.object(endpoint, "ResponseCache", partial(ResponseCache, max_entries=0)):
        return api(database)


def bare_types(database: Database) -> FastAPI:
    """Return an app that returns the same types from memory."""
    with database.read_transaction() as connection:
        state = StateReader().state(connection)
    nodes = [SettingBuilder(state, None, name).build() for name in feature_names(state)]

    def settings() -> types.AiFeatureSettingConnection:
        return types.AiFeatureSettingConnection(nodes=nodes)

    @strawberry.type
    class Query:
        ai_feature_settings: types.AiFeatureSettingConnection = strawberry.field(resolver=settings)

    return bare(Query)


def bare_bytes(response: bytes) -> FastAPI:
    """Return an app that returns a response as a string."""
    content = response.decode()

    def load_text() -> str:
        return content

    @strawberry.type
    class Query:
        text: str = strawberry.field(resolver=load_text)

    return bare(Query)


def bare(query: type) -> FastAPI:
    schema = strawberry.Schema(query, extensions=[lambda: ParserCache(), lambda: ValidationCache()])
    app = FastAPI()
    app.include_router(GraphQLRouter(schema), prefix="/api/graphql")
    return app


async def rate(measured: MeasuredApp) -> float:
    """Return the requests per second of one turn."""
    start, requests = time.perf_counter(), 0
    while (now := time.perf_counter()) < start + SECONDS:
        await request(measured)
        requests += 1
    return requests / (now - start)


async def speed(database: Database, rounds: int) -> list[Row]:
    """Measure the apps in turns; count the SQL statements of the first and of a later request."""
    measured_api, statement_counts = MeasuredApp(api(database)), []
    for _ in range(2):
        with count_statements(database) as statements:
            response = await request(measured_api)
        statement_counts.append(len(statements))
    others = {
        "the same types from memory": MeasuredApp(bare_types(database), SETTINGS_QUERY, 0.6),
        "the same bytes from memory": MeasuredApp(bare_bytes(response), TEXT_QUERY, 0.6),
        "without the response cache": MeasuredApp(uncached_api(database)),
    }
    types_, bytes_, uncached = [json.loads(await request(other)) for other in others.values()]
    is_fair = json.loads(response) == types_ == uncached == json.loads(bytes_["data"]["text"])
    assert is_fair, "unfair comparison: the responses differ"
    rates: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for name, measured in {"the API": measured_api, **others}.items():
            requests_per_second = await rate(measured)
            if number:
                rates.setdefault(name, []).append(requests_per_second)
    print(f"  {len(response):,} bytes; SQL statements: {statement_counts[0]} at first, {statement_counts[1]} then")
    for name, rounds_ in rates.items():
        print(f"  {name:<32}{statistics.median(rounds_):>10.1f} requests/s")
    rows = [Row("index: SQL statements", max(statement_counts), 5)]
    for name, other in others.items():
        if other.target:
            ratio = statistics.median(a / b for a, b in zip(rates["the API"], rates[name], strict=True))
            rows.append(Row(f"index: times {name}", ratio, other.target, least=True))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark the API's query of all settings.")
    parser.add_argument("--rounds", type=int, default=41, help="rounds per app (default: 41)")
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

"""Worker of ``admin_page.py``: sends requests to the app of one version of the toolkit, and prints measurements.

    python -m tests.benchmarks.admin_page_worker DATABASE

It uses nothing that the version to compare with lacks. The app is called without a network, as by a browser that
accepts gzip.
"""

import asyncio
import gzip
import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, insert
from tests.instance.database.statements import count_statements
from tests.instance.page.large_list import large_list, selected_models_of_namespace

from roster.instance.app import create_app
from roster.instance.auth.token_authentication import hash_token
from roster.instance.database.connections import Database
from roster.instance.database.feature_flag import set_enabled
from roster.instance.database.migrate import upgrade
from roster.instance.database.tables import lists, namespaces, selected_features, selected_models
from roster.instance.instance_settings import WRITE_TOKEN_HASHES, load_settings
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedFeature, OfferedList
from roster.instance.selection.offered_list_storage import store_offered_list
from roster.settings.secret import Secret

NOW = datetime.now(UTC)
NAMESPACES, SELECTIONS, ALLOWED = 500, 12, 30
"""The number of namespaces with selections, of selections of the instance, and of models that each of these allows."""
MODEL = "ref name releaseState provider description costIndicator available retirement { notice lastDay }"
INDEX = f"""{{ aiFeatureSettings {{ nodes {{
  feature title category offered defaultModel {{ ref name }} selection {{ models {{ ref }} defaultModel {{ ref }} }}
  offeredModels {{ {MODEL} }} allowedModels {{ ref }} resolution {{ model {{ ref }} source }}
}} }} }}"""
TOKEN = "a-token-that-writes"
SIGN_IN = ("POST", "/admin/sign_in", "", urlencode({"token": TOKEN}).encode())
PAGE = "/admin/model_selection"
REQUESTS = {
    "first page": ("GET", PAGE, "", b""),
    "form": ("GET", PAGE, urlencode({"feature": "duo_chat"}), b""),
    "index query": ("POST", "/api/graphql", "", json.dumps({"query": INDEX}).encode()),
}
"""Method, path, query and body by name."""


def fill(connection: Connection, offered: OfferedList) -> None:
    set_enabled(connection, True)
    store_offered_list(connection, EMPTY_LIST, offered)
    source = {"source": "https://gateway.test/v1/models/definitions", "digest": "0" * 64, "kind": "definitions"}
    connection.execute(insert(lists).values(id=1, version=1, replaced_at=NOW, **source))
    for feature in list(offered.features.values())[:SELECTIONS]:
        _select(connection, feature, None, *list(feature.models)[:ALLOWED])
    connection.execute(insert(namespaces), [{"id": number} for number in range(1, NAMESPACES + 1)])
    for number in range(1, NAMESPACES + 1):
        for feature, model in selected_models_of_namespace(offered, number):
            _select(connection, feature, number, model)


def _select(connection: Connection, feature: OfferedFeature, namespace: int | None, *models: str) -> None:
    values = {"feature": feature.name, "feature_category": feature.category, "created_at": NOW, "updated_at": NOW}
    statement = insert(selected_features).values(namespace_id=namespace, default_model=models[0], **values)
    id_ = connection.execute(statement.returning(selected_features.c.id)).scalar_one()
    connection.execute(insert(selected_models), [{"instance_ai_feature_id": id_, "model": model} for model in models])


async def send(app: Any, cookie: str, method: str, path: str, query: str, body: bytes) -> list[dict[str, Any]]:
    """Send a request to an app, and return its messages."""
    messages: list[dict[str, Any]] = []
    headers = {"host": "localhost", "accept-encoding": "gzip", "content-type": "application/json", "cookie": cookie}
    headers["origin"] = "http://localhost"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
        "server": ("localhost", 80), "client": ("localhost", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def collect(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, collect)
    return messages


def measure(database: Database, loop: asyncio.AbstractEventLoop, app: Any, cookie: str, name: str) -> dict[str, float]:
    with count_statements(database) as statements:
        started = time.perf_counter()
        messages = loop.run_until_complete(send(app, cookie, *REQUESTS[name]))
        milliseconds = (time.perf_counter() - started) * 1000
    if messages[0]["status"] != 200:
        sys.exit(f"the response to {name} has the status {messages[0]['status']}")
    body = b"".join(message.get("body", b"") for message in messages[1:])
    is_compressed = (b"content-encoding", b"gzip") in messages[0]["headers"]
    size = len(gzip.decompress(body) if is_compressed else body)
    if b'"errors"' in body or size < 1000:
        sys.exit(f"the response to {name} has errors")
    return {"milliseconds": milliseconds, "sent": len(body), "size": size, "statements": len(statements)}


def main() -> None:
    logging.disable(logging.CRITICAL)
    database = Database(Secret(f"sqlite:///{sys.argv[1]}"))
    upgrade(database)
    settings, _ = load_settings({WRITE_TOKEN_HASHES: hash_token(TOKEN)})
    with database.write_transaction() as connection:
        fill(connection, large_list())
    app, loop = create_app(settings, database), asyncio.new_event_loop()
    signed_in = loop.run_until_complete(send(app, "", *SIGN_IN))
    cookie = dict(signed_in[0]["headers"])[b"set-cookie"].decode().partition(";")[0]
    for line in sys.stdin:
        measurement = measure(database, loop, app, cookie, line.strip())
        print(json.dumps(measurement), flush=True)


if __name__ == "__main__":
    main()

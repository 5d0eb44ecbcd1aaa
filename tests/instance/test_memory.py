"""The instance's memory does not grow with what clients send. The test runs for about a minute."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from roster.instance.database import migrate
from roster.instance.database.connections import Database
from roster.settings.secret import Secret
from tests.download.scripted_server import ScriptedServer, ok
from tests.instance.test_serve import LIST, TOKEN, running_server, set_flag, wait_for_list
from tests.server_memory import MAX_GROWTH, resident_memory, send

FIELDS = ("title", "category", "offered", "mode", "version", "defaultModel { ref name }", "offeredModels { ref }")


def documents() -> Iterator[tuple[str, str]]:
    """Yield queries as different clients write them, no two of them equal."""
    for number in count():
        chosen = " ".join(f"f{number}_{at}: {field}" for at, field in enumerate(FIELDS) if (number >> at) % 2 == 0)
        query = f"query Q{number} {{ aiFeatureSettings {{ nodes {{ feature {chosen} resolution {{ source }} }} }} }}"
        query += "#" * (number % 10 * 3000)
        yield "/api/graphql", json.dumps({"query": query})


@pytest.mark.slow
def test_memory_does_not_grow_with_different_documents(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'instance.db'}"
    migrate.upgrade(Database(Secret(url)))
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    set_flag(url)
    with ScriptedServer(ok(LIST)) as gateway, running_server(url, gateway.origin) as server:
        wait_for_list(server)
        requests = documents()
        send(server, requests, 500, **headers)
        before = resident_memory(server)
        send(server, requests, 5000, **headers)
        assert resident_memory(server) - before < MAX_GROWTH

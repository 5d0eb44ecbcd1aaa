"""The size of the pages at 70 models and 35 features, and their number of SQL statements."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from roster.instance.database.connections import Database
from roster.instance.http import paths
from tests.instance.database.statements import count_statements
from tests.instance.page.large_instance import fill_large
from tests.instance.page.page_server import PAGE, make_app
from tests.instance.page.test_router import sign_in_as
from tests.instance.sync.sync_helpers import open_database

LIMITS = {  # by path: bytes on the wire, bytes uncompressed, rows
    PAGE: (10_000, 60_000, 35),
    f"{PAGE}?feature=duo_chat": (12_000, 100_000, 1),
    paths.MODELS: (10_000, 90_000, 71),
    f"{paths.MODELS}?model=claude_opus_4_7": (10_000, 60_000, 1),
}
MAX_STATEMENTS = 6


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database of the large instance."""
    with open_database(migrated_url) as opened:
        fill_large(opened, 5)
        yield opened


def test_pages_are_small_and_take_few_statements(database: Database):
    client = TestClient(make_app(database), base_url="http://127.0.0.1:8080", follow_redirects=False)
    sign_in_as(client)
    for path, (compressed, plain, rows) in LIMITS.items():
        with count_statements(database) as statements:
            response = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert response.headers["content-encoding"] == "gzip"
        assert int(response.headers["content-length"]) < compressed, path
        assert len(response.content) < plain, path
        assert len(re.findall("<details[^>]* data-(?:feature|model)=", response.text)) == rows, path
        assert len(statements) <= MAX_STATEMENTS, statements

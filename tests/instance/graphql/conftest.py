"""The fixture of the API's tests."""

import pytest

from roster.instance.database.connections import Database
from tests.instance.graphql.api_client import ApiClient
from tests.instance.selection.offered_lists import SMALL_LIST


@pytest.fixture
def api(database: Database) -> ApiClient:
    """An API of an instance with the small list and the feature flag on."""
    api = ApiClient(database)
    api.set_flag(True)
    api.store_list(SMALL_LIST)
    return api

"""The API as clients see it, over databases of both kinds."""

import pytest

from roster.instance.database.connections import Database
from tests.instance.graphql.api import Api
from tests.instance.selection.listed import SMALL


@pytest.fixture
def api(database: Database) -> Api:
    """The API of an instance that has the small list, and has the feature switched on."""
    api = Api(database)
    api.switch(True)
    api.store(SMALL)
    return api

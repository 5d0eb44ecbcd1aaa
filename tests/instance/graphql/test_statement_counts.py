"""The number of SQL statements, which does not grow with the data."""

import pytest

from roster.instance.database.connections import Database
from tests.instance.auth.test_token_authentication import READ, open_session_for
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import SETTINGS_QUERY, ApiClient
from tests.instance.selection.offered_lists import large_list


@pytest.mark.parametrize("variables", [{}, {"namespaceId": 7}])
@pytest.mark.parametrize("features", [5, 15])
def test_settings_query_takes_at_most_six_statements(database: Database, features: int, variables: dict[str, int]):
    counts = []
    api = ApiClient(database)
    api.set_flag(True)
    api.store_list(large_list(features, 100))
    for number in range(features):
        api.select(f"feature_{number:03}", "model_000", "model_001", "model_002")
    second_process = ApiClient(database)  # which has not read the list yet
    for _ in range(2):
        with count_statements(database) as statements:
            assert len(second_process.settings(**variables)) == features
        counts.append(len(statements))
    assert counts == [6, 3]


def test_session_takes_as_many_statements_as_a_token(api: ApiClient):
    session = open_session_for(api.database, READ)
    api.settings()
    with count_statements(api.database) as statements:
        assert api.post(SETTINGS_QUERY, None, {"cookie": f"roster_session={session.cookie}"}).status_code == 200
    assert len(statements) == 3


def test_each_further_namespace_takes_one_more_statement(api: ApiClient):
    fields = "{ nodes { feature resolution { source } } }"
    several = " ".join(f"n{number}: aiFeatureSettings(namespaceId: {number}) {fields}" for number in range(1, 6))
    api.settings()
    with count_statements(api.database) as statements:
        api.execute(f"{{ {several} again: aiFeatureSettings(namespaceId: 1) {fields} }}")
    assert len(statements) == 7


def test_update_takes_a_constant_number_of_statements(database: Database):
    api, counts = ApiClient(database), []
    api.set_flag(True)
    for features, models in ((5, 10), (40, 100)):
        api.store_list(large_list(features, models))
        api.settings()
        with count_statements(database) as statements:
            api.select("feature_000", *(f"model_{number:03}" for number in range(models)))
        counts.append(len(statements))
    assert counts[0] >= counts[1] - 1  # the second one updates the existing selection
    assert max(counts) <= 13

"""Whatever a client asks that the schema allows, the answer is never an internal error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from roster.instance.database.connections import Database
from roster.instance.database.migrate import upgrade
from roster.instance.graphql.executable_schema import schema
from roster.settings.secret import Secret
from tests.instance.graphql.api import Api
from tests.instance.selection.listed import SMALL


@pytest.fixture(scope="module")
def api_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all examples, on SQLite: what they say to it adds up."""
    folder: Path = tmp_path_factory.mktemp("any")
    database = Database(Secret(f"sqlite:///{folder}/instance.db"))
    upgrade(database)
    api = Api(database)
    api.switch(True)
    api.store(SMALL)
    yield api
    database.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(query=from_schema(str(schema)))
def test_no_query_and_no_mutation_fails_within(api_of_all: Api, query: str):
    answer = api_of_all.post(query.encode(errors="replace").decode())
    assert answer.status_code == 200
    assert "internal error" not in answer.text


@settings(max_examples=100, deadline=None)
@given(
    feature=st.sampled_from(["chat", "code", "summary"]) | st.text(),
    models=st.lists(st.sampled_from(["haiku", "sonnet", "opus", "codestral", "old"]) | st.text()),
    default=st.sampled_from(["haiku", "sonnet", "opus", "codestral", "old"]) | st.text(),
)
def test_whatever_is_chosen_the_index_is_right_afterwards(
    api_of_all: Api, feature: str, models: list[str], default: str
):
    answer = api_of_all.mutate("aiFeatureSettingUpdate", feature=feature, models=models, defaultModel=default)
    nodes = api_of_all.index()
    assert answer["aiFeatureSetting"] == nodes.get(feature) or feature == "summary"
    if not answer["errors"]:
        assert [model["ref"] for model in nodes[feature]["selection"]["models"]] == models or set(models)
        assert nodes[feature]["resolution"]["model"]["ref"] == default
    for node in nodes.values():
        allowed = [model["ref"] for model in node["allowedModels"]]
        assert set(allowed) <= {model["ref"] for model in node["offeredModels"]}
        assert node["selection"] is None or set(allowed) <= {each["ref"] for each in node["selection"]["models"]}

"""Generated operations that are valid in the schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes

from roster.instance.database.connections import Database
from roster.instance.database.migrate import upgrade
from roster.instance.graphql.executable_schema import schema
from roster.settings.secret import Secret
from tests.instance.graphql.api_client import ApiClient
from tests.instance.selection.offered_lists import SMALL_LIST
from tests.properties import examples


@pytest.fixture(scope="module")
def shared_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiClient]:
    """One API for all examples, on SQLite: the effects of mutations accumulate."""
    folder: Path = tmp_path_factory.mktemp("any")
    database = Database(Secret(f"sqlite:///{folder}/instance.db"))
    upgrade(database)
    api = ApiClient(database)
    api.set_flag(True)
    api.store_list(SMALL_LIST)
    yield api
    database.close()


@examples(150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(query=from_schema(str(schema), custom_scalars={"Date": (st.dates().map(str) | st.text()).map(nodes.String)}))
def test_generated_operations_cause_no_internal_error(shared_api: ApiClient, query: str):
    response = shared_api.post(query.encode(errors="replace").decode())
    assert response.status_code == 200
    assert "internal error" not in response.text


@given(
    feature=st.sampled_from(["chat", "code", "summary"]) | st.text(),
    models=st.lists(st.sampled_from(["haiku", "sonnet", "opus", "codestral", "old"]) | st.text()),
    default=st.sampled_from(["haiku", "sonnet", "opus", "codestral", "old"]) | st.text(),
)
def test_settings_are_consistent_after_any_update(shared_api: ApiClient, feature: str, models: list[str], default: str):
    payload = shared_api.mutate("aiFeatureSettingUpdate", feature=feature, models=models, defaultModel=default)
    nodes = shared_api.settings()
    assert payload["aiFeatureSetting"] == nodes.get(feature) or feature == "summary"
    if not payload["errors"]:
        assert [model["ref"] for model in nodes[feature]["selection"]["models"]] == models or set(models)
        assert nodes[feature]["resolution"]["model"]["ref"] == default
    for node in nodes.values():
        allowed = [model["ref"] for model in node["allowedModels"]]
        assert set(allowed) <= {model["ref"] for model in node["offeredModels"]}
        assert node["selection"] is None or set(allowed) <= {each["ref"] for each in node["selection"]["models"]}

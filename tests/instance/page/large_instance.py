"""A large instance: 70 models, 35 features, and selections of the instance and of namespaces."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import namespaces, selected_features, selected_models
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selections import SelectionMode
from tests.instance.page.large_list import large_list, selected_models_of_namespace
from tests.instance.selection.changes import change
from tests.instance.selection.offered_lists import store_list

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NAMESPACES = 500


def selections(offered: OfferedList) -> list[RequestedSelection]:
    """Return selections of the instance for 12 features, in all modes; two have a default that retires."""
    names = list(offered.features)
    some = [
        (names[0], "claude_opus_4_7_bedrock", [id_ for id_ in offered.features[names[0]].models if "bedrock" in id_]),
        (names[3], "claude_sonnet_4_0_bedrock", ["claude_sonnet_4_0_bedrock", "claude_sonnet_4_7_bedrock"]),
        (names[4], "claude_opus_4_0", ["claude_opus_4_0", "claude_opus_4_7", "claude_haiku_4_7"]),
        *((name, "claude_opus_4_7_vertex", list(offered.features[name].models)[:30]) for name in names[5:9]),
    ]
    own = [(name, "claude_haiku_4_7_bedrock") for name in names[10:15]]
    return [
        *(RequestedSelection(name, tuple(allowed), default) for name, default, allowed in some),
        *(RequestedSelection(name, (), default, mode=SelectionMode.OWN_DEFAULT) for name, default in own),
    ]


def fill_large(database: Database, count: int = NAMESPACES) -> None:
    """Turn the feature flag on; store the list, and selections of the instance and of a number of namespaces."""
    offered = large_list()
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, offered)
        assert change(connection, offered, *selections(offered)) == []
        if count:
            connection.execute(insert(namespaces), [{"id": number} for number in range(1, count + 1)])
            rows = [row for number in range(1, count + 1) for row in _namespace_rows(offered, number)]
            connection.execute(insert(selected_features), [row for row, _ in rows])
            by_id = [{"instance_ai_feature_id": row["id"], "model": model} for row, model in rows]
            connection.execute(insert(selected_models), by_id)


def _namespace_rows(offered: OfferedList, namespace: int) -> list[tuple[dict[str, Any], str]]:
    """Return the selections of a namespace, each with its model."""
    times = {"created_at": NOW, "updated_at": NOW}
    return [
        (
            {
                "id": 1_000 + 7 * namespace + number, "namespace_id": namespace, "feature": feature.name,
                "feature_category": feature.category, "default_model": model, **times,
            },
            model,
        )
        for number, (feature, model) in enumerate(selected_models_of_namespace(offered, namespace))
    ]  # fmt: skip

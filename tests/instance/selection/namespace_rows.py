"""Selections of many namespaces, stored with few statements."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert

from roster.instance.database.tables import namespaces, selected_features, selected_models, selection_versions
from tests.instance.selection.offered_lists import NOW


def store_namespaces(connection: Connection, chosen: Iterable[tuple[int, str, str]], first_id: int = 10_000) -> None:
    """Store selections, given the namespace, the feature and the model of each; their ids are in this order."""
    rows = list(chosen)
    numbers = sorted({number for number, _, _ in rows})
    connection.execute(insert(namespaces), [{"id": number} for number in numbers])
    common = {"created_at": NOW, "updated_at": NOW, "feature_category": "code_suggestions"}
    features = [
        common | {"id": id_, "namespace_id": number, "feature": feature, "default_model": model}
        for id_, (number, feature, model) in enumerate(rows, first_id)
    ]
    connection.execute(insert(selected_features), features)
    models = [{"instance_ai_feature_id": row["id"], "model": row["default_model"]} for row in features]
    connection.execute(insert(selected_models), models)
    version = {"version": 1, "updated_by": "somebody", "updated_at": NOW}
    versions = [version | {"namespace_id": number, "feature": feature} for number, feature, _ in rows]
    connection.execute(insert(selection_versions), versions)


def many(namespaces: int, features: int, models: int, offset: int = 0) -> Iterable[tuple[int, str, str]]:
    """Yield selections of models of ``large_list``, one for each namespace and feature; IDs start after the offset."""
    for number in range(offset + 1, offset + namespaces + 1):
        for feature in range(features):
            yield number, f"feature_{feature:03}", f"model_{(number * 7 + feature) % models:03}"

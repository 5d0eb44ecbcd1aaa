"""Storage of the offered list: read it from its tables, and replace it by writing only the rows that differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, bindparam, delete, insert, select, update

from roster.accept.accepted_list import Tombstone
from roster.instance.database.tables import offered_features, offered_model_features, offered_models, retired_models
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement

RowValues = Mapping[str, Any]
"""A row to store: column name to value."""


class ListDifference(NamedTuple):
    """Ids of the offered models that differ between two lists, in roster order.

    Attributes:
        changed: models in both lists whose description, features or retirement differs. The position in the list and
            the defaults of features do not count.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def diff_lists(before: OfferedList, after: OfferedList) -> ListDifference:
    """Return how the offered models of two lists differ."""
    old, new = _offered_models(before), _offered_models(after)
    return ListDifference(
        tuple(id_ for id_ in new if id_ not in old),
        tuple(id_ for id_ in new if id_ in old and new[id_] != old[id_]),
        tuple(id_ for id_ in old if id_ not in new),
    )


def _offered_models(offered: OfferedList) -> dict[str, tuple[ListedModel, Mapping[str, OfferedRetirement | None]]]:
    """Return each offered model with the features that it serves."""
    serves: dict[str, dict[str, OfferedRetirement | None]] = {}
    for feature in offered.features.values():
        for id_, retirement in feature.models.items():
            serves.setdefault(id_, {})[feature.name] = retirement
    return {id_: (model, serves.get(id_, {})) for id_, model in offered.models.items() if model.offered}


_MODELS = (
    select(offered_models, *(column for column in offered_model_features.c if column.name != "model"))
    .select_from(offered_models.outerjoin(offered_model_features))
    .order_by(offered_models.c.offered.desc(), offered_models.c.position)
)
_FEATURES = select(offered_features).order_by(offered_features.c.offered.desc(), offered_features.c.position)


def load_offered_list(connection: Connection) -> OfferedList:
    """Read the stored list, with three statements."""
    models: dict[str, ListedModel] = {}
    serving: dict[str, dict[str, OfferedRetirement | None]] = {}
    for row in connection.execute(_MODELS):
        models[row.model] = ListedModel(
            row.model, row.name, row.release_state, row.provider, row.description, row.cost_indicator, row.offered
        )
        if row.feature is not None:
            serving.setdefault(row.feature, {})[row.model] = _retirement(row)
    features = {row.feature: _feature(row, serving.get(row.feature, {})) for row in connection.execute(_FEATURES)}
    retired = {(row.model, row.feature): _tombstone(row) for row in connection.execute(select(retired_models))}
    return OfferedList(features, models, retired)


def _feature(row: Row[Any], models: Mapping[str, OfferedRetirement | None]) -> OfferedFeature:
    return OfferedFeature(
        row.feature, row.title, row.category, row.default_model, row.default_source, row.offered, models
    )


def _retirement(row: Row[Any]) -> OfferedRetirement | None:
    retirement = OfferedRetirement(row.notice, row.last_day, row.replacement)
    return retirement if any(retirement) else None


def _tombstone(row: Row[Any]) -> Tombstone:
    return Tombstone(row.model, row.last_day, row.replacement, (row.feature,) if row.feature else ())


def store_offered_list(connection: Connection, before: OfferedList, after: OfferedList) -> None:
    """Replace the stored list, which must be ``before``, with at most three statements for each table."""
    tables = [(table, _by_key(table, rows(before)), _by_key(table, rows(after))) for table, rows in _ROWS.items()]
    for table, old, new in reversed(tables):  # referencing rows are deleted first and inserted last
        deleted = [_key_parameters(table, row) for key, row in old.items() if key not in new]
        _execute_many(connection, delete(table).where(_key_matches(table)), deleted)
    for table, old, new in tables:
        _execute_many(connection, insert(table), [row for key, row in new.items() if key not in old])
        updated = [{**_key_parameters(table, row), **row} for key, row in new.items() if key in old and row != old[key]]
        _execute_many(connection, update(table).where(_key_matches(table)), updated)


def _feature_rows(offered: OfferedList) -> Iterator[RowValues]:
    for position, feature in enumerate(offered.features.values()):
        values = feature._asdict()
        del values["models"]
        yield {"feature": values.pop("name"), "default_model": values.pop("default"), "position": position, **values}


def _model_rows(offered: OfferedList) -> Iterator[RowValues]:
    for position, model in enumerate(offered.models.values()):
        values = model._asdict()
        yield {"model": values.pop("id"), "position": position, **values}


def _model_feature_rows(offered: OfferedList) -> Iterator[RowValues]:
    for feature in offered.features.values():
        for id_, retirement in feature.models.items():
            announced = retirement or OfferedRetirement(None, None, None)
            yield {"model": id_, "feature": feature.name, **announced._asdict()}


def _retired_rows(offered: OfferedList) -> Iterator[RowValues]:
    for (id_, feature), tombstone in offered.retired.items():
        yield {"model": id_, "feature": feature, "last_day": tombstone.last_day, "replacement": tombstone.replacement}


_ROWS: Mapping[Table, Callable[[OfferedList], Iterator[RowValues]]] = {
    offered_features: _feature_rows,
    offered_models: _model_rows,
    offered_model_features: _model_feature_rows,
    retired_models: _retired_rows,
}
"""The rows of each table; a table comes after those that it references."""


def _by_key(table: Table, rows: Iterator[RowValues]) -> dict[tuple[Any, ...], RowValues]:
    return {tuple(row[column.name] for column in table.primary_key): row for row in rows}


def _key_matches(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))


def _key_parameters(table: Table, row: RowValues) -> dict[str, Any]:
    return {f"key_{column.name}": row[column.name] for column in table.primary_key}


def _execute_many(connection: Connection, statement: Any, rows: Sequence[RowValues]) -> None:
    if rows:
        connection.execute(statement, rows)

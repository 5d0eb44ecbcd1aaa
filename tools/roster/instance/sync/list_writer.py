"""Write the offered list over the one that is stored: the rows that differ, with a bounded number of statements."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, insert, update

from roster.instance.database.tables import offered_features, offered_model_features, offered_models, retired_models
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement

Row = tuple[Any, ...]
"""A row of a table, in the order of its columns; those of the primary key are the first ones."""


class ListDifference(NamedTuple):
    """The ids of models, in roster order.

    Attributes:
        changed: those that stay, and are described, serve or end otherwise than before. Another place in the list, or
            another default of a feature, is no change of a model.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def diff_lists(before: OfferedList, after: OfferedList) -> ListDifference:
    """Return how the models that are offered differ."""
    old, new = _offered(before), _offered(after)
    return ListDifference(
        tuple(id_ for id_ in new if id_ not in old),
        tuple(id_ for id_ in new if id_ in old and new[id_] != old[id_]),
        tuple(id_ for id_ in old if id_ not in new),
    )


def store_offered_list(connection: Connection, before: OfferedList, after: OfferedList) -> None:
    """Make ``after`` of what is stored, which has to be ``before``, with at most three statements for each table."""
    tables = [(table, _by_key(table, rows(before)), _by_key(table, rows(after))) for table, rows in _ROWS.items()]
    for table, old, new in reversed(tables):  # what refers to others goes first, and comes last
        _run(connection, delete(table).where(_key(table)), [_named(table, old[key]) for key in old if key not in new])
    for table, old, new in tables:
        _run(connection, insert(table), [_values(table, new[key]) for key in new if key not in old])
        differing = [row for key, row in new.items() if key in old and row != old[key]]
        values = [_named(table, row) | _values(table, row) for row in differing]
        _run(connection, update(table).where(_key(table)), values)


def _offered(offered: OfferedList) -> dict[str, tuple[Any, Mapping[str, OfferedRetirement | None]]]:
    """Return what is told of each model that is offered: itself, and the features that it serves."""
    serves: dict[str, dict[str, OfferedRetirement | None]] = {}
    for feature in offered.features.values():
        for id_, end in feature.models.items():
            serves.setdefault(id_, {})[feature.name] = end
    return {id_: (model, serves.get(id_, {})) for id_, model in offered.models.items() if model.offered}


def _features(offered: OfferedList) -> Iterator[Row]:
    for position, feature in enumerate(offered.features.values()):
        yield feature.name, position, *feature[1:6]


def _models(offered: OfferedList) -> Iterator[Row]:
    for position, model in enumerate(offered.models.values()):
        yield model.id, position, *model[1:]


def _model_features(offered: OfferedList) -> Iterator[Row]:
    for feature in offered.features.values():
        for id_, end in feature.models.items():
            yield id_, feature.name, *(end or OfferedRetirement(None, None, None))


def _retired(offered: OfferedList) -> Iterator[Row]:
    for (id_, feature), stone in offered.retired.items():
        yield id_, feature, stone.last_day, stone.replacement


_ROWS: Mapping[Table, Callable[[OfferedList], Iterator[Row]]] = {
    offered_features: _features,
    offered_models: _models,
    offered_model_features: _model_features,
    retired_models: _retired,
}
"""What each table holds of a list; a table comes after those that it refers to."""


def _by_key(table: Table, rows: Iterator[Row]) -> dict[Row, Row]:
    return {row[: len(table.primary_key)]: row for row in rows}


def _key(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))


def _named(table: Table, row: Row) -> dict[str, Any]:
    return {f"key_{column.name}": value for column, value in zip(table.primary_key, row, strict=False)}


def _values(table: Table, row: Row) -> dict[str, Any]:
    return dict(zip(table.columns.keys(), row, strict=True))


def _run(connection: Connection, statement: Any, values: list[dict[str, Any]]) -> None:
    if values:
        connection.execute(statement, values)

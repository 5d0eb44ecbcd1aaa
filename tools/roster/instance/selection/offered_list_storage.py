"""Storage of the offered list: read it from its tables, and replace it by writing only the rows that differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Row,
    String,
    Table,
    and_,
    bindparam,
    cast,
    delete,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)

from roster.accept.accepted_list import SuspendedModel, Tombstone
from roster.instance.database.tables import (
    UTCDateTime,
    model_aliases,
    offered_features,
    offered_model_features,
    offered_models,
    retired_models,
    suspended_models,
    withdrawn_models,
)
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement

RowValues = Mapping[str, Any]
"""A row to store: column name to value."""

_MODELS = (
    select(
        offered_models,
        offered_model_features.c.release_state.label("state_for_feature"),
        *(column for column in offered_model_features.c if column.name not in ("model", "release_state")),
    )
    .select_from(offered_models.outerjoin(offered_model_features))
    .order_by(offered_models.c.offered.desc(), offered_models.c.position)
)
_NO_DAY, _NO_TEXT, _NO_TIME = cast(null(), Date), cast(null(), String), cast(null(), UTCDateTime)
_FORMER_IDS = union_all(
    select(retired_models, literal("retired").label("table"), _NO_TIME.label("moment")),
    select(
        suspended_models.c.model,
        literal(""),
        suspended_models.c.since,
        suspended_models.c.reason,
        literal("suspended"),
        _NO_TIME,
    ),
    select(model_aliases.c.alias, literal(""), _NO_DAY, model_aliases.c.model, literal("aliases"), _NO_TIME),
    select(
        withdrawn_models.c.model,
        withdrawn_models.c.feature,
        _NO_DAY,
        _NO_TEXT,
        literal("withdrawn"),
        withdrawn_models.c.since,
    ),
)
"""The ids that are not offered, from four tables, under the names of the columns of the first."""
_FEATURES = select(offered_features).order_by(offered_features.c.offered.desc(), offered_features.c.position)


def load_offered_list(connection: Connection) -> OfferedList:
    """Read the stored list, with three statements."""
    models: dict[str, ListedModel] = {}
    serving: dict[str, dict[str, Row[Any]]] = {}
    for row in connection.execute(_MODELS):
        if row.model not in models:
            models[row.model] = _model(row)
        if row.feature is not None:
            serving.setdefault(row.feature, {})[row.model] = row
    features = {row.feature: _feature(row, serving.get(row.feature, {})) for row in connection.execute(_FEATURES)}
    return OfferedList(features, models, **_former_ids(connection)._asdict())


class _FormerIds(NamedTuple):
    """What a list has about ids that are not offered; the fields are those of ``OfferedList``."""

    retired: dict[tuple[str, str], Tombstone]
    suspended: dict[str, SuspendedModel]
    aliases: dict[str, str]
    withdrawn: dict[tuple[str, str], datetime]


def _former_ids(connection: Connection) -> _FormerIds:
    former = _FormerIds({}, {}, {}, {})
    for row in connection.execute(_FORMER_IDS):
        match row.table:
            case "retired":
                former.retired[row.model, row.feature] = _tombstone(row)
            case "suspended":
                former.suspended[row.model] = SuspendedModel(row.model, row.last_day, row.replacement)
            case "withdrawn":
                former.withdrawn[row.model, row.feature] = row.moment
            case _:
                former.aliases[row.model] = row.replacement
    return former


def _model(row: Row[Any]) -> ListedModel:
    return ListedModel(
        row.model,
        row.name,
        row.release_state,
        row.provider,
        row.description,
        row.cost_indicator,
        row.offered,
        row.context_window,
        row.max_output_tokens,
        tuple(row.capabilities or ()),
        tuple(row.processed_in or ()),
        row.data_retention_days,
        row.documentation,
    )


def _feature(row: Row[Any], serving: Mapping[str, Row[Any]]) -> OfferedFeature:
    models = {id_: _retirement(each) for id_, each in serving.items()}
    states = {id_: each.state_for_feature for id_, each in serving.items() if each.state_for_feature}
    shares = {id_: each.share for id_, each in serving.items() if each.share}
    shares = {id_: shares[id_] for id_ in sorted(shares, key=lambda id_: -shares[id_])}
    return OfferedFeature(
        row.feature,
        row.title,
        row.category,
        row.default_model,
        row.default_source,
        row.offered,
        models,
        states,
        shares,
        {id_: each.offered_since for id_, each in serving.items() if each.offered_since},
        row.default_since,
        row.previous_default,
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
        for name in ("models", "release_states", "shares", "offered_since"):
            del values[name]
        yield {"feature": values.pop("name"), "default_model": values.pop("default"), "position": position, **values}


def _model_rows(offered: OfferedList) -> Iterator[RowValues]:
    for position, model in enumerate(offered.models.values()):
        values = model._asdict()
        yield {"model": values.pop("id"), "position": position, **values}


def _model_feature_rows(offered: OfferedList) -> Iterator[RowValues]:
    for feature in offered.features.values():
        for id_, retirement in feature.models.items():
            announced = retirement or OfferedRetirement(None, None, None)
            yield {
                "model": id_,
                "feature": feature.name,
                **announced._asdict(),
                "release_state": feature.release_states.get(id_),
                "share": feature.shares.get(id_),
                "offered_since": feature.offered_since.get(id_),
            }


def _retired_rows(offered: OfferedList) -> Iterator[RowValues]:
    for (id_, feature), tombstone in offered.retired.items():
        yield {"model": id_, "feature": feature, "last_day": tombstone.last_day, "replacement": tombstone.replacement}


def _suspended_rows(offered: OfferedList) -> Iterator[RowValues]:
    for model in offered.suspended.values():
        yield {"model": model.id, "since": model.since, "reason": model.reason}


def _withdrawn_rows(offered: OfferedList) -> Iterator[RowValues]:
    for (id_, feature), since in offered.withdrawn.items():
        yield {"model": id_, "feature": feature, "since": since}


def _alias_rows(offered: OfferedList) -> Iterator[RowValues]:
    for alias, model in offered.aliases.items():
        yield {"alias": alias, "model": model}


_ROWS: Mapping[Table, Callable[[OfferedList], Iterator[RowValues]]] = {
    offered_features: _feature_rows,
    offered_models: _model_rows,
    offered_model_features: _model_feature_rows,
    retired_models: _retired_rows,
    suspended_models: _suspended_rows,
    model_aliases: _alias_rows,
    withdrawn_models: _withdrawn_rows,
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

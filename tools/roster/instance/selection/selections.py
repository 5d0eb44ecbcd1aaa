"""Selections: which models an admin allows for a feature, and which of them is the default."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select, type_coerce
from sqlalchemy.types import NullType

from roster.instance.database.tables import selected_features, selected_models


class Selection(NamedTuple):
    """A selection for one feature.

    Attributes:
        namespace_id: the namespace that it belongs to; None for the instance.
        category: the feature's category at the time of the selection.
        models: the allowed models, in the order given; for a namespace, the one selected.
        default_model: one of ``models``.
        renamed: the stored id of each model that has another id now; with it, ``models`` have current ids.
    """

    id: int
    namespace_id: int | None
    feature: str
    category: str
    models: tuple[str, ...]
    default_model: str
    created_at: datetime
    updated_at: datetime
    renamed: Mapping[str, str] = MappingProxyType({})

    def with_current_ids(self, aliases: Mapping[str, str]) -> "Selection":
        """Return the selection with the current id of each model that was selected by an earlier one."""
        if aliases.keys().isdisjoint(self.models):
            return self
        renamed = {aliases[model]: model for model in self.models if model in aliases}
        models = tuple(dict.fromkeys(aliases.get(model, model) for model in self.models))
        default_model = aliases.get(self.default_model, self.default_model)
        return self._replace(models=models, default_model=default_model, renamed=renamed)


def selected_for(namespace_id: int | None) -> ColumnElement[bool]:
    """Return the condition for the selections of the instance and, if given, of a namespace."""
    by_instance = selected_features.c.namespace_id.is_(None)
    return by_instance if namespace_id is None else by_instance | (selected_features.c.namespace_id == namespace_id)


_TIMESTAMP = selected_features.c.created_at.type
_SELECTIONS = (
    # A selection has a row for each of its models. Its timestamps are converted once, not in each row.
    select(
        *(selected_features.c[name] for name in ("id", "namespace_id", "feature", "feature_category", "default_model")),
        *(type_coerce(selected_features.c[name], NullType()).label(name) for name in ("created_at", "updated_at")),
        selected_models.c.model,
    )
    .join(selected_models, selected_models.c.instance_ai_feature_id == selected_features.c.id)
    .order_by(selected_features.c.id, selected_models.c.id)
)


def load_selections(connection: Connection, condition: ColumnElement[bool]) -> Iterator[Selection]:
    """Yield the selections that meet a condition on ``instance_ai_features``, with one statement."""
    dialect = connection.dialect
    to_datetime: Any = _TIMESTAMP.dialect_impl(dialect).result_processor(dialect, None)
    for id_, group in groupby(connection.execute(_SELECTIONS.where(condition)), key=attrgetter("id")):
        rows = list(group)
        first = rows[0]
        yield Selection(
            id_,
            first.namespace_id,
            first.feature,
            first.feature_category,
            tuple(row.model for row in rows),
            first.default_model,
            to_datetime(first.created_at),
            to_datetime(first.updated_at),
        )

"""Selections: which models an admin allows for a feature, and which of them is the default."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, type_coerce
from sqlalchemy.types import NullType

from roster.instance.auth.actor_names import display_name_of, is_actor
from roster.instance.database.tables import selected_features, selected_models, selection_versions, tokens

SelectionKey = tuple[int | None, str]
"""A namespace, None for the instance, and a feature."""


class SelectionMode(StrEnum):
    """What an admin decides for a feature; the roster decides the rest.

    ``ROSTER`` is the mode without a selection: the roster's default, and every model is allowed. With ``OWN_DEFAULT``
    every model is allowed, too, also one that is offered later. With ``CHOSEN_MODELS`` only those selected are.
    """

    ROSTER = "roster"
    OWN_DEFAULT = "own_default"
    CHOSEN_MODELS = "chosen_models"


class SelectionVersion(NamedTuple):
    """The version of what is selected for a feature: how often it was changed, by whom last, and when.

    Attributes:
        changed_by: the display name of the actor.
    """

    number: int
    changed_by: str
    changed_at: datetime
    row_id: int

    def describe(self, feature: str) -> str:
        """Return who made the latest change of the selection for a feature and when, as the start of a sentence."""
        moment = f"{self.changed_at:%Y-%m-%d at %H:%M} UTC"
        return f"{self.changed_by} changed the selection for {feature} on {moment}"


class Selection(NamedTuple):
    """A selection for one feature.

    Attributes:
        namespace_id: the namespace that it belongs to; None for the instance.
        category: the feature's category at the time of the selection.
        models: the selected models, in the order given: the allowed ones, or only the default if all are allowed; for
            a namespace, its model.
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
    mode: SelectionMode = SelectionMode.CHOSEN_MODELS

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """The models that namespaces may select; None if every model is allowed."""
        return self.models if self.mode is SelectionMode.CHOSEN_MODELS else None

    def with_current_ids(self, aliases: Mapping[str, str]) -> "Selection":
        """Return the selection with the current id of each model that was selected by an earlier one."""
        if aliases.keys().isdisjoint(self.models):
            return self
        renamed = {aliases[model]: model for model in self.models if model in aliases}
        models = tuple(dict.fromkeys(aliases.get(model, model) for model in self.models))
        default_model = aliases.get(self.default_model, self.default_model)
        return self._replace(models=models, default_model=default_model, renamed=renamed)


class VersionedSelection(NamedTuple):
    """What is stored for a feature: the version, and the selection unless it was deleted."""

    namespace_id: int | None
    feature: str
    version: SelectionVersion
    selection: Selection | None

    @property
    def key(self) -> SelectionKey:
        """The namespace and the feature."""
        return self.namespace_id, self.feature


def selected_for(*namespace_ids: int | None) -> ColumnElement[bool]:
    """Return the condition for the versions of the selections of the instance and of namespaces."""
    namespace_id = selection_versions.c.namespace_id
    numbers = {each for each in namespace_ids if each is not None}
    return namespace_id.is_(None) | namespace_id.in_(numbers) if numbers else namespace_id.is_(None)


_TIMESTAMP = selected_features.c.created_at.type
_COLUMNS = (
    # A selection has a row for each of its models. Its timestamps are converted once, not in each row.
    *(selected_features.c[name] for name in ("id", "namespace_id", "feature", "feature_category", "default_model")),
    selected_features.c.mode,
    *(type_coerce(selected_features.c[name], NullType()).label(name) for name in ("created_at", "updated_at")),
    selected_models.c.model,
)
_SELECTED_MODELS = selected_models.c.instance_ai_feature_id == selected_features.c.id
_OF_INSTANCE = 0
_SAME_SELECTION = and_(
    selected_features.c.feature == selection_versions.c.feature,
    func.coalesce(selected_features.c.namespace_id, _OF_INSTANCE)
    == func.coalesce(selection_versions.c.namespace_id, _OF_INSTANCE),
)
_VERSIONS = (
    select(
        *_COLUMNS,
        *(column.label(f"version_{column.name}") for column in selection_versions.c),
        display_name_of(selection_versions.c.updated_by).label("version_changed_by"),
    )
    .select_from(
        selection_versions.outerjoin(tokens, is_actor(selection_versions.c.updated_by))  # once, not for each model
        .outerjoin(selected_features, _SAME_SELECTION)
        .outerjoin(selected_models, _SELECTED_MODELS)
    )
    .order_by(selection_versions.c.id, selected_models.c.id)
)


def load_versioned_selections(connection: Connection, *namespace_ids: int | None) -> list[VersionedSelection]:
    """Return what is stored for the features of the instance and of namespaces, with one statement."""
    to_datetime = _timestamp_reader(connection)
    rows_of_all = connection.execute(_VERSIONS.where(selected_for(*namespace_ids)))
    stored = []
    for _, group in groupby(rows_of_all, key=attrgetter("version_id")):
        rows: list[Any] = list(group)
        first = rows[0]
        version = SelectionVersion(
            first.version_version, first.version_changed_by, first.version_updated_at, first.version_id
        )
        selection = None if first.id is None else _selection(rows, to_datetime)
        stored.append(VersionedSelection(first.version_namespace_id, first.version_feature, version, selection))
    return stored


def _timestamp_reader(connection: Connection) -> Callable[[Any], Any]:
    reader: Any = _TIMESTAMP.dialect_impl(connection.dialect).result_processor(connection.dialect, None)
    return reader  # type: ignore[no-any-return]


def _selection(rows: Sequence[Row[Any]], to_datetime: Callable[[Any], Any]) -> Selection:
    """Return a selection from the rows of its models."""
    first = rows[0]
    return Selection(
        first.id,
        first.namespace_id,
        first.feature,
        first.feature_category,
        tuple(row.model for row in rows),
        first.default_model,
        to_datetime(first.created_at),
        to_datetime(first.updated_at),
        mode=SelectionMode(first.mode),
    )

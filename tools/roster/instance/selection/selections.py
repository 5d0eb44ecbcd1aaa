"""What admins chose: which models may be used for a feature, and which of them is its default."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select, type_coerce
from sqlalchemy.types import NullType

from roster.instance.database.tables import selected_features, selected_models


class Selection(NamedTuple):
    """A choice for one feature.

    Attributes:
        namespace_id: whose choice it is; None for the instance's own.
        category: the feature's, when it was chosen.
        models: the allowed ones, in the order in which they were given; of a namespace, the one that it chose.
        default_model: one of ``models``.
    """

    id: int
    namespace_id: int | None
    feature: str
    category: str
    models: tuple[str, ...]
    default_model: str
    created_at: datetime
    updated_at: datetime


def is_instance_selection() -> ColumnElement[bool]:
    """Return what the instance's own choices have in common."""
    return selected_features.c.namespace_id.is_(None)


_MOMENT = selected_features.c.created_at.type
_CHOICES = (
    # A choice has a row for each of its models: its moments are converted once, not with each of them.
    select(
        *(selected_features.c[name] for name in ("id", "namespace_id", "feature", "feature_category", "default_model")),
        *(type_coerce(selected_features.c[name], NullType()) for name in ("created_at", "updated_at")),
        selected_models.c.model,
    )
    .join(selected_models, selected_models.c.instance_ai_feature_id == selected_features.c.id)
    .order_by(selected_features.c.id, selected_models.c.id)
)


def load_selections(connection: Connection, which: ColumnElement[bool]) -> Iterator[Selection]:
    """Yield the choices for which a condition on ``instance_ai_features`` holds, with one statement."""
    moment: Any = _MOMENT.dialect_impl(connection.dialect).result_processor(connection.dialect, None)
    for _, rows in groupby(connection.execute(_CHOICES.where(which)), key=itemgetter(0)):
        first: Any
        first, *others = rows
        id_, namespace_id, feature, category, default, created_at, updated_at, model = first
        models = (model, *(row[-1] for row in others))
        yield Selection(id_, namespace_id, feature, category, models, default, moment(created_at), moment(updated_at))

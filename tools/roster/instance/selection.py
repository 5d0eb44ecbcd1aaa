"""What admins chose: which models may be used for a feature, and which of them is its default."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, select

from roster.instance.tables import feature_models, features


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


def of_instance() -> ColumnElement[bool]:
    """Return what the instance's own choices have in common."""
    return features.c.namespace_id.is_(None)


def load(connection: Connection, which: ColumnElement[bool]) -> Iterator[Selection]:
    """Yield the choices for which a condition on ``instance_ai_features`` holds, with one statement."""
    statement = (
        select(features, feature_models.c.model)
        .join(feature_models, feature_models.c.instance_ai_feature_id == features.c.id)
        .where(which)
        .order_by(features.c.id, feature_models.c.id)
    )
    for _, rows in groupby(connection.execute(statement), key=lambda row: row.id):
        yield _selection(list(rows))


def _selection(rows: list[Row[Any]]) -> Selection:
    first, models = rows[0], tuple(row.model for row in rows)
    return Selection(
        first.id,
        first.namespace_id,
        first.feature,
        first.feature_category,
        models,
        first.default_model,
        first.created_at,
        first.updated_at,
    )

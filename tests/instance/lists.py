"""Offered lists for tests: made in a line, and stored as a sync would."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert

from roster.consume.accepted import Tombstone
from roster.instance import listing, tables
from roster.instance.offered import End, OfferedFeature, OfferedList, OfferedModel
from roster.instance.state import load

NOW = datetime(2026, 8, 5, 12, 0, 30, tzinfo=UTC)
LAST_DAY = date(2026, 12, 1)


def a_model(id_: str, *, offered: bool = True, state: str = "GA") -> OfferedModel:
    return OfferedModel(id_, f"GitLab: {id_}", state, "Bedrock", None, "$$", offered)


def a_list(
    serving: Mapping[str, Sequence[str]],
    defaults: Mapping[str, str | None] | None = None,
    retired: Mapping[tuple[str, str], str] | None = None,
    gone: Sequence[str] = (),
    ends: Mapping[tuple[str, str], End] | None = None,
) -> OfferedList:
    """Return a list by which models serve each feature; the first one is its default unless it is given.

    ``retired`` gives replacements by model and feature, ``ends`` what is announced likewise; ``gone`` are models that
    were offered once.
    """
    defaults = {feature: next(iter(ids), None) for feature, ids in serving.items()} | dict(defaults or {})
    features = {
        name: OfferedFeature(
            name, f"Title of {name}", "code_suggestions", defaults[name], "list", bool(ids),
            {id_: (ends or {}).get((id_, name)) for id_ in ids},
        )
        for name, ids in sorted(serving.items(), key=lambda item: not item[1])
    }  # fmt: skip
    models = {id_: a_model(id_) for ids in serving.values() for id_ in ids}
    models |= {id_: a_model(id_, offered=False) for id_ in gone}
    stones = {
        (model, feature): Tombstone(model, LAST_DAY, heir, (feature,) if feature else ())
        for (model, feature), heir in (retired or {}).items()
    }
    return OfferedList(features, models, stones)


def store(connection: Connection, offered: OfferedList, version: int = 1) -> None:
    """Write a list in the place of the one that is there, as a sync does."""
    listing.write(connection, load(connection), offered)
    connection.execute(delete(tables.lists))
    connection.execute(
        insert(tables.lists).values(
            id=1, version=version, kind="definitions", source="https://gateway.test/v1/models/definitions",
            etag='"1"', digest=f"{version:064}", replaced_at=NOW,
        )
    )  # fmt: skip


def choose(connection: Connection, feature: str, *models: str, namespace_id: int | None = None) -> int:
    """Store a choice, whose first model is its default; return its row's id."""
    if namespace_id is not None:
        connection.execute(insert(tables.namespaces).values(id=namespace_id))
    made = connection.execute(
        insert(tables.features).values(
            namespace_id=namespace_id, created_at=NOW, updated_at=NOW, feature_category="code_suggestions",
            feature=feature, default_model=models[0],
        )
    )  # fmt: skip
    (row,) = made.inserted_primary_key or (0,)
    rows = [{"instance_ai_feature_id": row, "model": model} for model in models]
    connection.execute(insert(tables.feature_models), rows)
    return int(row)

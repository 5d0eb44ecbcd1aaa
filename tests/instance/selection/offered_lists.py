"""Offered lists for tests, and storing lists and selections in a database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert

from roster.accept.accepted_list import Tombstone
from roster.instance.database.tables import lists, namespaces, selected_features, selected_models, selection_versions
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.offered_list_storage import load_offered_list, store_offered_list

NOW = datetime(2026, 8, 5, 12, 0, 30, tzinfo=UTC)
LAST_DAY = date(2026, 12, 1)


def offered_model(id_: str, offered: bool = True, state: str = "GA") -> ListedModel:
    return ListedModel(id_, f"GitLab: {id_}", state, "Bedrock", f"What {id_} is good at", "$$", offered)


def offered_feature(
    name: str, *models: str, default: str | None = None, ends: dict[str, OfferedRetirement] | None = None
) -> OfferedFeature:
    """Return a feature served by some models; its default is the first one, unless given."""
    serving: dict[str, OfferedRetirement | None] = {id_: (ends or {}).get(id_) for id_ in models}
    default = default or next(iter(models), None)
    return OfferedFeature(name, name.capitalize(), f"{name}_category", default, "list", bool(models), serving)


def list_of_features(
    *features: OfferedFeature, gone: tuple[str, ...] = (), retired: tuple[Tombstone, ...] = ()
) -> OfferedList:
    """Return a list of features and the models that serve them; ``gone`` are models of an earlier list."""
    models = {id_: offered_model(id_) for feature in features for id_ in feature.models}
    models |= {id_: offered_model(id_, offered=False) for id_ in gone}
    tombstones = {(tombstone.id, name): tombstone for tombstone in retired for name in tombstone.features or ("",)}
    return OfferedList({feature.name: feature for feature in features}, models, tombstones)


OPUS_RETIREMENT = OfferedRetirement(date(2026, 8, 5), date(2026, 12, 1), "sonnet")
SMALL_LIST = list_of_features(
    offered_feature("chat", "haiku", "sonnet", "opus", ends={"opus": OPUS_RETIREMENT}),
    offered_feature("code", "sonnet", "codestral"),
    offered_feature("summary"),
    gone=("old", "older"),
    retired=(Tombstone("old", date(2026, 6, 30), "sonnet"), Tombstone("older", date(2025, 6, 30), "nobody", ("chat",))),
)
"""Three features, one without models, and two retired models, one without a replacement that is offered."""


def list_serving(
    serving: Mapping[str, Sequence[str]],
    defaults: Mapping[str, str | None] | None = None,
    retired: Mapping[tuple[str, str], str] | None = None,
    gone: Sequence[str] = (),
    ends: Mapping[tuple[str, str], OfferedRetirement] | None = None,
) -> OfferedList:
    """Return a list by the models that serve each feature; a feature's default is its first model, unless given.

    ``retired`` gives replacements and ``ends`` announced retirements, by model and feature; ``gone`` are models of an
    earlier list.
    """
    defaults = {feature: next(iter(ids), None) for feature, ids in serving.items()} | dict(defaults or {})
    features = {
        name: OfferedFeature(
            name, f"Title of {name}", "code_suggestions", defaults[name], "list", bool(ids),
            {id_: (ends or {}).get((id_, name)) for id_ in ids},
        )
        for name, ids in sorted(serving.items(), key=lambda item: not item[1])
    }  # fmt: skip
    models = {id_: offered_model(id_) for ids in serving.values() for id_ in ids}
    models |= {id_: offered_model(id_, offered=False) for id_ in gone}
    tombstones = {
        (id_, name): Tombstone(id_, LAST_DAY, replacement, (name,) if name else ())
        for (id_, name), replacement in (retired or {}).items()
    }
    return OfferedList(features, models, tombstones)


def large_list(features: int, models: int, serves: int | None = None) -> OfferedList:
    """Return a list in which every model serves ``serves`` features; by default, all of them."""
    serves = features if serves is None else serves
    names = [f"feature_{number:03}" for number in range(features)]
    serving: dict[str, list[str]] = {name: [] for name in names}
    for number in range(models):
        for offset in range(serves):
            serving[names[(number + offset) % features]].append(f"model_{number:03}")
    end = OfferedRetirement(date(2026, 8, 5), date(2026, 12, 1), "model_000")
    return list_of_features(*(offered_feature(name, *ids, ends={ids[-1]: end}) for name, ids in serving.items()))


def store_list(connection: Connection, offered: OfferedList, version: int = 1) -> None:
    """Replace the stored list, as a sync does."""
    store_offered_list(connection, load_offered_list(connection), offered)
    connection.execute(delete(lists))
    connection.execute(
        insert(lists).values(
            id=1, version=version, kind="definitions", source="https://gateway.test/v1/models/definitions",
            etag='"1"', digest=f"{version:064}", replaced_at=NOW,
        )
    )  # fmt: skip


def store_selection(
    connection: Connection, feature: str, *models: str, namespace_id: int | None = None, version: int | None = 1
) -> int:
    """Store a selection, whose default is its first model, and return its id. Earlier migrations have no version."""
    if namespace_id is not None:
        connection.execute(insert(namespaces).values(id=namespace_id))
    statement = insert(selected_features).values(
        namespace_id=namespace_id, created_at=NOW, updated_at=NOW, feature_category="code_suggestions",
        feature=feature, default_model=models[0],
    )  # fmt: skip
    id_ = int(connection.execute(statement.returning(selected_features.c.id)).scalar_one())
    connection.execute(insert(selected_models), [{"instance_ai_feature_id": id_, "model": model} for model in models])
    if version is not None:
        values = {"version": version, "updated_by": "somebody", "updated_at": NOW}
        connection.execute(insert(selection_versions).values(namespace_id=namespace_id, feature=feature, **values))
    return id_

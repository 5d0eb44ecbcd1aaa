"""AcceptedModel lists for tests, and how they and choices come into a database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert

from roster.accept.accepted_list import Tombstone
from roster.instance.database.tables import lists, namespaces, selected_features, selected_models
from roster.instance.selection.offered_list import OfferedFeature, OfferedList, OfferedModel, OfferedRetirement
from roster.instance.selection.offered_list_storage import load_offered_list, store_offered_list

NOW = datetime(2026, 8, 5, 12, 0, 30, tzinfo=UTC)
LAST_DAY = date(2026, 12, 1)


def model(id_: str, offered: bool = True, state: str = "GA") -> OfferedModel:
    return OfferedModel(id_, f"GitLab: {id_}", state, "Bedrock", f"What {id_} is good at", "$$", offered)


def feature(
    name: str, *models: str, default: str | None = None, ends: dict[str, OfferedRetirement] | None = None
) -> OfferedFeature:
    """A feature that models serve; the first one is its default, unless another is named."""
    serving: dict[str, OfferedRetirement | None] = {id_: (ends or {}).get(id_) for id_ in models}
    default = default or next(iter(models), None)
    return OfferedFeature(name, name.capitalize(), f"{name}_category", default, "list", bool(models), serving)


def offered(*serving: OfferedFeature, gone: tuple[str, ...] = (), retired: tuple[Tombstone, ...] = ()) -> OfferedList:
    """A list of features and of all models that serve them; ``gone`` are models that were offered once."""
    models = {id_: model(id_) for each in serving for id_ in each.models}
    models |= {id_: model(id_, offered=False) for id_ in gone}
    stones = {(stone.id, name): stone for stone in retired for name in stone.features or ("",)}
    return OfferedList({each.name: each for each in serving}, models, stones)


SMALL = offered(
    feature(
        "chat",
        "haiku",
        "sonnet",
        "opus",
        ends={"opus": OfferedRetirement(date(2026, 8, 5), date(2026, 12, 1), "sonnet")},
    ),
    feature("code", "sonnet", "codestral"),
    feature("summary"),
    gone=("old", "older"),
    retired=(Tombstone("old", date(2026, 6, 30), "sonnet"), Tombstone("older", date(2025, 6, 30), "nobody", ("chat",))),
)
"""Three features, one of which nothing serves any more, and two retired models, one of them without an heir."""


def a_list(
    serving: Mapping[str, Sequence[str]],
    defaults: Mapping[str, str | None] | None = None,
    retired: Mapping[tuple[str, str], str] | None = None,
    gone: Sequence[str] = (),
    ends: Mapping[tuple[str, str], OfferedRetirement] | None = None,
) -> OfferedList:
    """Return a list by which models serve each feature; the first one is its default unless it is given.

    ``retired`` gives replacements by model and feature, ``ends`` what is announced likewise; ``gone`` are models that
    were offered once.
    """
    defaults = {feature: next(iter(ids), None) for feature, ids in serving.items()} | dict(defaults or {})
    selected_features = {
        name: OfferedFeature(
            name, f"Title of {name}", "code_suggestions", defaults[name], "list", bool(ids),
            {id_: (ends or {}).get((id_, name)) for id_ in ids},
        )
        for name, ids in sorted(serving.items(), key=lambda item: not item[1])
    }  # fmt: skip
    models = {id_: model(id_) for ids in serving.values() for id_ in ids}
    models |= {id_: model(id_, offered=False) for id_ in gone}
    stones = {
        (id_, name): Tombstone(id_, LAST_DAY, heir, (name,) if name else ())
        for (id_, name), heir in (retired or {}).items()
    }
    return OfferedList(selected_features, models, stones)


def large(selected_features: int, models: int, serves: int | None = None) -> OfferedList:
    """A list in which every model serves that many features, all of them without a number."""
    serves = selected_features if serves is None else serves
    names = [f"feature_{number:03}" for number in range(selected_features)]
    serving: dict[str, list[str]] = {name: [] for name in names}
    for number in range(models):
        for offset in range(serves):
            serving[names[(number + offset) % selected_features]].append(f"model_{number:03}")
    end = OfferedRetirement(date(2026, 8, 5), date(2026, 12, 1), "model_000")
    return offered(*(feature(name, *ids, ends={ids[-1]: end}) for name, ids in serving.items()))


def store(connection: Connection, offered: OfferedList, version: int = 1) -> None:
    """Write a list in the place of the one that is there, as a sync does."""
    store_offered_list(connection, load_offered_list(connection), offered)
    connection.execute(delete(lists))
    connection.execute(
        insert(lists).values(
            id=1, version=version, kind="definitions", source="https://gateway.test/v1/models/definitions",
            etag='"1"', digest=f"{version:064}", replaced_at=NOW,
        )
    )  # fmt: skip


def choose(connection: Connection, feature: str, *models: str, namespace_id: int | None = None) -> int:
    """Store a choice, whose first model is its default; return its row's id."""
    if namespace_id is not None:
        connection.execute(insert(namespaces).values(id=namespace_id))
    made = connection.execute(
        insert(selected_features).values(
            namespace_id=namespace_id, created_at=NOW, updated_at=NOW, feature_category="code_suggestions",
            feature=feature, default_model=models[0],
        )
    )  # fmt: skip
    (row,) = made.inserted_primary_key or (0,)
    rows = [{"instance_ai_feature_id": row, "model": model} for model in models]
    connection.execute(insert(selected_models), rows)
    return int(row)

"""Offered lists for tests, and how they come into a database."""

from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert

from roster.consume.accepted import Tombstone
from roster.instance.listing import write
from roster.instance.offered import End, OfferedFeature, OfferedList, OfferedModel
from roster.instance.state import load
from roster.instance.tables import lists


def model(id_: str, offered: bool = True, state: str = "GA") -> OfferedModel:
    return OfferedModel(id_, f"GitLab: {id_}", state, "Provider", f"What {id_} is good at", "$$", offered)


def feature(name: str, *models: str, default: str | None = None, ends: dict[str, End] | None = None) -> OfferedFeature:
    """A feature that models serve; the first one is its default, unless another is named."""
    serving: dict[str, End | None] = {id_: (ends or {}).get(id_) for id_ in models}
    default = default or next(iter(models), None)
    return OfferedFeature(name, name.capitalize(), f"{name}_category", default, "list", bool(models), serving)


def offered(*features: OfferedFeature, gone: tuple[str, ...] = (), retired: tuple[Tombstone, ...] = ()) -> OfferedList:
    """A list of features and of all models that serve them; ``gone`` are models that were offered once."""
    models = {id_: model(id_) for each in features for id_ in each.models}
    models |= {id_: model(id_, offered=False) for id_ in gone}
    stones = {(stone.id, name): stone for stone in retired for name in stone.features or ("",)}
    return OfferedList({each.name: each for each in features}, models, stones)


SMALL = offered(
    feature("chat", "haiku", "sonnet", "opus", ends={"opus": End(date(2026, 8, 5), date(2026, 12, 1), "sonnet")}),
    feature("code", "sonnet", "codestral"),
    feature("summary"),
    gone=("old", "older"),
    retired=(Tombstone("old", date(2026, 6, 30), "sonnet"), Tombstone("older", date(2025, 6, 30), "nobody", ("chat",))),
)
"""Three features, one of which nothing serves any more, and two retired models, one of them without an heir."""


def large(features: int, models: int, serves: int | None = None) -> OfferedList:
    """A list in which every model serves that many features, all of them without a number."""
    serves = features if serves is None else serves
    names = [f"feature_{number:03}" for number in range(features)]
    serving: dict[str, list[str]] = {name: [] for name in names}
    for number in range(models):
        for offset in range(serves):
            serving[names[(number + offset) % features]].append(f"model_{number:03}")
    end = End(date(2026, 8, 5), date(2026, 12, 1), "model_000")
    return offered(*(feature(name, *ids, ends={ids[-1]: end}) for name, ids in serving.items()))


def store(connection: Connection, wanted: OfferedList, version: int = 1) -> None:
    """Make a list the one that is stored."""
    write(connection, load(connection), wanted)
    connection.execute(delete(lists))
    about = {"kind": "definitions", "source": "https://gateway.example.com", "digest": "0" * 64}
    moment = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    connection.execute(insert(lists).values(id=1, version=version, replaced_at=moment, **about))

"""What is not the same in all environments, and what is announced for some of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from roster.catalogue.public_model import Ending, Offer, PublicModel, Stop
from roster.display_text import day
from roster.naming import join_names
from roster.registries import Feature

_MAX_TITLES = 3
"""How many features a row of differences names."""


class Difference(NamedTuple):
    """A fact of a model, or how it serves some features, that is not the same everywhere.

    Attributes:
        label: the label of the fact, or the titles of the features.
        values: a text for each environment that has the model.
    """

    label: str
    values: Mapping[str, str]


class Notice(NamedTuple):
    """A retirement or a suspension that is the same in some environments."""

    environments: str
    ending: Ending | None
    stop: Stop | None


def differences(
    models: Mapping[str, PublicModel], environments: Iterable[str], features: Iterable[Feature]
) -> list[Difference]:
    """Return in what a model differs between environments.

    Args:
        models: the model in each environment that has it.
        environments: all environments.
    """
    rows = [Difference("Offered", {name: _status(models.get(name)) for name in environments})]
    if len(models) > 1:
        rows += [*_fact_rows(models), *_offer_rows(models, features)]
    return [row for row in rows if len(set(row.values.values())) > 1]


def notices(models: Mapping[str, PublicModel]) -> list[Notice]:
    """Return the retirements and suspensions of a model, with the environments that have them."""
    endings: dict[Ending, list[str]] = {}
    stops: dict[Stop, list[str]] = {}
    for name, model in models.items():
        for ending in model.endings:
            endings.setdefault(ending, []).append(name)
        if model.stop:
            stops.setdefault(model.stop, []).append(name)
    return [
        *(Notice(join_names(names), ending, None) for ending, names in endings.items()),
        *(Notice(join_names(names), None, stop) for stop, names in stops.items()),
    ]


def _fact_rows(models: Mapping[str, PublicModel]) -> Iterator[Difference]:
    for label in dict.fromkeys(label for model in models.values() for label in model.facts):
        yield Difference(label, {name: model.facts.get(label, "none") for name, model in models.items()})
    yield Difference("Retirement", {name: _retirement(model) for name, model in models.items()})


def _offer_rows(models: Mapping[str, PublicModel], features: Iterable[Feature]) -> Iterator[Difference]:
    """Yield a row for the features that the model serves alike, where that differs between environments."""
    titles: dict[tuple[str, ...], list[str]] = {}
    offered = {name: model for name, model in models.items() if model.offers}
    for feature in features:
        values = tuple(_words(model.offers.get(feature.name)) for model in offered.values())
        titles.setdefault(values, []).append(feature.title)
    for values, names in titles.items():
        yield Difference(join_names(names, limit=_MAX_TITLES), dict(zip(offered, values, strict=True)))


def _status(model: PublicModel | None) -> str:
    if model is None or model.status == "retired":
        return "no"
    return "suspended" if model.status == "suspended" else "yes"


def _retirement(model: PublicModel) -> str:
    days = [f"after {day(each.last_day)}" for each in model.endings]
    return join_names(days) if days else "none"


def _words(offer: Offer | None) -> str:
    return offer.words if offer else "not offered"

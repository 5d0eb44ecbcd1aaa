"""What scripts search and filter: models with their facts, and which of them can serve each feature."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from roster.instance.selection.offered_list import ListedModel, OfferedList
from roster.model import ReleaseState

RETIRING, SUSPENDED = "RETIRING", "SUSPENDED"
"""The states of a model whose retirement is announced, and of one that serves nothing until its suspension ends."""
STATES: tuple[str, ...] = (*ReleaseState, RETIRING, SUSPENDED)


class FilterChoices(NamedTuple):
    """The values of each filter: those that at least one model has; for ``eu-west-1``, also the area ``eu``."""

    provider: tuple[str, ...]
    state: tuple[str, ...]
    region: tuple[str, ...]
    capability: tuple[str, ...]


class SearchView(NamedTuple):
    """The filters, and the data on which they work, to be written as JSON."""

    choices: FilterChoices
    data: Mapping[str, Any]


def build_search(offered: OfferedList, features: Iterable[str], today: date) -> SearchView:
    """Build the search over features. Most features are served by the same models, so equal sets are written once."""
    models = [model for model in offered.models.values() if model.offered]
    position = {model.id: number for number, model in enumerate(models)}
    sets: list[dict[str, Any]] = []
    set_by_feature: dict[str, int] = {}
    for feature in features:
        serving = _serving(offered, feature, position, today)
        if serving not in sets:
            sets.append(serving)
        set_by_feature[feature] = sets.index(serving)
    states = {model.release_state for model in models}.union(*(serving["states"].values() for serving in sets))
    if any(serving["retiring"] for serving in sets):
        states.add(RETIRING)
    data = {"models": facts_by_name(models), "sets": sets, "features": set_by_feature}
    return SearchView(filter_choices(models, states), data)


def _serving(offered: OfferedList, name: str, position: Mapping[str, int], today: date) -> dict[str, Any]:
    """Return which models can serve a feature, which of them retire, and the states that differ from the model's."""
    feature = offered.features.get(name)
    models = {id_: end for id_, end in (feature.models if feature else {}).items() if id_ in position}
    return {
        "models": [position[id_] for id_ in models],
        "retiring": [position[id_] for id_, end in models.items() if end and end.is_announced(today)],
        "states": {position[id_]: state for id_, state in (feature.release_states if feature else {}).items()},
    }


def facts_by_name(models: Sequence[ListedModel]) -> dict[str, list[Any]]:
    """Return the facts of models that are searched and filtered: for each fact, the values of all models."""
    return {
        "id": [model.id for model in models],
        "name": [model.name for model in models],
        "provider": [model.provider or "" for model in models],
        "state": [model.release_state for model in models],
        "regions": [model.processed_in for model in models],
        "capabilities": [model.capabilities for model in models],
    }


def filter_choices(models: Sequence[ListedModel], states: Collection[str]) -> FilterChoices:
    """Return the values of the filters, with the given states."""
    areas = (area for model in models for region in model.processed_in for area in (region, region.partition("-")[0]))
    return FilterChoices(
        provider=_sorted(model.provider for model in models if model.provider),
        state=tuple(state for state in STATES if state in states),
        region=_sorted(areas),
        capability=_sorted(capability for model in models for capability in model.capabilities),
    )


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values), key=lambda value: (value.casefold(), value)))

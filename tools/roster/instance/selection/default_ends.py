"""The next announced end of a model that is a default: the roster's, the instance's, or selected by a namespace."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.selections import Selection


class DefaultEnd(NamedTuple):
    """The announced last day of a model that is a default of a feature."""

    last_day: date
    feature: str
    model: str


def next_default_ends(
    offered: OfferedList, instance: Mapping[str, Selection], counts: NamespaceCounts, today: date
) -> dict[str, DefaultEnd]:
    """Return the next end by the level of the default; a level without one is missing."""
    defaults = {
        "roster": ((name, model) for name, feature in offered.features.items() for model in _defaults(feature)),
        "instance": ((name, selection.default_model) for name, selection in instance.items()),
        "namespace": ((name, model) for name, models in counts.items() for model in models),
    }
    ends = {level: min(_ends(offered, pairs, today), default=None) for level, pairs in defaults.items()}
    return {level: end for level, end in ends.items() if end}


def _defaults(feature: OfferedFeature) -> Iterable[str]:
    return {*feature.shares, *([feature.default] if feature.default else [])}


def _ends(offered: OfferedList, defaults: Iterable[tuple[str, str]], today: date) -> Iterator[DefaultEnd]:
    for name, model in defaults:
        feature = offered.features.get(name)
        retirement = feature.models.get(model) if feature else None
        if retirement and retirement.last_day and retirement.is_announced(today):
            yield DefaultEnd(retirement.last_day, name, model)

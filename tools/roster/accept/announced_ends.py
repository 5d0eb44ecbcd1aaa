"""Announced ends of offered models, read from the definitions of a list."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from roster.schema.compilation import is_date


class AnnouncedEnd(NamedTuple):
    """The announced end of an offered model for a feature.

    Attributes:
        notice, last_day: None where the definitions of another gateway have no date.
        replacement: the id of the model that takes over, if any.
    """

    notice: date | None
    last_day: date | None
    replacement: str | None = None


def announced_ends(definitions: Mapping[str, Any]) -> dict[str, dict[str, AnnouncedEnd]]:
    """Return the ends by model id and feature.

    Only the ids in definitions of ``gateway.json`` are validated, so values of another shape are ignored.
    """
    ends: defaultdict[str, dict[str, AnnouncedEnd]] = defaultdict(dict)
    for model, feature, deprecation in _deprecations(definitions):
        notice, last_day, replacement = map(deprecation.get, ("deprecation_date", "removal_version", "replacement"))
        successor = replacement if isinstance(replacement, str) else None
        end = AnnouncedEnd(day_or_none(notice), day_or_none(last_day), successor)
        if (end.notice or end.last_day) and isinstance(model, str) and isinstance(feature, str):
            ends[model].setdefault(feature, end)
    return dict(ends)


def _deprecations(definitions: Mapping[str, Any]) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    """Yield the id of the model, the feature and the announcement of each end."""
    for entry in definitions.get("unit_primitives", ()):
        for deprecated in _items(entry, "deprecated_models"):
            if isinstance(deprecated, dict):
                yield deprecated.get("identifier"), entry.get("feature"), deprecated
    for model in definitions.get("models", ()):
        if isinstance(deprecation := model.get("deprecation"), dict):
            yield from ((model["identifier"], feature, deprecation) for feature in _items(model, "features"))


def _items(entry: Mapping[str, Any], key: str) -> list[Any]:
    return value if isinstance(value := entry.get(key), list) else []


def day_or_none(value: object) -> date | None:
    """Return the day that a value of definitions is; None if it is none."""
    return date.fromisoformat(value) if isinstance(value, str) and is_date(value) else None

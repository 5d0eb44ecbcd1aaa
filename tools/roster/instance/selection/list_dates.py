"""Dates of the offered list: when models began to serve a feature and stopped, and when a roster default moved.

The gateway does not send them: an instance notes what differs between the lists that it stores. What the list already
had before the instance noted dates has none, which means long ago.
"""

from collections.abc import Mapping
from datetime import datetime

from roster.instance.selection.offered_list import OfferedFeature, OfferedList


def with_dates(before: OfferedList, after: OfferedList, now: datetime) -> OfferedList:
    """Return the list that replaces another one, with the dates of that one, and ``now`` for what differs."""
    earlier_ids: dict[str, list[str]] = {}
    for alias, model in after.aliases.items():
        earlier_ids.setdefault(model, []).append(alias)
    features = {
        name: _with_default_dates(
            feature._replace(offered_since=_offered_since(before.features.get(name), feature, earlier_ids, now)),
            before.features.get(name),
            after,
            now,
        )
        for name, feature in after.features.items()
    }
    after = after._replace(features=features)
    return after._replace(withdrawn=_withdrawn(before, after, now))


def _offered_since(
    before: OfferedFeature | None, feature: OfferedFeature, earlier_ids: Mapping[str, list[str]], now: datetime
) -> Mapping[str, datetime]:
    """Return since when each model serves a feature. A model that was renamed keeps its date, one that returns not."""
    since: dict[str, datetime] = {}
    for model in feature.models:
        served_as = (id_ for id_ in (model, *earlier_ids.get(model, ())) if before and id_ in before.models)
        id_ = next(served_as, None)
        started = now if before is None or id_ is None else before.offered_since.get(id_)
        if started:
            since[model] = started
    return since


def _with_default_dates(
    feature: OfferedFeature, before: OfferedFeature | None, after: OfferedList, now: datetime
) -> OfferedFeature:
    """Return the feature with the time of its default's last move, and the default before. A new id is no move."""
    if before is None:
        return feature._replace(default_since=now, previous_default=None)
    if (before.default and after.current_id(before.default)) == feature.default:
        return feature._replace(default_since=before.default_since, previous_default=before.previous_default)
    return feature._replace(default_since=now, previous_default=before.default)


def _withdrawn(before: OfferedList, after: OfferedList, now: datetime) -> Mapping[tuple[str, str], datetime]:
    """Return since when each model no longer serves a feature that it once served."""
    stopped = {(model, name): now for name, feature in before.features.items() for model in feature.models}
    withdrawn = {
        (after.current_id(model), name): since for (model, name), since in {**stopped, **before.withdrawn}.items()
    }
    return {pair: since for pair, since in withdrawn.items() if not after.serves(*pair)}

"""The changes of a model's optional keys: suspension, aliases, limits, capabilities, regions, retention, settings.

Those that admins read are in ``shown_changes``.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from roster.diff import own_keys, shown_changes
from roster.diff.change import BASE, Change
from roster.diff.kinds import REDIRECTED, Impact
from roster.diff.meaning import is_unreadable, served_features, suspension_meaning
from roster.diff.model_pair import ModelPair
from roster.model import Suspension
from roster.naming import counted, join_names

_LIMITS = {"context_window": "context window", "max_output_tokens": "output limit"}
_GATEWAY = "gateway"


def property_changes(pair: ModelPair) -> Iterator[Change]:
    """Yield the changes of the keys that both versions have readable values of, or none."""
    parts = {
        "suspended": _suspension,
        "aliases": _aliases,
        **dict.fromkeys(_LIMITS, _limit),
        "capabilities": _capabilities,
        "processed_in": _regions,
        "data_retention_days": _retention,
        "provider": shown_changes.provider,
        "cost_indicator": shown_changes.cost,
        "description": shown_changes.description,
        "documentation": shown_changes.documentation,
        _GATEWAY: _gateway_settings,
    }
    for key, part in parts.items():
        differs = key == _GATEWAY or getattr(pair.old, key) != getattr(pair.new, key)
        if differs and not is_unreadable(pair.old, key) and not is_unreadable(pair.new, key):
            yield from part(pair, key)


def _suspension(pair: ModelPair, key: str) -> Iterator[Change]:
    old, new = pair.old.suspended, pair.new.suspended
    values: dict[str, Any] = {"old": suspension_meaning(pair.old), "new": suspension_meaning(pair.new)}
    if any(each and None in each for each in (old, new)):
        return  # a part of it cannot be read
    if new is None:
        yield pair.change_of_key("suspension-ended", key, **values)
        return
    since, features = new.since or date.min, served_features(pair.new)
    defaults = {feature: pair.head.default(feature, since) for feature in features}
    yield pair.change_of_key(
        "suspension-changed" if old else "model-suspended",
        key,
        safe=old is not None and (old.since or date.min) <= since,
        impact=None if all(defaults.values()) else Impact.BREAKING,
        since=str(new.since or "-"),
        reason=new.reason or "-",
        fallbacks=pair.builder.fallbacks(pair.head, features, since),
        moved=_suspension_difference(old, new) if old else "",
        **values,
    )


def _suspension_difference(old: Suspension, new: Suspension) -> str:
    values = {"since": (old.since, new.since), "reason": (old.reason, new.reason)}
    return join_names(f"{key} {before} → {after}" for key, (before, after) in values.items() if before != after)


def _aliases(pair: ModelPair, key: str) -> Iterator[Change]:
    """Yield the added and removed aliases; those that are the id in the other version are part of its change."""
    old, new = ({*model.aliases, model.id} for model in (pair.old, pair.new))
    for alias in sorted(old - new - {pair.old.id, ""}):
        other = pair.head.find(alias)
        effect = REDIRECTED if other else ""
        fallbacks = pair.builder.fallbacks(pair.head, served_features(pair.new), pair.notice.on)
        values = {"old": alias, "effect": effect, "other": pair.builder.name(other), "fallbacks": fallbacks}
        values |= {"alias": alias, "shared": ("", alias)}
        yield pair.change("alias-removed", key, pair.old.aliases.index(alias), side=BASE, **values)
    for alias in sorted(new - old - {pair.new.id, ""}):
        yield pair.change("alias-added", key, pair.new.aliases.index(alias), new=alias, alias=alias, shared=("", alias))


def _limit(pair: ModelPair, key: str) -> Iterator[Change]:
    old, new = (getattr(model, key) for model in (pair.old, pair.new))
    kind = "limit-raised" if (new or 0) > (old or 0) else "limit-lowered"
    words = {side: f"{value:,} tokens" if value else "none" for side, value in (("before", old), ("after", new))}
    yield pair.change_of_key(kind, key, old={key: old}, new={key: new}, limit=_LIMITS[key], **words)


def _capabilities(pair: ModelPair, key: str) -> Iterator[Change]:
    old, new = (set(filter(None, model.capabilities)) for model in (pair.old, pair.new))
    if removed := sorted(old - new):
        yield pair.change_of_key("capability-removed", key, old=removed, capabilities=join_names(removed))
    if added := sorted(new - old):
        yield pair.change_of_key("capability-added", key, new=added, capabilities=join_names(added))


def _regions(pair: ModelPair, key: str) -> Iterator[Change]:
    old, new = (sorted(filter(None, model.processed_in)) for model in (pair.old, pair.new))
    if old != new:
        fewer = bool(new) and (set(new) <= set(old) or not old)
        words = {
            side: join_names(regions) if regions else "unknown regions"
            for side, regions in (("before", old), ("after", new))
        }
        yield pair.change_of_key("regions-changed", key, old=old or None, new=new or None, safe=fewer, **words)


def _retention(pair: ModelPair, key: str) -> Iterator[Change]:
    old, new = pair.old.data_retention_days, pair.new.data_retention_days
    longer = new is None or (old is not None and new > old)
    kind = "data-retention-lengthened" if longer else "data-retention-shortened"
    words = {
        side: "unknown" if days is None else counted(days, "day") for side, days in (("before", old), ("after", new))
    }
    yield pair.change_of_key(kind, key, old=old, new=new, **words)


def _gateway_settings(pair: ModelPair, key: str) -> Iterator[Change]:
    if changed := own_keys.changed_values(pair.old.gateway, pair.new.gateway):
        old, new, moved = changed
        yield pair.change_of_key("gateway-settings-changed", key, old=old, new=new, moved=moved)

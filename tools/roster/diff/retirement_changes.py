"""The changes of a model's retirements: compared for each feature, and reported together where they are the same."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from roster.diff.change import BASE, Change
from roster.diff.kinds import KINDS, Impact
from roster.diff.meaning import NO_FEATURE, endings, is_unreadable, retirement_meaning, served_features, terms
from roster.diff.model_pair import ModelPair
from roster.model import Retirement, days_after
from roster.naming import join_names


def retirement_changes(pair: ModelPair) -> Iterator[Change]:
    """Yield the retirements that were announced, changed and canceled."""
    if is_unreadable(pair.old, "retirement") or is_unreadable(pair.new, "retirement"):
        return
    new = endings(pair.new)
    old = _with_new_ids(endings(pair.old), new, pair)
    groups = defaultdict(list)
    for feature in sorted(old.keys() | new.keys()):
        before, after = old.get(feature), new.get(feature)
        if terms(before) != terms(after):
            groups[terms(before), terms(after)].append(feature)
    if NO_FEATURE in old.keys() ^ new.keys() and old and new:
        yield _without_features(pair, old, new, groups)
    for features in groups.values():
        yield _change(pair, old.get(features[0]), new.get(features[0]), features)


def _with_new_ids(
    old: Mapping[str, Retirement], new: Mapping[str, Retirement], pair: ModelPair
) -> dict[str, Retirement]:
    """Return retirements, those that continue with the new id of their replacement: that it changed is its change."""
    return {
        feature: each._replace(replacement=pair.new_ids.get(each.replacement or "", each.replacement))
        if feature in new
        else each
        for feature, each in old.items()
    }


def _without_features(
    pair: ModelPair, old: Mapping[str, Retirement], new: Mapping[str, Retirement], groups: dict[Any, list[str]]
) -> Change:
    """Return the change of a retirement that ends no served feature in one version, and take it out of the groups.

    Of several retirements in the other version, it is the one with the same terms, or else the first.
    """
    ending, empty = (old, new[NO_FEATURE]) if NO_FEATURE in new else (new, old[NO_FEATURE])
    keys = [key for key, features in groups.items() if features != [NO_FEATURE]]
    key = min(keys, key=lambda key: (terms(empty) not in key, groups[key]))
    features = groups.pop(key)
    groups.pop((None, terms(empty)) if ending is old else (terms(empty), None))
    retirement = ending[features[0]]
    before, after = (retirement, empty) if ending is old else (empty, retirement)
    values: dict[str, Any] = {
        "old": retirement_meaning(before, features if ending is old else ()),
        "new": retirement_meaning(after, features if ending is new else ()),
    }
    if ending is new:
        return _change(pair, None, after, features, "retirement-moved", values)
    return pair.builder.build(
        "retirement-moved",
        pair.head.retirement_at(pair.new, after),
        model=pair.new,
        features=features,
        at_most=Impact.SAFE,
        effect="{Its} retirement no longer ends {features}.",
        moved=_difference(values["old"], values["new"]),
        **values,
    )


def _change(
    pair: ModelPair,
    old: Retirement | None,
    new: Retirement | None,
    features: list[str],
    kind: str = "",
    meanings: Mapping[str, Any] | None = None,
) -> Change:
    values: dict[str, Any] = {
        "model": pair.new,
        "old": retirement_meaning(old, features),
        "new": retirement_meaning(new, features),
        **(meanings or {}),
    }
    values["features"] = features = list(filter(None, features))
    if new is None:
        place = pair.base.retirement_at(pair.old, old or Retirement())
        return pair.builder.build("retirement-cancelled", place, side=BASE, retirement=old, **values)
    successor = _successor(pair, new, features)
    ends_nothing = served_features(pair.old).isdisjoint(features)
    kind = kind or ("retirement-moved" if old else "retirement-announced")
    if successor and (end := pair.notice.forced_end(pair.new, new)):
        values |= {"at_most": Impact.RISKY, "effect": KINDS[kind].forced_effect}
        values |= end.words
    return pair.builder.build(
        kind,
        pair.head.retirement_at(pair.new, new),
        safe=ends_nothing or pair.notice.is_met(new, old, successor),
        impact=Impact.BREAKING if pair.notice.ends_at_once(new, old) else None,
        retirement=new,
        replacement=successor or "no model",
        moved=_difference(values["old"], values["new"]) if values["old"] else "",
        shortfall=pair.notice.shortfall(new, successor),
        **values,
    )


def _successor(pair: ModelPair, retirement: Retirement, features: Collection[str]) -> str:
    """Return who takes over: the replacement, or the features' default; empty if nobody does."""
    if retirement.replacement is not None or not retirement.last_day:
        return pair.builder.name(pair.head.find(retirement.replacement or "")) or retirement.replacement or ""
    day_after = days_after(retirement.last_day, 1)
    successors = [pair.head.announced_default(feature, day_after) for feature in features]
    defaults = {pair.builder.name(default) if default else "" for default in successors}
    if "" in defaults:
        return ""
    return f"the default, {min(defaults)}," if len(defaults) == 1 else "the default of each feature"


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return join_names(
        f"{key.replace('_', ' ')} {_shown(old.get(key))} → {_shown(new.get(key))}"
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    )


def _shown(value: Any) -> str:
    return join_names(value) if value and isinstance(value, list) else str(value or "none")

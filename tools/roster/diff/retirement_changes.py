"""The changes of a model's retirements: compared for each feature, and reported together where they are the same."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from roster.diff.change import BASE, Change
from roster.diff.kinds import KINDS, Impact
from roster.diff.meaning import endings, is_unreadable, retirement_meaning, served_features, terms
from roster.diff.model_pair import ModelPair
from roster.model import Retirement, days_after
from roster.naming import join_names


def retirement_changes(pair: ModelPair) -> Iterator[Change]:
    """Yield the retirements that were announced, changed and canceled."""
    if is_unreadable(pair.old, "retirement") or is_unreadable(pair.new, "retirement"):
        return
    old, new = endings(pair.old), endings(pair.new)
    groups = defaultdict(list)
    for feature in sorted(old.keys() | new.keys()):
        before, after = old.get(feature), new.get(feature)
        if terms(before) != terms(after):
            groups[terms(before), terms(after)].append(feature)
    for features in groups.values():
        yield _change(pair, old.get(features[0]), new.get(features[0]), features)


def _change(pair: ModelPair, old: Retirement | None, new: Retirement | None, features: list[str]) -> Change:
    values: dict[str, Any] = {
        "model": pair.new,
        "old": retirement_meaning(old, features),
        "new": retirement_meaning(new, features),
    }
    values["features"] = features = list(filter(None, features))
    if new is None:
        place = pair.base.retirement_at(pair.old, old or Retirement())
        return pair.builder.build("retirement-cancelled", place, side=BASE, retirement=old, **values)
    successor = _successor(pair, new, features)
    ends_nothing = served_features(pair.old).isdisjoint(features)
    kind = "retirement-moved" if old else "retirement-announced"
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
        moved=_difference(values["old"], values["new"]) if old else "",
        shortfall=pair.notice.shortfall(new, successor),
        **values,
    )


def _successor(pair: ModelPair, retirement: Retirement, features: Collection[str]) -> str:
    """Return who takes over: the replacement, or the features' default; empty if nobody does."""
    if retirement.replacement is not None or not retirement.last_day:
        return retirement.replacement or ""
    day_after = days_after(retirement.last_day, 1)
    defaults = {default.id if (default := pair.head.default(feature, day_after)) else "" for feature in features}
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
    return str(value or "none")

"""What changes for customers between two versions of every roster."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from roster.diff.change import BASE, HEAD, Change, ChangeBuilder, display_name
from roster.diff.feature_changes import ServedRosters, feature_changes, order_change, unexplained_change
from roster.diff.kinds import KINDS, REDIRECTED, Impact
from roster.diff.meaning import defaults_meaning, match_models, model_meaning, roster_meaning, served_features
from roster.diff.model_changes import audience, model_changes
from roster.diff.model_pair import ModelPair
from roster.diff.notice import NoticePolicy
from roster.diff.shown_changes import shown_name
from roster.findings import Place
from roster.model import UNREADABLE_FEATURE, Model, Retirement
from roster.naming import counted, join_names
from roster.registries import Environment, Registries
from roster.render.model_names import names_with_provider
from roster.roster import Roster
from roster.rules.base.promotion_path import Violation

_KIND_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


def diff_rosters(
    base: Mapping[str, Roster],
    head: Mapping[str, Roster],
    policies: Mapping[str, Environment],
    on: date,
    violations: Collection[Violation] = (),
    registries: Registries | None = None,
    base_registries: Registries | None = None,
) -> list[Change]:
    """Return the changes from base to head, by environment, and within one worst first.

    Where a roster could not be read completely, no model is reported as withdrawn or offered that may be in the
    unreadable part.

    Args:
        base, head: the rosters by environment.
        policies: the policies by environment, in the order of the result.
        on: the day that decides what was announced in time.
        violations: the models that do not follow the promotion path.
        registries: those of head, with the ends of models at their providers.
        base_registries: those of base.
    """
    changes: list[Change] = []
    for environment in dict.fromkeys([*policies, *base, *head]):
        old, new, policy = base.get(environment), head.get(environment), policies.get(environment)
        notice = NoticePolicy(policy, on, registries)
        new_ids = {pair[0].id: pair[1].id for pair in match_models(old, new, notice)} if old and new else {}
        builder = ChangeBuilder(environment, policy, _shared_names(old, new, new_ids))
        if old and new:
            path_changes = (_path_change(each, builder) for each in violations if each.entry.roster is new)
            found = [*path_changes, *_RosterDiff(old, new, new_ids, notice, builder).changes()]
            if registries and base_registries:
                rosters = ServedRosters(old, new, base_registries, registries)
                found += feature_changes(rosters, builder)
                found = found or list(unexplained_change(rosters, on, builder))
            changes += sorted(found, key=_order)
        elif roster := old or new:
            changes.append(_environment_change(roster, builder, removed=old is not None))
    return changes


def _shared_names(base: Roster | None, head: Roster | None, new_ids: Mapping[str, str]) -> set[str]:
    """Return the names that several models have, for example at different providers or before and after the change."""
    old, new = ([*roster.by_id.values()] if roster else [] for roster in (base, head))
    withdrawn = [model for model in old if model.id not in new_ids]
    counts = [Counter(map(display_name, models)) for models in (old, [*new, *withdrawn])]
    return {name for counter in counts for name, count in counter.items() if count > 1}


def _order(change: Change) -> tuple[object, ...]:
    return change.impact.rank, _KIND_RANK[change.kind], change.model, change.feature


def _path_change(violation: Violation, builder: ChangeBuilder) -> Change:
    entry, trial = violation
    end = f": allowed from {trial.end}" if trial.end else ""
    return builder.build(
        "trial-shortened" if trial.days else "environment-skipped",
        entry.roster.at(entry.model, entry.differing_key or entry.key or "name"),
        model=entry.model,
        new=_trial_meaning(violation),
        previous=entry.previous.environment,
        state=entry.state(trial),
        requirement=f"{entry.requirement}{end}",
    )


def _trial_meaning(violation: Violation) -> dict[str, Any]:
    """Return the facts of a violation as JSON."""
    entry, trial = violation
    days = {key: str(day) if day else None for key, day in (("entered", trial.since), ("allowed_from", trial.end))}
    return {"previous": entry.previous.environment, "trial_days": entry.trial_days, **days}


def _environment_change(roster: Roster, builder: ChangeBuilder, *, removed: bool) -> Change:
    place, meaning = Place(roster.path), roster_meaning(roster)
    if removed:
        return builder.build("environment-removed", place, old=meaning, side=BASE)
    return builder.build("environment-added", place, new=meaning, count=counted(len(roster.models), "model"))


class _RosterDiff:
    """Compares two versions of one environment's roster."""

    def __init__(
        self, base: Roster, head: Roster, new_ids: dict[str, str], notice: NoticePolicy, builder: ChangeBuilder
    ) -> None:
        self._base, self._head, self._notice, self._builder = base, head, notice, builder
        self._new_ids = new_ids
        offered = ([model for model in roster if model.offered_features(notice.on)] for roster in (base, head))
        self._shown = [names_with_provider(models) for models in offered]

    def changes(self) -> Iterator[Change]:
        """Yield the changes, in no particular order."""
        base, head = self._base, self._head
        for model in base.by_id.values():
            if model.id in self._new_ids:
                new = head.by_id[self._new_ids[model.id]]
                shown = self._shown[0].get(model.position), self._shown[1].get(new.position)
                pair = ModelPair(base, head, model, new, self._notice, self._builder, shown, self._new_ids)
                yield from (*model_changes(pair), *shown_name(pair))
            elif head.complete:
                yield self._withdrawn(model)
        matched = set(self._new_ids.values())
        for model in head.by_id.values():
            if model.id not in matched and base.complete:
                yield self._whole_model(
                    "model-offered",
                    model,
                    HEAD,
                    new=model_meaning(model),
                    **audience(head, model, served_features(model)),
                )
        yield from order_change(base, head, self._new_ids, self._builder)
        yield from self._features()

    def _withdrawn(self, model: Model) -> Change:
        fallbacks = self._builder.fallbacks(self._head, served_features(model), self._notice.on)
        values: dict[str, Any] = {"old": model_meaning(model), "retirement": _last(model.retirements)}
        values |= {"fallbacks": fallbacks}
        if other := self._head.by_alias.get(model.id):
            effect = REDIRECTED.replace("{old}", model.id)
            values |= {"effect": effect, "at_most": Impact.RISKY, "other": self._builder.name(other)}
        ended = self._notice.has_ended(model, served_features(model))
        return self._whole_model("model-withdrawn", model, BASE, safe=ended, **values)

    def _whole_model(self, kind: str, model: Model, side: str, **values: Any) -> Change:
        place = (self._base if side == BASE else self._head).at(model)
        return self._builder.build(kind, place, model=model, side=side, features=served_features(model), **values)

    def _features(self) -> Iterator[Change]:
        base, head = self._base, self._head
        for feature in sorted({*base.serving, *head.serving}):
            old = {self._new_ids.get(id_, id_): share for id_, share in base.default_shares(feature).items() if id_}
            new = {id_: share for id_, share in head.default_shares(feature).items() if id_}
            if feature not in head.serving:
                if head.complete:
                    yield self._unserved(feature, old)
            elif feature not in base.serving:
                if base.complete:
                    place = _item(head, head.serving[feature][0], "features", feature)
                    yield self._builder.build(
                        "feature-served",
                        place,
                        feature=feature,
                        new=defaults_meaning(new),
                        after=self._shares(new) or "no model",
                    )
            elif defaults_meaning(old) != defaults_meaning(new) and self._are_readable(feature, old, new):
                yield self._default(feature, old, new)

    def _are_readable(self, feature: str, old: Mapping[str, int], new: Mapping[str, int]) -> bool:
        """Return whether no default of a feature can be in what cannot be read."""
        models = (*self._base, *self._head)
        is_complete = (new or self._head.complete) and (old or self._base.complete)
        return bool(is_complete) and not any(_is_unreadable_default(model, feature) for model in models)

    def _unserved(self, feature: str, defaults: Mapping[str, int]) -> Change:
        models = self._base.serving[feature]
        return self._builder.build(
            "feature-unserved",
            _item(self._base, models[0], "features", feature),
            feature=feature,
            old=defaults_meaning(defaults),
            side=BASE,
            safe=all(self._notice.has_ended(model, [feature]) for model in models),
            retirement=_last(filter(None, (model.retirement_of(feature) for model in models))),
        )

    def _default(self, feature: str, old: Mapping[str, int], new: Mapping[str, int]) -> Change:
        values: dict[str, Any] = {"old": defaults_meaning(old), "new": defaults_meaning(new)}
        values |= {"feature": feature, "before": self._shares(old), "after": self._shares(new)}
        if not new:
            place = _item(self._base, self._base.defaults[feature][0], "default_for", feature)
            return self._builder.build("default-lost", place, side=BASE, **values)
        gaining = [id_ for id_ in new if _weight(new, id_) > _weight(old, id_)] or list(new)
        place = _item(self._head, self._head.by_id[gaining[0]], "default_for", feature)
        if not old:
            return self._builder.build("default-gained", place, **values)
        losing = [model for model in self._base.defaults[feature] if self._loses(model, old, new)]
        return self._builder.build(
            "default-shares-changed" if _largest(old) & _largest(new) else "default-switched",
            place,
            safe=bool(losing) and all(self._notice.has_announced(each, feature, gaining, old) for each in losing),
            retirement=losing[0].retirement_of(feature) if losing else None,
            gaining=join_names(map(self._name, gaining)),
            **values,
        )

    def _name(self, id_: str) -> str:
        return self._builder.name(self._head.by_id.get(id_) or self._base.by_id.get(id_)) or id_

    def _shares(self, shares: Mapping[str, int]) -> str:
        """Return the defaults of a feature for a message, the largest share first."""
        if len(shares) < 2:
            return "".join(map(self._name, shares))
        ids = sorted(shares, key=lambda id_: (-shares[id_], id_))
        return join_names(f"{self._name(id_)} ({shares[id_]}%)" for id_ in ids)

    def _loses(self, model: Model, old: Mapping[str, int], new: Mapping[str, int]) -> bool:
        id_ = self._new_ids.get(model.id, model.id)
        return _weight(new, id_) < _weight(old, id_)


def _weight(shares: Mapping[str, int], id_: str) -> float:
    """Return a model's share, relative to those of all models; a check finds shares that do not add up to 100."""
    return shares.get(id_, 0) / (sum(shares.values()) or 1)


def _largest(shares: Mapping[str, int]) -> set[str]:
    """Return the ids of the models with the largest share."""
    return {id_ for id_, share in shares.items() if share == max(shares.values())}


def _is_unreadable_default(model: Model, feature: str) -> bool:
    """Return whether a model may be a default of a feature, or have a share, that cannot be read."""
    if UNREADABLE_FEATURE in model.default_for:
        return feature in model.features or UNREADABLE_FEATURE in model.features
    shares = model.entry.get("default_for")
    return isinstance(shares, dict) and shares.get(feature, feature) is None


def _last(retirements: Iterable[Retirement]) -> Retirement | None:
    return max(retirements, key=lambda retirement: retirement.last_day or date.min, default=None)


def _item(roster: Roster, model: Model, key: str, feature: str) -> Place:
    if key == "default_for":
        return roster.default_at(model, feature)
    return roster.at(model, key, getattr(model, key).index(feature))

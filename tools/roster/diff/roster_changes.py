"""What changes for customers between two versions of every roster."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from roster.diff.change import BASE, HEAD, Change, ChangeBuilder
from roster.diff.kinds import KINDS
from roster.diff.meaning import match_models, model_meaning, roster_meaning, served_features
from roster.diff.model_changes import ModelDiff
from roster.diff.notice import NoticePolicy
from roster.findings import Place
from roster.naming import counted
from roster.registries import Environment
from roster.roster import Model, Roster
from roster.rules.base.promotion_path import Violation

_KIND_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


def diff_rosters(
    base: Mapping[str, Roster],
    head: Mapping[str, Roster],
    policies: Mapping[str, Environment],
    on: date,
    violations: Collection[Violation] = (),
) -> list[Change]:
    """Return the changes from base to head, by environment, and within one worst first.

    Where a roster could not be read completely, no model is reported as withdrawn or offered that may be in the
    unreadable part.

    Args:
        base, head: the rosters by environment.
        policies: the policies by environment, in the order of the result.
        on: the day that decides what was announced in time.
        violations: the models that do not follow the promotion path.
    """
    changes: list[Change] = []
    for environment in dict.fromkeys([*policies, *base, *head]):
        old, new, policy = base.get(environment), head.get(environment), policies.get(environment)
        builder = ChangeBuilder(environment, policy)
        if old and new:
            path_changes = (_path_change(each, builder) for each in violations if each.entry.roster is new)
            roster_changes = _RosterDiff(old, new, NoticePolicy(policy, on), builder).changes()
            changes += sorted([*path_changes, *roster_changes], key=_order)
        elif roster := old or new:
            changes.append(_environment_change(roster, builder, removed=old is not None))
    return changes


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

    def __init__(self, base: Roster, head: Roster, notice: NoticePolicy, builder: ChangeBuilder) -> None:
        self._base, self._head, self._notice, self._builder = base, head, notice, builder
        self._new_ids = {old.id: new.id for old, new in match_models(base, head, notice)}

    def changes(self) -> Iterator[Change]:
        """Yield the changes, in no particular order."""
        for model in self._base.by_id.values():
            if model.id in self._new_ids:
                new = self._head.by_id[self._new_ids[model.id]]
                yield from ModelDiff(self._base, self._head, model, new, self._notice, self._builder).changes()
            elif self._head.complete:
                ended = self._notice.has_ended(model, served_features(model))
                yield self._whole_model("model-withdrawn", model, BASE, announced=ended, old=model_meaning(model))
        matched = set(self._new_ids.values())
        for model in self._head.by_id.values():
            if model.id not in matched and self._base.complete:
                yield self._whole_model("model-offered", model, HEAD, new=model_meaning(model))
        yield from self._features()

    def _whole_model(self, kind: str, model: Model, side: str, **values: Any) -> Change:
        place = (self._base if side == BASE else self._head).at(model)
        return self._builder.build(
            kind,
            place,
            model=model,
            side=side,
            features=served_features(model),
            retirement=model.retirement,
            **values,
        )

    def _features(self) -> Iterator[Change]:
        base, head = self._base, self._head
        old_defaults = {feature: self._new_ids.get(id_, id_) for feature, id_ in base.default_ids().items()}
        new_defaults = head.default_ids()
        for feature in sorted({*base.serving, *head.serving}):
            old, new = old_defaults.get(feature), new_defaults.get(feature)
            if feature not in head.serving:
                if head.complete:
                    yield self._unserved(feature, old)
            elif feature not in base.serving:
                if base.complete:
                    place = _item(head, head.serving[feature][0], "features", feature)
                    yield self._builder.build("feature-served", place, feature=feature, new=new)
            elif old != new and (new or head.complete) and (old or base.complete):
                yield self._default(feature, old, new)

    def _unserved(self, feature: str, default: str | None) -> Change:
        models = self._base.serving[feature]
        return self._builder.build(
            "feature-unserved",
            _item(self._base, models[0], "features", feature),
            feature=feature,
            old=default,
            side=BASE,
            announced=all(self._notice.has_ended(model, [feature]) for model in models),
            retirement=models[-1].retirement,
        )

    def _default(self, feature: str, old: str | None, new: str | None) -> Change:
        if new is None:
            place = _item(self._base, self._base.defaults[feature][0], "default_for", feature)
            return self._builder.build("default-lost", place, feature=feature, old=old, side=BASE)
        place = _item(self._head, self._head.by_id[new], "default_for", feature)
        if old is None:
            return self._builder.build("default-gained", place, feature=feature, new=new)
        previous = self._base.defaults[feature][0]
        return self._builder.build(
            "default-switched",
            place,
            feature=feature,
            old=old,
            new=new,
            announced=self._notice.has_announced(previous, feature, new),
            retirement=previous.retirement,
        )


def _item(roster: Roster, model: Model, key: str, feature: str) -> Place:
    if key == "default_for":
        return roster.default_at(model, feature)
    return roster.at(model, key, getattr(model, key).index(feature))

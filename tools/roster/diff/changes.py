"""What a change does to customers: two versions of every roster in, the differences in meaning out."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from roster.diff import wording as words
from roster.diff.kinds import KINDS, Impact
from roster.diff.meaning import DEPLOYMENT, defaults, described, features_of, meaning, paired, retirement
from roster.diff.notice import Notice
from roster.findings import Place
from roster.naming import listed
from roster.registries import Environment
from roster.roster import NO_FEATURE, Model, ReleaseState, Roster

_RELEASE_STATES = [*ReleaseState]
_RANK = {impact: rank for rank, impact in enumerate(Impact)}
_ORDER = {kind: order for order, kind in enumerate(KINDS)}


class Change(NamedTuple):
    """One difference in meaning.

    Attributes:
        kind: the name of one of ``KINDS``.
        impact: what it weighs, by what was announced and by the environment's policy.
        environment: the environment's name.
        model: the model's id, in head unless it is only in base; empty for a change of a feature or an environment.
        feature: the feature's name; empty for a change of a whole model or an environment.
        old: what base has, as JSON values; None where it has nothing, or where the kind says it all.
        new: what head has.
        summary: what happens, in a few words.
        effect: who is affected and what they will see, in a sentence.
        place: the key or the value that makes it so.
        in_base: the place is one of base: in head there is nothing of it any more.
    """

    kind: str
    impact: Impact
    environment: str
    model: str
    feature: str
    old: Any
    new: Any
    summary: str
    effect: str
    place: Place
    in_base: bool


def diff(
    base: Mapping[str, Roster], head: Mapping[str, Roster], policies: Mapping[str, Environment], on: date
) -> list[Change]:
    """Return what changed from base to head, by environment, and in each the worst first.

    ``base`` and ``head`` have rosters by their environments, and so have ``policies``, whose order is that of the
    answer. ``on`` is the day that decides what was announced in time. Of a roster that could not be read as a whole, no
    model counts as withdrawn or new that may be in the rest.
    """
    changes: list[Change] = []
    for environment in dict.fromkeys([*policies, *base, *head]):
        before, after = base.get(environment), head.get(environment)
        if before or after:
            changes += _Comparison(environment, before, after, policies.get(environment), on).changes()
    return changes


class _Comparison:
    """One environment's two rosters, and what is different between them."""

    def __init__(
        self, environment: str, before: Roster | None, after: Roster | None, policy: Environment | None, on: date
    ) -> None:
        self.environment, self.policy, self.notice = environment, policy, Notice(policy, on)
        self.before, self.after = before, after

    def changes(self) -> list[Change]:
        """Return the changes, the worst first, then by kind, model and feature."""
        found = self._of_both(self.before, self.after) if self.before and self.after else self._of_one()
        return sorted(
            found, key=lambda change: (_RANK[change.impact], _ORDER[change.kind], change.model, change.feature)
        )

    def _of_one(self) -> Iterator[Change]:
        roster, kind = (self.before, "environment-removed") if self.before else (self.after, "environment-added")
        assert roster  # there is one of the two
        state = meaning(roster)
        count = f"{len(roster.models)} model{'' if len(roster.models) == 1 else 's'}"
        old, new = (state, None) if self.before else (None, state)
        yield self._change(
            kind, Place(roster.path), old=old, new=new, in_base=bool(self.before), words={"count": count}
        )

    def _of_both(self, before: Roster, after: Roster) -> Iterator[Change]:
        pairs = {old.id: new.id for old, new in paired(before, after, self.notice)}
        for model in before.by_id.values():
            if model.id in pairs:
                yield from self._of_model(before, after, model, after.by_id[pairs[model.id]])
            elif after.complete:
                ended = self.notice.is_over(model, features_of(model))
                yield self._of_model_alone("model-withdrawn", before, model, ended, old=described(model), in_base=True)
        paired_ids = set(pairs.values())
        for model in after.by_id.values():
            if model.id not in paired_ids and before.complete:
                yield self._of_model_alone("model-offered", after, model, False, new=described(model))
        yield from self._of_features(before, after, pairs)

    def _of_model_alone(self, kind: str, roster: Roster, model: Model, announced: bool, **values: Any) -> Change:
        return self._change(
            kind,
            roster.at(model),
            model=model,
            announced=announced,
            features=features_of(model),
            words=words.dates(model.retirement),
            **values,
        )

    def _of_model(self, before: Roster, after: Roster, old: Model, new: Model) -> Iterator[Change]:
        if old[1:] == new[1:]:
            return
        if old.id != new.id:
            place = after.at(new, "id" if new.id_is_pinned else "name")
            yield self._change("id-changed", place, model=new, old=old.id, new=new.id)
        if old.name and new.name and old.api_name != new.api_name:
            place = after.at(new, "display_name" if new.display_name else "name")
            yield self._change("model-renamed", place, model=new, old=old.api_name, new=new.api_name)
        yield from self._of_its_features(before, after, old, new)
        if old.release_state != new.release_state and old.release_state and new.release_state:
            promoted = _RELEASE_STATES.index(new.release_state) < _RELEASE_STATES.index(old.release_state)
            kind = "release-state-promoted" if promoted else "release-state-demoted"
            place = after.at(new, "release_state")
            yield self._change(kind, place, model=new, old=old.release_state, new=new.release_state)
        yield from self._of_deployment(after, old, new)
        yield from self._of_retirement(before, after, old, new)

    def _of_its_features(self, before: Roster, after: Roster, old: Model, new: Model) -> Iterator[Change]:
        if NO_FEATURE in (*old.features, *new.features):
            return  # one of them cannot be read, and may be any
        for feature in features_of(old) - features_of(new):
            yield self._change(
                "feature-lost",
                before.at(old, "features", old.features.index(feature)),
                model=new,
                feature=feature,
                in_base=True,
                announced=self.notice.is_over(old, [feature]),
                features=[feature],
                words=words.dates(old.retirement),
            )
        for feature in features_of(new) - features_of(old):
            place = after.at(new, "features", new.features.index(feature))
            yield self._change("feature-gained", place, model=new, feature=feature, features=[feature])

    def _of_deployment(self, after: Roster, old: Model, new: Model) -> Iterator[Change]:
        pairs = {key: (getattr(old, key), getattr(new, key)) for key in DEPLOYMENT}
        moved = {key: pair for key, pair in pairs.items() if pair[0] != pair[1] and None not in pair}
        if moved:
            there = {key: pair[1] for key, pair in moved.items()}
            yield self._change(
                "deployment-moved",
                after.at(new, DEPLOYMENT[next(iter(moved))]),
                model=new,
                old={key: pair[0] for key, pair in moved.items()},
                new=there,
                words={
                    "keys": listed(DEPLOYMENT[key] for key in moved),
                    "moved": words.reached_otherwise(there),
                },
            )

    def _of_retirement(self, before: Roster, after: Roster, old: Model, new: Model) -> Iterator[Change]:
        was, will = retirement(old), retirement(new)
        if was == will:
            return
        if new.retirement is None:
            place = before.key(old, "retirement")
            told = words.dates(old.retirement)
            yield self._change("retirement-cancelled", place, model=new, old=was, in_base=True, words=told)
            return
        kind = "retirement-moved" if was else "retirement-announced"
        yield self._change(
            kind,
            after.key(new, "retirement"),
            model=new,
            old=was,
            new=will,
            announced=self.notice.is_enough(new, old),
            impact=self.notice.cut_short(new, old),
            features=sorted(features_of(new).intersection(new.ending())),
            words={"moved": words.otherwise(was, will), **words.dates(new.retirement)},
        )

    def _of_features(self, before: Roster, after: Roster, pairs: Mapping[str, str]) -> Iterator[Change]:
        """Yield the features that have no model or no default any more, or for the first time, or another default."""
        served, serving = set(before.serving), set(after.serving)
        was = {feature: pairs.get(id_, id_) for feature, id_ in defaults(before).items()}
        will = defaults(after)
        for feature in sorted(served | serving):
            old, new = was.get(feature), will.get(feature)
            if feature not in serving:
                if after.complete:
                    yield self._unserved(before, feature, old)
            elif feature not in served:
                if before.complete:
                    place = _item(after, after.serving[feature][0], "features", feature)
                    yield self._change("feature-served", place, feature=feature, new=new)
            elif old != new and (new or after.complete) and (old or before.complete):
                yield self._of_default(before, after, feature, old, new)

    def _unserved(self, before: Roster, feature: str, default: str | None) -> Change:
        models = before.serving[feature]
        return self._change(
            "feature-unserved",
            _item(before, models[0], "features", feature),
            feature=feature,
            old=default,
            in_base=True,
            announced=all(self.notice.is_over(model, [feature]) for model in models),
            words=words.dates(models[-1].retirement),
        )

    def _of_default(self, before: Roster, after: Roster, feature: str, old: str | None, new: str | None) -> Change:
        if new is None:
            model = before.defaults[feature][0]
            place = _item(before, model, "default_for", feature)
            return self._change("default-lost", place, feature=feature, old=old, in_base=True)
        place = _item(after, after.by_id[new], "default_for", feature)
        if old is None:
            return self._change("default-gained", place, feature=feature, new=new)
        left = before.defaults[feature][0]
        return self._change(
            "default-switched",
            place,
            feature=feature,
            old=old,
            new=new,
            announced=self.notice.names(left, feature, new),
            words=words.dates(left.retirement),
        )

    def _change(
        self,
        kind: str,
        place: Place,
        *,
        model: Model | None = None,
        feature: str = "",
        old: Any = None,
        new: Any = None,
        in_base: bool = False,
        announced: bool = False,
        impact: Impact | None = None,
        features: Collection[str] = (),
        words: Mapping[str, str] = MappingProxyType({}),
    ) -> Change:
        about = KINDS[kind]
        filled = {
            "environment": self.environment,
            "name": (model.display_name or model.name or model.id) if model else "",
            "feature": feature,
            "features": listed(sorted(features)) if features else "nothing",
            "old": old,
            "new": new,
            **words,
        }
        weight = Impact(self.policy.impact.get(kind, about.impact.value)) if self.policy else about.impact
        return Change(
            kind,
            Impact.SAFE if announced else impact or weight,
            self.environment,
            model.id if model else "",
            feature,
            old,
            new,
            about.says.format_map(filled),
            (about.announced if announced and about.announced else about.effect).format_map(filled),
            place,
            in_base,
        )


def _item(roster: Roster, model: Model, key: str, feature: str) -> Place:
    return roster.at(model, key, getattr(model, key).index(feature))

"""The changes between two versions of one model."""

from collections.abc import Iterator, Mapping
from typing import Any

from roster.diff import own_keys
from roster.diff.change import BASE, HEAD, Change, ChangeBuilder
from roster.diff.kinds import Impact
from roster.diff.meaning import DEPLOYMENT, retirement_meaning, served_features
from roster.diff.notice import NoticePolicy
from roster.naming import join_names
from roster.roster import UNREADABLE_FEATURE, Model, ReleaseState, Retirement, Roster

_RELEASE_STATES = list(ReleaseState)
_DEPLOYMENT_EFFECTS = {
    "identifier": "the provider runs a different model",
    "endpoint": "requests go to {endpoint}",
    "api_key": "gateways need {api_key} to be set first",
    "family": "the prompts of {family} are used",
}


class ModelDiff:
    """Compares two versions of a model, ``old`` in the roster ``base`` and ``new`` in ``head``."""

    def __init__(
        self, base: Roster, head: Roster, old: Model, new: Model, notice: NoticePolicy, builder: ChangeBuilder
    ) -> None:
        self._base, self._head, self._old, self._new = base, head, old, new
        self._notice, self._builder = notice, builder

    def changes(self) -> Iterator[Change]:
        """Yield the changes."""
        yield from self._own_keys()
        if self._old._replace(position=0) == self._new._replace(position=0):
            return
        yield from self._names()
        yield from self._features()
        yield from self._release_state()
        yield from self._deployment()
        yield from self._retirement()

    def _names(self) -> Iterator[Change]:
        old, new = self._old, self._new
        if old.id != new.id:
            yield self._change("id-changed", "id" if new.id_is_pinned else "name", old=old.id, new=new.id)
        if old.name and new.name and old.api_name != new.api_name:
            key = "display_name" if new.display_name else "name"
            yield self._change("model-renamed", key, old=old.api_name, new=new.api_name)

    def _features(self) -> Iterator[Change]:
        if UNREADABLE_FEATURE in (*self._old.features, *self._new.features):
            return  # an unreadable item may be any feature
        old, new = served_features(self._old), served_features(self._new)
        yield from (self._lost(feature) for feature in old - new)
        for feature in new - old:
            index = self._new.features.index(feature)
            yield self._change("feature-gained", "features", index, feature=feature, features=[feature])

    def _lost(self, feature: str) -> Change:
        return self._change(
            "feature-lost",
            "features",
            self._old.features.index(feature),
            side=BASE,
            feature=feature,
            announced=self._notice.has_ended(self._old, [feature]),
            features=[feature],
            retirement=self._old.retirement,
        )

    def _release_state(self) -> Iterator[Change]:
        old, new = self._old.release_state, self._new.release_state
        if old and new and old != new:
            promoted = _RELEASE_STATES.index(ReleaseState(new)) < _RELEASE_STATES.index(ReleaseState(old))
            kind = "release-state-promoted" if promoted else "release-state-demoted"
            yield self._change(kind, "release_state", old=old, new=new)

    def _deployment(self) -> Iterator[Change]:
        old, new = ({key: getattr(model, key) for key in DEPLOYMENT} for model in (self._old, self._new))
        changed = [key for key in DEPLOYMENT if old[key] != new[key] and None not in (old[key], new[key])]
        if changed:
            yield self._change(
                "deployment-moved",
                DEPLOYMENT[changed[0]],
                old={key: old[key] for key in changed},
                new={key: new[key] for key in changed},
                keys=join_names(DEPLOYMENT[key] for key in changed),
                moved=join_names(_DEPLOYMENT_EFFECTS[key].format_map(new) for key in changed),
            )

    def _retirement(self) -> Iterator[Change]:
        old, new = retirement_meaning(self._old), retirement_meaning(self._new)
        if old == new:
            return
        if new is None:
            place = self._base.key(self._old, "retirement")
            yield self._builder.build(
                "retirement-cancelled", place, model=self._new, old=old, side=BASE, retirement=self._old.retirement
            )
            return
        yield self._builder.build(
            "retirement-moved" if old else "retirement-announced",
            self._head.key(self._new, "retirement"),
            model=self._new,
            old=old,
            new=new,
            announced=self._notice.is_met(self._new, self._old),
            impact=Impact.BREAKING if self._notice.ends_at_once(self._new, self._old) else None,
            features=new["features"],
            retirement=self._new.retirement,
            moved=_retirement_difference(old, new) if old else "",
            shortfall=self._notice.shortfall(self._new.retirement or Retirement()),
        )

    def _own_keys(self) -> Iterator[Change]:
        for key in own_keys.changed_keys(self._old, self._new):
            side, roster, model = HEAD, self._head, self._new
            if key not in model.own_values:
                side, roster, model = BASE, self._base, self._old
            old, new = (own_keys.redacted(key, each.own_values.get(key)) for each in (self._old, self._new))
            yield self._builder.build(
                "own-key-changed",
                roster.key(model, *own_keys.pointer(key)),
                model=self._new,
                side=side,
                old={key: old},
                new={key: new},
                key=key,
                before=own_keys.shown(old),
                after=own_keys.shown(new),
            )

    def _change(self, kind: str, *keys: str | int, side: str = HEAD, **values: Any) -> Change:
        place = self._head.at(self._new, *keys) if side == HEAD else self._base.at(self._old, *keys)
        return self._builder.build(kind, place, model=self._new, side=side, **values)


def _retirement_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return join_names(
        f"{key.replace('_', ' ')} {_shown(old[key])} → {_shown(new[key])}" for key in new if old[key] != new[key]
    )


def _shown(value: Any) -> str:
    return join_names(value) if value and isinstance(value, list) else str(value or "none")

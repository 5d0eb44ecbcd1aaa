"""The changes between two versions of one model."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from roster.diff import own_keys
from roster.diff.change import BASE, HEAD, Change, display_name
from roster.diff.kinds import AUDIENCES, KINDS, STATE_EFFECTS
from roster.diff.meaning import DEPLOYMENT, is_unreadable, served_features
from roster.diff.model_pair import ModelPair
from roster.diff.property_changes import property_changes
from roster.diff.retirement_changes import retirement_changes
from roster.diff.wording import short_list, these
from roster.model import UNREADABLE_FEATURE, Model, ReleaseState, comparable
from roster.naming import join_names
from roster.providers import AMBIENT
from roster.roster import Roster

_RELEASE_STATES = list(ReleaseState)
_DEPLOYMENT_EFFECTS = {
    "identifier": "the provider runs a different model",
    "endpoint": "requests go to {endpoint}",
    "api_key": "gateways need {api_key} to be set first",
    "family": "the prompts of {family} are used",
}


def model_changes(pair: ModelPair) -> Iterator[Change]:
    """Yield the changes."""
    yield from _own_keys(pair)
    old, new = (model._replace(position=0) for model in (pair.old, pair.new))
    if old == new and comparable(dict(old.gateway)) == comparable(dict(new.gateway)):
        return
    parts = (_names, _features, _release_states, _deployment, property_changes, retirement_changes)
    yield from chain.from_iterable(part(pair) for part in parts)


def _names(pair: ModelPair) -> Iterator[Change]:
    old, new = pair.old, pair.new
    if old.id != new.id:
        key = "id" if new.id_is_pinned else "name"
        fallbacks = pair.builder.fallbacks(pair.head, served_features(new), pair.notice.on)
        safe = old.id in new.aliases
        shared = ("", f"{old.id} → {new.id}")
        yield pair.change("id-changed", key, old=old.id, new=new.id, safe=safe, fallbacks=fallbacks, shared=shared)
    is_readable = not is_unreadable(old, "display_name") and not is_unreadable(new, "display_name")
    if old.name and new.name and old.api_name != new.api_name and is_readable:
        key = "display_name" if new.display_name else "name"
        is_shared = any(pair.builder.name(model) != display_name(model) for model in (old, new))
        before = f"{old.api_name} ({old.id})" if is_shared else old.api_name
        yield pair.change("model-renamed", key, old=old.api_name, new=new.api_name, before=before)


def _features(pair: ModelPair) -> Iterator[Change]:
    if UNREADABLE_FEATURE in (*pair.old.features, *pair.new.features):
        return  # an unreadable item may be any feature
    old, new = served_features(pair.old), served_features(pair.new)
    yield from (_lost(pair, feature) for feature in old - new)
    for feature in new - old:
        index = pair.new.features.index(feature)
        yield pair.change(
            "feature-gained",
            "features",
            index,
            feature=feature,
            new=_own_state(pair.new, feature),
            features=[feature],
            **audience(pair.head, pair.new, [feature]),
        )


def _lost(pair: ModelPair, feature: str) -> Change:
    return pair.change(
        "feature-lost",
        "features",
        pair.old.features.index(feature),
        side=BASE,
        feature=feature,
        old=_own_state(pair.old, feature),
        safe=pair.notice.has_ended(pair.old, [feature]),
        features=[feature],
        fallbacks=pair.builder.fallbacks(pair.head, [feature], pair.notice.on),
        retirement=pair.old.retirement_of(feature),
    )


def _own_state(model: Model, feature: str) -> str | None:
    """Return a feature's release state if it differs from the model's."""
    state = model.release_state_for.get(feature)
    return state if state != model.release_state else None


def _release_states(pair: ModelPair) -> Iterator[Change]:
    """Yield the change of the model's release state, then those of features that it does not explain."""
    old, new, name = pair.old, pair.new, pair.builder.name(pair.new)
    common = sorted(served_features(old) & served_features(new))
    own = [feature for feature in common if _own_state(old, feature) or _own_state(new, feature)]
    if old.release_state and new.release_state and old.release_state != new.release_state:
        # a name of its own is in no shared row
        label = {"name": f"{name} except for {short_list(own, 'feature')}"} if own else {}
        others = [feature for feature in common if feature not in own]
        yield _release_state(pair, old.release_state, new.release_state, others, "release_state", **label)
    if is_unreadable(old, "release_state_for") or is_unreadable(new, "release_state_for"):
        return
    for feature in own:
        before, after = old.state_for(feature), new.state_for(feature)
        if before and after and before != after:
            keys = ("release_state_for", feature) if feature in new.release_state_for else ("release_state",)
            yield _release_state(pair, before, after, [feature], *keys, feature=feature)


def _release_state(pair: ModelPair, old: str, new: str, features: list[str], *keys: str, **values: Any) -> Change:
    promoted = _RELEASE_STATES.index(ReleaseState(new)) < _RELEASE_STATES.index(ReleaseState(old))
    kind = "release-state-promoted" if promoted else "release-state-demoted"
    affected = [feature for feature in features if not _is_default(pair.head, pair.new, feature)]
    if affected:
        fallbacks = pair.builder.fallbacks(pair.head, affected, pair.notice.on)
        values |= {"effect": STATE_EFFECTS[old, new], "fallbacks": fallbacks}
    if affected and old == ReleaseState.GA:
        values |= {"impact": pair.builder.impact_like(kind, "model-withdrawn")}
    if "feature" in values:
        values["summary"] = KINDS[kind].summary.replace("{name}", "{name} for {features}")
    return pair.change(kind, *keys, old=old, new=new, **values)


def audience(roster: Roster, model: Model, features: Iterable[str]) -> dict[str, str]:
    """Return the wording of an offer: the release states of a model's features, and who can select it for which."""
    by_state = defaultdict[str, list[str]](list)
    for feature in sorted(features):
        state = ReleaseState.GA if _is_default(roster, model, feature) else model.state_for(feature)
        by_state[state or ReleaseState.GA].append(feature)
    states = {model.state_for(feature) or "GA" for feature in features} or {model.release_state or "GA"}
    present = [state for state in AUDIENCES if state in by_state]
    effect = " ".join(AUDIENCES[state] for state in present)
    if len(present) == 1:  # features that several models gain alike share a row
        effect = effect.replace(f"{{{present[0].lower()}}}", "{features}")
    return {
        "states": join_names(state for state in AUDIENCES if state in states),
        **({"effect": effect} if effect else {}),
        **{state.lower(): these(by_state[state], "feature") for state in present},
    }


def _is_default(roster: Roster, model: Model, feature: str) -> bool:
    return model.id in roster.default_shares(feature)


def _deployment(pair: ModelPair) -> Iterator[Change]:
    old, new = ({key: getattr(model, key) for key in DEPLOYMENT} for model in (pair.old, pair.new))
    changed = [key for key in DEPLOYMENT if old[key] != new[key] and None not in (old[key], new[key])]
    if not changed:
        return
    values = join_names(f"{DEPLOYMENT[key]} {old[key]} → {new[key]}" for key in changed)
    # The effect has the new values, so models with other old ones share a row, and models with only another region.
    is_shared = "identifier" not in changed or _is_same_model(pair)
    scope = join_names(DEPLOYMENT[key] for key in changed)
    yield pair.change(
        "deployment-moved",
        DEPLOYMENT[changed[0]],
        old={key: old[key] for key in changed},
        new={key: new[key] for key in changed},
        moved=join_names(_deployment_effect(pair, key, new) for key in changed),
        **({"shared": (scope, values)} if is_shared else {"values": values}),
    )


def _own_keys(pair: ModelPair) -> Iterator[Change]:
    for key in own_keys.changed_keys(pair.old, pair.new):
        side, roster, model = HEAD, pair.head, pair.new
        if key not in model.own_values:
            side, roster, model = BASE, pair.base, pair.old
        old, new = (own_keys.redacted(key, each.own_values.get(key)) for each in (pair.old, pair.new))
        yield pair.builder.build(
            "own-key-changed",
            roster.key(model, *own_keys.pointer(model, key)),
            model=pair.new,
            side=side,
            old={key: old},
            new={key: new},
            key=key,
            before=own_keys.shown(old),
            after=own_keys.shown(new),
        )


def _deployment_effect(pair: ModelPair, key: str, new: Mapping[str, Any]) -> str:
    if key == "identifier" and _is_same_model(pair):
        return "the provider runs the same model in other regions"
    if key == "api_key" and new[key] == AMBIENT:
        return "gateways use ambient credentials instead of a key"
    return _DEPLOYMENT_EFFECTS[key].format_map(new)


def _is_same_model(pair: ModelPair) -> bool:
    """Return whether two identifiers differ only in the region that the name of the model starts with."""
    old, new = (_without_region(pair, identifier or "") for identifier in (pair.old.identifier, pair.new.identifier))
    return old == new


def _without_region(pair: ModelPair, identifier: str) -> str:
    provider = pair.notice.registries and pair.notice.registries.provider_of(identifier)
    prefix, _, name = identifier.partition("/")
    region = next((region for region in provider.regions if name.startswith(region)), "") if provider else ""
    return f"{prefix}/{name.removeprefix(region)}"

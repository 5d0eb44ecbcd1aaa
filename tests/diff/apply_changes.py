"""Apply a list of changes to the meaning of rosters: the inverse of a diff."""

import json
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from roster.diff.change import Change

Meaning = dict[str, Any]


_ORDER = {"id-changed": 0, "retirement-announced": 2}


def apply_changes(before: dict[str, Meaning], changes: Iterable[Change]) -> dict[str, Meaning]:
    """Return every environment's meaning after the changes, in any order except ids first, new retirements last."""
    after = deepcopy(before)
    for change in sorted(changes, key=lambda change: _ORDER.get(change.kind, 1)):
        if change.kind == "environment-added":
            after[change.environment] = deepcopy(change.new)
        elif change.kind == "environment-removed":
            assert after.pop(change.environment) == change.old
        else:
            _APPLY[change.kind](after[change.environment], change)
    return after


def _add_model(state: Meaning, change: Change) -> None:
    assert change.model not in state["models"]
    state["models"][change.model] = deepcopy(change.new)


def _remove_model(state: Meaning, change: Change) -> None:
    assert state["models"].pop(change.model) == change.old


def _change_id(state: Meaning, change: Change) -> None:
    state["models"][change.new] = state["models"].pop(change.old)
    for model in state["models"].values():
        ends = model.get("retirement") or []
        for end in ends if isinstance(ends, list) else [ends]:
            end["replacement"] = change.new if end["replacement"] == change.old else end["replacement"]
    for feature, default in state["defaults"].items():
        if default == change.old:
            state["defaults"][feature] = change.new
        elif isinstance(default, dict):
            state["defaults"][feature] = {change.new if id_ == change.old else id_: default[id_] for id_ in default}


def _set_model_value(key: str) -> Callable[[Meaning, Change], None]:
    def set_value(state: Meaning, change: Change) -> None:
        model = state["models"][change.model]
        assert model[key] == change.old
        model[key] = change.new

    return set_value


def _set_optional_value(key: str) -> Callable[[Meaning, Change], None]:
    def set_value(state: Meaning, change: Change) -> None:
        model = state["models"][change.model]
        assert model.pop(key, None) == change.old
        model |= {} if change.new is None else {key: change.new}

    return set_value


def _set_optional_values(state: Meaning, change: Change) -> None:
    model = state["models"][change.model]
    assert {key: model.pop(key, None) for key in change.old} == change.old
    model |= {key: value for key, value in change.new.items() if value is not None}


def _set_gateway_settings(state: Meaning, change: Change) -> None:
    model = state["models"][change.model]
    settings = model.get("gateway", {})
    assert {key: settings.get(key) for key in change.old} == change.old
    model["gateway"] = settings | change.new  # models may share the mapping
    _drop_empty(state, change, "gateway")


def _update_list(key: str) -> Callable[[Meaning, Change], None]:
    def update(state: Meaning, change: Change) -> None:
        model = state["models"][change.model]
        removed, added = ([each] if isinstance(each, str) else each or [] for each in (change.old, change.new))
        model[key] = sorted({*model.get(key, []), *added} - {*removed})
        _drop_empty(state, change, key)

    return update


def _drop_empty(state: Meaning, change: Change, key: str) -> None:
    model = state["models"][change.model]
    if isinstance(model[key], dict):
        model[key] = {name: value for name, value in model[key].items() if value is not None}
    if not model[key]:
        del model[key]


def _set_release_state(state: Meaning, change: Change) -> None:
    """Set the state of a feature, or of the model except for the features that the summary names."""
    model = state["models"][change.model]
    states = dict(model.get("release_state_for", {}))
    if change.feature:
        states[change.feature] = change.new
    else:
        for feature in re.findall(r"[a-z_]+", change.summary.partition(" except for ")[2].partition(": ")[0]):
            states.setdefault(feature, change.old) if feature != "and" else None
        model["release_state"] = change.new
    model["release_state_for"] = {key: value for key, value in states.items() if value != model["release_state"]}
    _drop_empty(state, change, "release_state_for")


def _change_retirement(state: Meaning, change: Change) -> None:
    """Change the retirement of some features; those with the same terms are one retirement."""
    model = state["models"][change.model]
    retirements = model["retirement"] or []
    ending = {
        feature: json.dumps(each | {"features": []})
        for each in (retirements if isinstance(retirements, list) else [retirements])
        for feature in each["features"] or [""]
    }
    for side, retirement in (("old", change.old), ("new", change.new)):
        for feature in (retirement["features"] or [""]) if retirement else ():
            terms = json.dumps(retirement | {"features": []})
            assert side == "new" or ending.pop(feature, terms) == terms  # "" may be part of one with the same terms
            ending |= {feature: terms} if side == "new" else {}
    merged = [
        json.loads(terms) | {"features": sorted(key for key in ending if key and ending[key] == terms)}
        for terms in set(ending.values())
    ]
    merged.sort(key=lambda each: str(each["features"]))
    model["retirement"] = merged if len(merged) > 1 else next(iter(merged), None)


def _update_deployment(state: Meaning, change: Change) -> None:
    deployment = state["models"][change.model]["deployment"]
    assert change.old.items() <= deployment.items()
    deployment |= change.new


def _set_own_key(state: Meaning, change: Change) -> None:
    model = state["models"][change.model]
    ((key, value),) = change.new.items()
    values = model.pop("own_keys", {})
    assert values.pop(key, None) == change.old[key]
    values |= {} if value is None else {key: value}
    model |= {"own_keys": values} if values else {}


def _add_feature(state: Meaning, change: Change) -> None:
    model = state["models"][change.model]
    model["features"] = sorted([*model["features"], change.feature])
    if change.new:
        model["release_state_for"] = model.get("release_state_for", {}) | {change.feature: change.new}


def _remove_feature(state: Meaning, change: Change) -> None:
    model = state["models"][change.model]
    model["features"].remove(change.feature)
    states = model.get("release_state_for", {})
    if change.feature in states:  # unless the model's state became the same
        assert change.old == states[change.feature]
        model["release_state_for"] = states | {change.feature: None}
        _drop_empty(state, change, "release_state_for")


def _set_default(state: Meaning, change: Change) -> None:
    assert state["defaults"].pop(change.feature, None) == change.old
    if change.new is not None:
        state["defaults"][change.feature] = change.new


_APPLY: dict[str, Callable[[Meaning, Change], None]] = {
    "model-offered": _add_model,
    "model-withdrawn": _remove_model,
    "id-changed": _change_id,
    "model-renamed": _set_model_value("name"),
    "feature-gained": _add_feature,
    "feature-lost": _remove_feature,
    "release-state-promoted": _set_release_state,
    "release-state-demoted": _set_release_state,
    **dict.fromkeys(("model-suspended", "suspension-changed", "suspension-ended"), _set_optional_value("suspended")),
    **dict.fromkeys(("alias-added", "alias-removed"), _update_list("aliases")),
    **dict.fromkeys(("capability-added", "capability-removed"), _update_list("capabilities")),
    "regions-changed": _set_optional_value("processed_in"),
    **dict.fromkeys(("limit-lowered", "limit-raised"), _set_optional_values),
    **dict.fromkeys(
        ("data-retention-lengthened", "data-retention-shortened"), _set_optional_value("data_retention_days")
    ),
    "provider-changed": _set_optional_value("provider"),
    **dict.fromkeys(("cost-raised", "cost-lowered"), _set_optional_value("cost_indicator")),
    "description-changed": _set_optional_value("description"),
    "documentation-changed": _set_optional_value("documentation"),
    "models-reordered": lambda state, change: None,  # models are by id
    "shown-name-changed": lambda state, change: None,  # it follows from other models
    "gateway-settings-changed": _set_gateway_settings,
    "deployment-moved": _update_deployment,
    "own-key-changed": _set_own_key,
    **dict.fromkeys(("retirement-announced", "retirement-cancelled", "retirement-moved"), _change_retirement),
    **dict.fromkeys(
        (
            "default-gained",
            "default-lost",
            "default-switched",
            "default-shares-changed",
            "feature-served",
            "feature-unserved",
        ),
        _set_default,
    ),
}

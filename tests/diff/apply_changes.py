"""Apply a list of changes to the meaning of rosters: the inverse of a diff."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from roster.diff.change import Change

Meaning = dict[str, Any]


def apply_changes(before: dict[str, Meaning], changes: Iterable[Change]) -> dict[str, Meaning]:
    """Return every environment's meaning after the changes, apply_changes in any order except that ids come first."""
    after = deepcopy(before)
    for change in sorted(changes, key=lambda change: change.kind != "id-changed"):
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
    state["defaults"] = {key: change.new if id_ == change.old else id_ for key, id_ in state["defaults"].items()}


def _set_model_value(key: str) -> Callable[[Meaning, Change], None]:
    def set_value(state: Meaning, change: Change) -> None:
        model = state["models"][change.model]
        assert model[key] == change.old
        model[key] = change.new

    return set_value


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
    features = state["models"][change.model]["features"]
    features[:] = sorted([*features, change.feature])


def _remove_feature(state: Meaning, change: Change) -> None:
    state["models"][change.model]["features"].remove(change.feature)


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
    "release-state-promoted": _set_model_value("release_state"),
    "release-state-demoted": _set_model_value("release_state"),
    "deployment-moved": _update_deployment,
    "own-key-changed": _set_own_key,
    "retirement-announced": _set_model_value("retirement"),
    "retirement-cancelled": _set_model_value("retirement"),
    "retirement-moved": _set_model_value("retirement"),
    **dict.fromkeys(
        ("default-gained", "default-lost", "default-switched", "feature-served", "feature-unserved"), _set_default
    ),
}

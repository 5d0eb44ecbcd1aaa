"""Apply a list of changes to the meaning of rosters: the inverse of a diff."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from roster.diff.change import Change

Meaning = dict[str, Any]


def applied(before: dict[str, Meaning], changes: Iterable[Change]) -> dict[str, Meaning]:
    """Return every environment's meaning after the changes, applied in any order except that ids come first."""
    after = deepcopy(before)
    for change in sorted(changes, key=lambda change: change.kind != "id-changed"):
        if change.kind == "environment-added":
            after[change.environment] = deepcopy(change.new)
        elif change.kind == "environment-removed":
            assert after.pop(change.environment) == change.old
        else:
            _APPLY[change.kind](after[change.environment], change)
    return after


def _offered(state: Meaning, change: Change) -> None:
    assert change.model not in state["models"]
    state["models"][change.model] = deepcopy(change.new)


def _withdrawn(state: Meaning, change: Change) -> None:
    assert state["models"].pop(change.model) == change.old


def _new_id(state: Meaning, change: Change) -> None:
    state["models"][change.new] = state["models"].pop(change.old)
    state["defaults"] = {key: change.new if id_ == change.old else id_ for key, id_ in state["defaults"].items()}


def _value(key: str) -> Callable[[Meaning, Change], None]:
    def set_value(state: Meaning, change: Change) -> None:
        model = state["models"][change.model]
        assert model[key] == change.old
        model[key] = change.new

    return set_value


def _deployment(state: Meaning, change: Change) -> None:
    deployment = state["models"][change.model]["deployment"]
    assert change.old.items() <= deployment.items()
    deployment |= change.new


def _gained(state: Meaning, change: Change) -> None:
    features = state["models"][change.model]["features"]
    features[:] = sorted([*features, change.feature])


def _lost(state: Meaning, change: Change) -> None:
    state["models"][change.model]["features"].remove(change.feature)


def _default(state: Meaning, change: Change) -> None:
    assert state["defaults"].pop(change.feature, None) == change.old
    if change.new is not None:
        state["defaults"][change.feature] = change.new


_APPLY: dict[str, Callable[[Meaning, Change], None]] = {
    "model-offered": _offered,
    "model-withdrawn": _withdrawn,
    "id-changed": _new_id,
    "model-renamed": _value("name"),
    "feature-gained": _gained,
    "feature-lost": _lost,
    "release-state-promoted": _value("release_state"),
    "release-state-demoted": _value("release_state"),
    "deployment-moved": _deployment,
    "retirement-announced": _value("retirement"),
    "retirement-cancelled": _value("retirement"),
    "retirement-moved": _value("retirement"),
    **dict.fromkeys(
        ("default-gained", "default-lost", "default-switched", "feature-served", "feature-unserved"), _default
    ),
}

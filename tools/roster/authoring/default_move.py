"""The move of defaults from a retiring model to its replacement."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roster.edit.editor import Editor
from roster.edit.style import WrittenValue
from roster.edit.verbatim import Verbatim
from roster.model import Model
from roster.naming import join_names, quote
from roster.registries import Environment
from roster.roster import Roster

_WHOLE = 100
"""The share of the only default of a feature."""


def moved_features(model: Model, features: Iterable[str]) -> list[str]:
    """Return the features that a model is a default of, out of some."""
    return [feature for feature in features if feature in model.default_for]


def move_default(roster: Roster, model: Model, replacement: str, features: Iterable[str], data: bytes) -> bytes:
    """Return a roster's file with a model's defaults moved to another model, which adds the shares to its own.

    Raises:
        ConfigurationError: a model must be changed by hand.
    """
    moved, other = moved_features(model, features), roster.by_id[replacement]
    shares = {feature: model.default_shares.get(feature, _WHOLE) for feature in moved}
    if not moved:
        return data
    for each, value in ((other, _with_shares(other, shares)), (model, _without(model, moved))):
        data = Editor(roster.path, data).update_model(each.position, {"default_for": value})
    return data


def move_violations(
    roster: Roster, model: Model, replacement: Model, features: Iterable[str], policy: Environment
) -> Iterator[str]:
    """Yield why a model cannot take over defaults, and what to do."""
    name = quote(replacement.id)
    moved = moved_features(model, features)
    if unserved := [feature for feature in moved if feature not in replacement.features]:
        yield (
            f"cannot make {name} the default for {join_names(unserved)} in {roster.environment}, because it does not "
            "serve that: name another --replacement, or retire the features one by one with --feature"
        )
    states: dict[str, list[str]] = {}
    for feature in moved:
        if (state := replacement.state_for(feature)) and state not in policy.default_release_states:
            states.setdefault(state, []).append(feature)
    for state, names in states.items():
        allowed = join_names(policy.default_release_states, word="or")
        yield (
            f"cannot make {name} the default for {join_names(names)} in {roster.environment}, because it is {state} "
            f"there and a default must be {allowed}: change its release state first, name another --replacement, or "
            "keep the default for now with --keep-default"
        )


def _with_shares(model: Model, shares: Mapping[str, int]) -> WrittenValue:
    """Return a model's ``default_for`` with more shares: a list where it has one and they are whole."""
    current: Any = model.entry.get("default_for")
    if isinstance(current, dict):
        total = {feature: current.get(feature, 0) + share for feature, share in shares.items()}
        return Verbatim({**current, **{feature: min(share, _WHOLE) for feature, share in total.items()}})
    if all(share == _WHOLE for share in shares.values()):
        return tuple(dict.fromkeys((*(current or ()), *shares)))
    return Verbatim({**dict.fromkeys(current or (), _WHOLE), **shares})


def _without(model: Model, features: Iterable[str]) -> WrittenValue | None:
    """Return a model's ``default_for`` without some features; None if there is no other."""
    current: Any = model.entry.get("default_for")
    rest = tuple(feature for feature in model.default_for if feature not in features)
    if isinstance(current, dict) and rest:
        return Verbatim({feature: current[feature] for feature in rest})
    return rest or None

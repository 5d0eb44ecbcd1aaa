"""The move of defaults from a retiring model to its replacement."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roster.edit.editor import Editor
from roster.edit.style import WrittenValue
from roster.edit.verbatim import Verbatim
from roster.model import UNREADABLE_FEATURE, Model
from roster.naming import join_names, quote
from roster.registries import Environment
from roster.roster import Roster

_WHOLE = 100
"""The share of the only default of a feature."""


def moved_features(model: Model, features: Iterable[str]) -> list[str]:
    """Return which of some features a model is a default of."""
    return [feature for feature in features if feature in model.default_for]


def has_readable_defaults(model: Model) -> bool:
    """Return whether it is known which features a model is a default of, with which shares."""
    shares = model.entry.get("default_for", ())
    is_invalid_share = isinstance(shares, dict) and None in shares.values()
    return shares is not None and not is_invalid_share and UNREADABLE_FEATURE not in model.default_for


def move_default(roster: Roster, model: Model, replacement: str, features: Iterable[str], data: bytes) -> bytes:
    """Return a roster's file with a model's defaults moved to another model, which adds the shares to its own.

    Raises:
        ConfigurationError: a model must be changed by hand.
    """
    moved = moved_features(model, features)
    if not moved:
        return data
    shares, other = {feature: model.default_shares.get(feature, _WHOLE) for feature in moved}, roster.by_id[replacement]
    for each, value in ((other, _with_shares(other, shares)), (model, _without(model, moved))):
        data = Editor(roster.path, data).update_model(each.position, {"default_for": value})
    return data


def move_violations(
    roster: Roster, model: Model, id_: str, features: Iterable[str], policy: Environment
) -> Iterator[str]:
    """Yield why a model cannot take over defaults, and what to do."""
    name, replacement, moved = quote(id_), roster.by_id.get(id_), moved_features(model, features)
    if moved and (replacement is None or replacement is model):
        reason = "the model cannot replace itself" if replacement else "no model has that id"
        yield f"cannot move the default to {name} in {roster.environment}: {reason}; name another --replacement"
    elif replacement and not has_readable_defaults(replacement):
        yield f"cannot read the default_for of {name} in {roster.environment}: roster check shows what is wrong"
    if not moved or replacement is None or replacement is model:
        return
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

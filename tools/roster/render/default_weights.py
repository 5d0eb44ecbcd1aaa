"""Shares of several defaults in percent, from the weights in the AI gateway's own files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_PERCENT = 100
_MAX_WEIGHT = 1e300
"""A hundred times the sum of as many weights below this is a float."""


def rounded_shares(weights: Sequence[float]) -> list[int]:
    """Return shares in whole percent, in total 100, that are closest to some weights; each is at least 1.

    What rounding down leaves over goes to the shares with the largest remainders, the first of equal ones first.
    Weights that are all 0 count as equal. There must be at most 100.
    """
    total = sum(weights)
    exact = [_PERCENT * weight / total if total else _PERCENT / len(weights) for weight in weights]
    shares = [max(1, int(share)) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: shares[index] - exact[index])
    for index in by_remainder[: max(0, _PERCENT - sum(shares))]:
        shares[index] += 1
    while sum(shares) > _PERCENT:  # the minimum of 1 has raised some
        shares[shares.index(max(shares))] -= 1
    return shares


def shares_of(default_models: Any) -> dict[str, int] | None:
    """Return the share of each model in ``default_models``, by id; None if that is not what it is.

    An item is an id, or a mapping with ``identifier`` and optionally ``weight``; either all have weights or none.
    """
    if not isinstance(default_models, list) or not 1 <= len(default_models) <= _PERCENT:
        return None
    entries = [entry if isinstance(entry, dict) else {"identifier": entry} for entry in default_models]
    ids = [entry.get("identifier") for entry in entries]
    weights = [entry.get("weight") for entry in entries]
    if not all(isinstance(id_, str) for id_ in ids) or len(set(ids)) < len(ids):
        return None
    if all(weight is None for weight in weights):
        weights = [1] * len(ids)
    numbers = [weight for weight in weights if isinstance(weight, int | float) and 0 <= weight < _MAX_WEIGHT]
    return dict(zip(map(str, ids), rounded_shares(numbers), strict=True)) if len(numbers) == len(ids) else None


def first_ahead(shares: Mapping[str, int]) -> dict[str, int]:
    """Return shares in which the first is the largest, by one percent of the last, if it is equal to another one.

    GitLab takes the first of several defaults where it knows only one; a roster has no such order.
    """
    *_, last = shares
    first = next(iter(shares))
    return dict(shares) | {first: shares[first] + 1, last: shares[last] - 1}


def in_order(shares: dict[str, int], models: Iterable[str]) -> dict[str, int]:
    """Return shares such that a roster, whose order is that of some models, has the same first default as the file."""
    largest, first = max(shares.values()), next(iter(shares))
    candidates = [identifier for identifier in models if shares.get(identifier) == largest]
    return first_ahead(shares) if shares[first] == largest and candidates[0] != first else shares


def has_shares(default_models: Any, shares: Mapping[str, int]) -> bool:
    """Return whether ``default_models`` of the gateway's files means the shares that a roster has."""
    own = shares_of(default_models)
    return own is not None and (own == shares or (len(own) > 1 and first_ahead(own) == shares))

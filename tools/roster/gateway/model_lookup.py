"""Lookup in an accepted list: a model by its id, now or earlier, and a feature's default by share."""

import math
import random
from collections.abc import Mapping
from hashlib import sha256

from roster.accept.accepted_list import AcceptedList


def find_model(accepted: AcceptedList, model_id: str) -> str:
    """Return the id of the model that an id, now or earlier, leads to.

    Raises:
        KeyError: it is not offered, or the list has no deployments; the message says since when, if that is known.
    """
    current = accepted.aliases.get(model_id, model_id)
    if current in accepted.deployments:
        return current
    raise KeyError(why_not_offered(accepted, current) or model_id)


def why_not_offered(accepted: AcceptedList, current: str) -> str:
    """Return since when a current id is not offered, and why; empty if that is unknown."""
    for suspended in accepted.suspended:
        if suspended.id == current:
            return f"{current} has been suspended since {suspended.since}: {suspended.reason}"
    for tombstone in accepted.retired:
        if tombstone.id == current:
            replacement = f", and {tombstone.replacement} replaces it" if tombstone.replacement else ""
            return f"{current} was retired after {tombstone.last_day}{replacement}"
    return ""


def pick_default(accepted: AcceptedList, feature: str, key: str | None = None) -> str:
    """Return the id of a feature's default; of several, one of them by share.

    Args:
        key: the same key gets the same model as long as that is a default and its share does not shrink, such as the
            id of a user or a conversation. Without a key, each call picks at random.

    Raises:
        KeyError: the feature has no default.
    """
    shares = accepted.default_shares.get(feature)
    if not shares:
        return accepted.defaults[feature]
    if key is None:
        return random.choices(list(shares), list(shares.values()))[0]
    return _rendezvous(shares, f"{feature}\n{key}")


def _rendezvous(shares: Mapping[str, int], key: str) -> str:
    """Return the model with the best score for a key, so that changed shares move as few keys as possible.

    This is weighted rendezvous hashing: https://en.wikipedia.org/wiki/Rendezvous_hashing
    """

    def score(id_: str) -> float:
        digest = sha256(f"{key}\n{id_}".encode()).digest()
        uniform = (int.from_bytes(digest[:8]) + 1) / (2**64 + 2)
        return -shares[id_] / math.log(uniform)

    return max(shares, key=score)

"""The lists of a feature's models, as GitLab has them: defaults, selectable and beta models, and models for ``dev``.

A GA model is selectable, a BETA model is a beta model, and an EXPERIMENT is for GitLab's team members (``dev``). A
default is selectable in any state, as GitLab requires. So each model is in exactly one of the three lists.

The lists are in the roster's order. After an import from GitLab's gateway, they are in the order of its files, which
the mapping ``gateway`` of the feature in ``schemas/features.yaml`` has; models that it does not name follow.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from roster.model import Model, ReleaseState
from roster.registries import Feature
from roster.roster import Roster


class FeatureLists(NamedTuple):
    """The ids of the models of one feature on a day.

    Attributes:
        serving: all models that serve it, in the roster's order.
        shares: the share of each default, in percent, the largest first.
    """

    feature: Feature
    serving: Sequence[Model]
    shares: dict[str, int]
    selectable: list[str]
    beta: list[str]
    dev: list[str]

    @property
    def defaults(self) -> list[str]:
        """The ids of the defaults: the one with the largest share first."""
        return list(self.shares)


def feature_lists(roster: Roster, feature: Feature, on: date) -> FeatureLists | None:
    """Return the lists of a feature; None if no model serves it."""
    serving = [model for model in roster.serving.get(feature.name, ()) if feature.name in model.offered_features(on)]
    if not serving:
        return None
    shares = _ordered_shares(roster, feature, on)
    ids = defaultdict(list)
    for model in serving:
        state = ReleaseState.GA if model.id in shares else model.state_for(feature.name)
        ids[state].append(model.id)
    dev = feature.gateway.get("dev")
    return FeatureLists(
        feature,
        serving,
        shares,
        ordered(ids[ReleaseState.GA], feature.gateway.get("selectable_models")),
        ordered(ids[ReleaseState.BETA], feature.gateway.get("beta_models")),
        ordered(ids[ReleaseState.EXPERIMENT], dev.get("selectable_models") if isinstance(dev, dict) else None),
    )


def ordered(ids: Iterable[str], example: Any) -> list[str]:
    """Return ids in the order of an example; those that it lacks are at the end, in their own order."""
    texts = [item for item in example if isinstance(item, str)] if isinstance(example, list) else []
    positions = {id_: position for position, id_ in enumerate(texts)}
    return sorted(ids, key=lambda id_: positions.get(id_, len(positions)))


def _ordered_shares(roster: Roster, feature: Feature, on: date) -> dict[str, int]:
    shares = roster.default_shares(feature.name, on)
    return {id_: shares[id_] for id_ in sorted(shares, key=lambda id_: -shares[id_])}

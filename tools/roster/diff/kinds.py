"""What can change for customers: every kind of change, what it weighs, and the words for it."""

from enum import Enum
from typing import NamedTuple


class Impact(Enum):
    """What a change means for customers, the worst first."""

    BREAKING = "breaking"
    RISKY = "risky"
    SAFE = "safe"

    def __str__(self) -> str:
        return self.value


class Kind(NamedTuple):
    """A kind of change.

    Attributes:
        impact: what it weighs when nobody was told before.
        mirror: the kind of the opposite change: from head to base.
        says: what happens, with the names of what is filled in, in braces.
        effect: who is affected, and what they will see.
        announced: the effect where it was announced in time; then it is safe. Empty for what is never announced.
    """

    name: str
    impact: Impact
    mirror: str
    says: str
    effect: str
    announced: str = ""


_MOVED = "Instances that chose it for {features} are moved without notice: to the default, or to nothing."
_ENDED = "Its last day was {last_day}, as announced: nobody is served by it any more."
_CHOOSE = "Admins of instances can choose it for {features}."
_RETIRING = "Admins are told from {notice} on; after {last_day}, {replacement} takes over for {features}."

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "environment-removed",
            Impact.BREAKING,
            "environment-added",
            "{environment} has no roster any more",
            "Its gateways get no new list, and when they are set up anew none at all.",
        ),
        Kind(
            "environment-added",
            Impact.SAFE,
            "environment-removed",
            "{environment} has a roster",
            "Its gateways can download a list of {count}.",
        ),
        Kind(
            "model-withdrawn",
            Impact.BREAKING,
            "model-offered",
            "{name} is no longer offered",
            _MOVED,
            _ENDED,
        ),
        Kind("model-offered", Impact.SAFE, "model-withdrawn", "{name} is offered", _CHOOSE),
        Kind(
            "id-changed",
            Impact.BREAKING,
            "id-changed",
            "{name} has the id {new}, no longer {old}",
            "Instances that chose {old} no longer find it, and fall back to the default.",
        ),
        Kind(
            "model-renamed",
            Impact.SAFE,
            "model-renamed",
            "{old} is called {new}",
            "Admins see the new name; what they chose stays.",
        ),
        Kind(
            "feature-unserved",
            Impact.BREAKING,
            "feature-served",
            "no model serves {feature} any more",
            "{feature} stops working for everybody.",
            "It had no model since {last_day}, as announced.",
        ),
        Kind(
            "feature-served",
            Impact.SAFE,
            "feature-unserved",
            "{feature} has its first model",
            "{feature} starts to work where instances have it switched on.",
        ),
        Kind("feature-lost", Impact.BREAKING, "feature-gained", "{name} no longer serves {feature}", _MOVED, _ENDED),
        Kind("feature-gained", Impact.SAFE, "feature-lost", "{name} serves {feature}", _CHOOSE),
        Kind(
            "default-lost",
            Impact.BREAKING,
            "default-gained",
            "{feature} has no default any more; it was {old}",
            "Who chose no model for {feature} gets none.",
        ),
        Kind(
            "default-gained",
            Impact.SAFE,
            "default-lost",
            "{new} is the default for {feature}, which had none",
            "Who chose no model for {feature} gets this one.",
        ),
        Kind(
            "default-switched",
            Impact.RISKY,
            "default-switched",
            "the default for {feature} is {new}, no longer {old}",
            "Who chose no model for {feature} is served by another one, without having been told.",
            "Who chose no model for {feature} is served by another one, as announced on {notice}.",
        ),
        Kind(
            "release-state-demoted",
            Impact.RISKY,
            "release-state-promoted",
            "{name} is {new}, no longer {old}",
            "Admins see it marked as {new}; what they chose stays.",
        ),
        Kind(
            "release-state-promoted",
            Impact.SAFE,
            "release-state-demoted",
            "{name} is {new}, no longer {old}",
            "Admins see it marked as {new}.",
        ),
        Kind(
            "deployment-moved",
            Impact.RISKY,
            "deployment-moved",
            "{name} has another {keys}",
            "Everybody who uses it: {moved}.",
        ),
        Kind(
            "retirement-announced",
            Impact.RISKY,
            "retirement-cancelled",
            "{name} retires: its last day for {features} is {last_day}",
            f"{_RETIRING} That is less notice than {{environment}} promises.",
            _RETIRING,
        ),
        Kind(
            "retirement-cancelled",
            Impact.SAFE,
            "retirement-announced",
            "{name} does not retire: its last day was to be {last_day}",
            "Admins are no longer told to move; what they chose stays.",
        ),
        Kind(
            "retirement-moved",
            Impact.RISKY,
            "retirement-moved",
            "{name} retires otherwise: {moved}",
            f"{_RETIRING} Who planned for what was announced before has to plan anew.",
            _RETIRING,
        ),
    )
}
"""Every kind of change by its name, in the order in which changes of equal impact are told."""

"""The kinds of change that customers can notice: impact and wording."""

from enum import StrEnum
from typing import NamedTuple


class Impact(StrEnum):
    """What a change means for customers, worst first."""

    BREAKING = "breaking"
    RISKY = "risky"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """The position in the order of severity; 0 is the worst."""
        return list(Impact).index(self)


class ChangeKind(NamedTuple):
    """A kind of change. Braces in the texts are placeholders.

    Attributes:
        impact: the default impact, for a change that was not announced.
        summary: what changes.
        effect: who is affected, and what they notice.
        announced_effect: the effect when the change was announced in time, which makes it safe; empty for kinds that
            cannot be announced.
    """

    impact: Impact
    summary: str
    effect: str
    announced_effect: str = ""


_MOVED = "Instances that selected it for {features} fall back to the default, or to no model, without notice."
_ENDED = "Its last day was {last_day}, as announced. It no longer serves any users."
_SELECTABLE = "Admins can select it for {features}."
_RETIRING = "Admins see a notice from {notice}. After {last_day}, {replacement} replaces it for {features}."

BREAKING, RISKY, SAFE = Impact
KINDS = {
    "environment-removed": ChangeKind(
        BREAKING,
        "{environment} no longer has a roster",
        "Its gateways receive no updates; new gateways have no list.",
    ),
    "environment-added": ChangeKind(
        SAFE, "{environment} now has a roster", "Its gateways can download a list of {count}."
    ),
    "model-withdrawn": ChangeKind(BREAKING, "{name} is no longer offered", _MOVED, _ENDED),
    "model-offered": ChangeKind(SAFE, "{name} is now offered", _SELECTABLE),
    "environment-skipped": ChangeKind(
        RISKY, "{name} is not offered in {previous}", "Customers get a model that was not tested in {previous}."
    ),
    "trial-shortened": ChangeKind(
        RISKY,
        "{name} is offered before the end of its trial period in {previous}",
        "Customers get a model that was not tested for long enough. It {state}; {requirement}.",
    ),
    "id-changed": ChangeKind(
        BREAKING,
        "{name}: id changed: {old} → {new}",
        "Instances that selected {old} no longer find it and fall back to the default.",
    ),
    "model-renamed": ChangeKind(SAFE, "{old} is renamed to {new}", "Admins see the new name. Their selections remain."),
    "feature-unserved": ChangeKind(
        BREAKING,
        "no model serves {feature} any longer",
        "{feature} stops working for all users.",
        "{feature} has had no model since {last_day}, as announced.",
    ),
    "feature-served": ChangeKind(
        SAFE,
        "{feature} now has a model",
        "{feature} starts working on instances that have it enabled.",
    ),
    "feature-lost": ChangeKind(BREAKING, "{name} no longer serves {feature}", _MOVED, _ENDED),
    "feature-gained": ChangeKind(SAFE, "{name} now serves {feature}", _SELECTABLE),
    "default-lost": ChangeKind(
        BREAKING,
        "{feature} no longer has a default; it was {old}",
        "{feature} stops working for users without a selected model.",
    ),
    "default-gained": ChangeKind(
        SAFE,
        "{feature} now has a default: {new}",
        "{new} serves {feature} for users without a selected model.",
    ),
    "default-switched": ChangeKind(
        RISKY,
        "{feature}: default changed: {old} → {new}",
        "Users without a selected model for {feature} are moved to {new} without notice.",
        "Users without a selected model for {feature} are moved to {new}, as announced on {notice}.",
    ),
    "release-state-demoted": ChangeKind(
        RISKY,
        "{name}: release state lowered: {old} → {new}",
        "Admins see it marked as {new}. Their selections remain.",
    ),
    "release-state-promoted": ChangeKind(
        SAFE, "{name}: release state raised: {old} → {new}", "Admins see it marked as {new}."
    ),
    "deployment-moved": ChangeKind(RISKY, "{name}: {keys} changed", "For all users of this model, {moved}."),
    "retirement-announced": ChangeKind(
        RISKY,
        "{name}: retirement announced, last day {last_day} for {features}",
        f"{_RETIRING} The announcement does not meet the policy of {{environment}}: {{shortfall}}.",
        _RETIRING,
    ),
    "retirement-cancelled": ChangeKind(
        SAFE,
        "{name}: retirement canceled; the last day was {last_day}",
        "Admins no longer see the notice. Their selections remain.",
    ),
    "retirement-moved": ChangeKind(
        RISKY,
        "{name}: retirement changed: {moved}",
        f"{_RETIRING} Admins who planned for the earlier announcement must plan again.",
        _RETIRING,
    ),
    "own-key-changed": ChangeKind(
        RISKY,
        "{name}: {key} changed: {before} → {after}",
        "Only the repository's JSON Schema has this key. Who uses it may be affected.",
    ),
}
"""Every kind of change by name, in the order in which reports list changes of equal impact."""

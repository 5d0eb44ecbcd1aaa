"""The kinds of change that customers can notice: impact and wording."""

from enum import StrEnum
from typing import Any, NamedTuple

from roster.diff.wording import SINGULAR


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
        safe_effect: the effect in the case that makes the change safe; empty for kinds without one.
        safe_if: that case.
        forced_effect: the effect of a retirement that the provider forces; empty for other kinds.
    """

    impact: Impact
    summary: str
    effect: str
    safe_effect: str = ""
    safe_if: str = "announced in time"
    forced_effect: str = ""


_MOVED = "Instances that selected {it} fall back to {fallbacks}, without notice."
REDIRECTED = "Selections and requests with {old} lead to {other}, without notice."
"""The effect instead, where another model has the id as an alias."""
_SUSPENDED = "From {since}, {its} users get {fallbacks}. Their selections apply again when the suspension ends."
_ENDED = "{Its} last day was {last_day}, as announced. {It} no longer {serves} any users."
_RETIRING = "Admins see a notice from {notice}. After {last_day}, {replacement} replaces {it} for {features}."
_FORCED = f"{_RETIRING} {{provider}} {{ends}} {{this_model}} on {{end}}, so {{shortfall}}."

_SELECTABLE = "Admins can select {it} for {features}."
AUDIENCES = {
    "GA": "Admins can select {it} for {ga}.",
    "BETA": "Admins of self-managed instances can select {it} for {beta}; GitLab does not offer beta models.",
    "EXPERIMENT": "Admins of self-managed instances can select {it} for {experiment}; in GitLab, only its team can.",
}
"""Who can select a model for the features that it serves in a release state: GitLab reads no lists of beta models, and
those of experiments only for its own team."""
STATE_EFFECTS = {
    ("GA", "BETA"): "GitLab no longer offers {it}: {its} users there fall back to {fallbacks}. "
    "Admins of self-managed instances see {it} marked as BETA, and their selections remain.",
    ("GA", "EXPERIMENT"): "In GitLab, only its team can select {it}: other users there fall back to {fallbacks}. "
    "Admins of self-managed instances see {it} marked as EXPERIMENT, and their selections remain.",
    (
        "BETA",
        "EXPERIMENT",
    ): "Admins of self-managed instances see {it} marked as EXPERIMENT, and their selections remain. "
    "In GitLab, only its team can select {it}.",
    ("EXPERIMENT", "BETA"): "Admins of self-managed instances see {it} marked as BETA. "
    "GitLab no longer offers {it} to its team, because it does not offer beta models.",
    ("BETA", "GA"): "Admins see {it} marked as GA, and can select {it} in GitLab, too.",
    ("EXPERIMENT", "GA"): "Admins see {it} marked as GA, and all of them can select {it} in GitLab, too.",
}
"""The effects of another release state on the features that the model is no default of; a default is always offered."""

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
    "model-withdrawn": ChangeKind(BREAKING, "{name} {is} no longer offered", _MOVED, _ENDED),
    "model-offered": ChangeKind(SAFE, "{name} {is} now offered as {states}", _SELECTABLE),
    "model-suspended": ChangeKind(RISKY, "{name} {is} suspended from {since}: {reason}", _SUSPENDED),
    "suspension-changed": ChangeKind(
        RISKY,
        "{name}: suspension changed: {moved}",
        _SUSPENDED,
        "Admins see {it} as suspended from {since}: {reason}.",
        safe_if="the suspension does not start earlier",
    ),
    "suspension-ended": ChangeKind(
        SAFE,
        "{name} {is} no longer suspended",
        "Admins can select {it} again, and earlier selections of {it} apply again.",
    ),
    "environment-skipped": ChangeKind(
        RISKY, "{name} {is} not offered in {previous}", "Customers get a model that was not tested in {previous}."
    ),
    "trial-shortened": ChangeKind(
        RISKY,
        "{name} {is} offered before the end of {its} trial period in {previous}",
        "Customers get a model that was not tested for long enough. {Each} {state}; {requirement}.",
    ),
    "id-changed": ChangeKind(
        BREAKING,
        "{name}: id changed: {old} → {new}",
        "Instances that selected {old} no longer find {it} and fall back to {fallbacks}.",
        "Selections and requests with {old} lead to {new}.",
        safe_if="the old id is an alias of the model",
    ),
    "alias-removed": ChangeKind(
        BREAKING,
        "{name}: alias removed: {alias}",
        "Instances that selected {alias} find no model and fall back to {fallbacks}.",
    ),
    "alias-added": ChangeKind(
        SAFE, "{name}: alias added: {alias}", "Selections and requests with {alias} lead to {it}."
    ),
    "model-renamed": ChangeKind(
        SAFE, "{before} is renamed to {new}", "Admins see the new name. Their selections remain."
    ),
    "shown-name-changed": ChangeKind(
        SAFE,
        "{name} is shown as {after} instead of {before}",
        "Admins see the new name, because another model has or had the same one. Their selections remain.",
    ),
    "feature-unserved": ChangeKind(
        BREAKING,
        "no model serves {feature} any longer",
        "{feature} {stops} working for all users.",
        "{feature} {has} had no model since {last_day}, as announced.",
    ),
    "feature-served": ChangeKind(
        SAFE,
        "{feature} now {has} a model",
        "{feature} {starts} working on instances that have it enabled. Users without a selected model get {after}.",
    ),
    "feature-lost": ChangeKind(BREAKING, "{name} no longer {serves} {feature}", _MOVED, _ENDED),
    "feature-gained": ChangeKind(SAFE, "{name} now {serves} {feature} as {states}", _SELECTABLE),
    "default-lost": ChangeKind(
        BREAKING,
        "{feature} no longer {has} a default; it was {before}",
        "{feature} {stops} working for users without a selected model.",
    ),
    "default-gained": ChangeKind(
        SAFE,
        "{feature} now {has} a default: {after}",
        "{after} serves {feature} for users without a selected model.",
    ),
    "default-switched": ChangeKind(
        RISKY,
        "{feature}: default changed: {before} → {after}",
        "Users without a selected model for {feature} are moved to {after} without notice.",
        "Users without a selected model for {feature} are moved to {after}, as announced on {notice}.",
    ),
    "default-shares-changed": ChangeKind(
        RISKY,
        "{feature}: shares of the defaults changed: {before} → {after}",
        "More of the users without a selected model for {feature} get {gaining}, without notice.",
        "More of the users without a selected model for {feature} get {gaining}, as announced on {notice}.",
    ),
    "release-state-demoted": ChangeKind(
        RISKY,
        "{name}: release state lowered: {old} → {new}",
        "Admins see {it} marked as {new}. Their selections remain.",
    ),
    "release-state-promoted": ChangeKind(
        SAFE, "{name}: release state raised: {old} → {new}", "Admins see {it} marked as {new}."
    ),
    "deployment-moved": ChangeKind(
        RISKY, "{name}: deployment changed: {values}", "For all users of {this_model}, {moved}."
    ),
    "limit-lowered": ChangeKind(
        RISKY,
        "{name}: {limit} lowered: {before} → {after}",
        "Longer requests or answers of {its} users may fail or be cut off.",
    ),
    "limit-raised": ChangeKind(
        SAFE, "{name}: {limit} raised: {before} → {after}", "Longer requests or answers are possible."
    ),
    "capability-removed": ChangeKind(
        RISKY,
        "{name}: {capabilities} removed from {its} capabilities",
        "What relies on {capabilities} may fail with {it}.",
    ),
    "capability-added": ChangeKind(
        SAFE, "{name}: {capabilities} added to {its} capabilities", "{Its} users can rely on {capabilities}."
    ),
    "regions-changed": ChangeKind(
        RISKY,
        "{name}: regions changed: {before} → {after}",
        "The prompts of {its} users are processed in {after}.",
        "The prompts of {its} users are processed in {after} only.",
        safe_if="no region is added",
    ),
    "data-retention-lengthened": ChangeKind(
        RISKY,
        "{name}: data retention lengthened: {before} → {after}",
        "The provider may store the prompts of {its} users for a longer time.",
    ),
    "data-retention-shortened": ChangeKind(
        SAFE,
        "{name}: data retention shortened: {before} → {after}",
        "The provider stores the prompts of {its} users for {after} at most.",
    ),
    "provider-changed": ChangeKind(
        RISKY,
        "{name}: provider changed: {before} → {after}",
        "Admins see the new provider with {its} name. Their selections remain.",
    ),
    "cost-raised": ChangeKind(
        RISKY,
        "{name}: cost raised: {before} → {after}",
        "Admins see the higher cost. Instances that selected {it} may pay more.",
        "Admins see the cost, which was not stated before.",
        safe_if="there was no cost before",
    ),
    "cost-lowered": ChangeKind(SAFE, "{name}: cost lowered: {before} → {after}", "Admins see the new cost."),
    "description-changed": ChangeKind(
        SAFE, "{name}: description changed: {before} → {after}", "Admins see the new description."
    ),
    "documentation-changed": ChangeKind(
        SAFE, "{name}: documentation changed: {before} → {after}", "Admins see the link to the new page."
    ),
    "models-reordered": ChangeKind(
        SAFE, "order of models changed: {moved}", "Admins see the models in the new order. Their selections remain."
    ),
    "feature-renamed": ChangeKind(
        SAFE, "{feature}: {moved} in {registry}", "Admins see {feature} under the new title or category."
    ),
    "feature-setting-changed": ChangeKind(
        RISKY,
        "{feature}: {moved} in {registry}",
        "GitLab finds the models of {feature} only under the new setting and unit primitives.",
    ),
    "feature-gateway-changed": ChangeKind(
        RISKY,
        "{feature}: gateway settings changed: {moved} in {registry}",
        "GitLab's gateway applies them. Admins see the models of {feature} in the order of the lists.",
    ),
    "features-reordered": ChangeKind(
        SAFE, "order of features changed: {moved} in {registry}", "Lists of features have the new order."
    ),
    "artifact-changed": ChangeKind(
        RISKY, "the rendered artifacts change: {keys}", "Gateways and instances receive different data."
    ),
    "gateway-settings-changed": ChangeKind(
        RISKY, "{name}: gateway settings changed: {moved}", "Gateways apply them to the requests of all {its} users."
    ),
    "retirement-announced": ChangeKind(
        RISKY,
        "{name}: retirement announced, last day {last_day} for {features}",
        f"{_RETIRING} The announcement does not meet the policy of {{environment}}: {{shortfall}}.",
        _RETIRING,
        forced_effect=_FORCED,
    ),
    "retirement-cancelled": ChangeKind(
        SAFE,
        "{name}: retirement canceled; the last day was {last_day} for {features}",
        "Admins no longer see the notice. Their selections remain.",
    ),
    "retirement-moved": ChangeKind(
        RISKY,
        "{name}: retirement changed: {moved}",
        f"{_RETIRING} Admins who planned for the earlier announcement must plan again.",
        _RETIRING,
        forced_effect=_FORCED,
    ),
    "own-key-changed": ChangeKind(
        RISKY,
        "{name}: {key} changed: {before} → {after}",
        "Only the repository's JSON Schema has this key. Who uses it may be affected.",
    ),
}
"""Every kind of change by name, in the order in which reports list changes of equal impact."""


def described_kinds() -> dict[str, ChangeKind]:
    """Return every kind by name with the words for a single model and feature, for documentation."""
    return {name: ChangeKind(*map(_singular, kind)) for name, kind in KINDS.items()}


def _singular(value: Any) -> Any:
    if isinstance(value, Impact):
        return value
    for word, form in SINGULAR.items():
        value = value.replace(f"{{{word}}}", form)
    return value

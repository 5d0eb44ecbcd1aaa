"""The kind of the opposite of each change, from head to base."""

from roster.diff.kinds import KINDS

_PAIRS = {
    "environment-removed": "environment-added",
    "model-withdrawn": "model-offered",
    "model-suspended": "suspension-ended",
    "alias-removed": "alias-added",
    "feature-unserved": "feature-served",
    "feature-lost": "feature-gained",
    "default-lost": "default-gained",
    "release-state-demoted": "release-state-promoted",
    "limit-lowered": "limit-raised",
    "cost-raised": "cost-lowered",
    "capability-removed": "capability-added",
    "data-retention-lengthened": "data-retention-shortened",
    "retirement-announced": "retirement-cancelled",
}
MIRROR = {kind: kind for kind in KINDS} | _PAIRS | {opposite: kind for kind, opposite in _PAIRS.items()}
"""The other kinds are their own mirror."""
REGISTRY_KINDS = frozenset(
    {
        "feature-renamed",
        "feature-setting-changed",
        "feature-gateway-changed",
        "features-reordered",
        "artifact-changed",
        "shown-name-changed",
    }
)
"""Kinds of changes of what registries say about features, and of what only rendered artifacts show."""
PATH_KINDS = frozenset({"environment-skipped", "trial-shortened"})
"""Kinds that judge how a model enters an environment, according to its history. They come in addition to others."""

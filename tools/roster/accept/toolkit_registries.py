"""Registries for a gateway, which has no repository: the toolkit's own, extended by the names that a download uses.

A download may use a feature or family that was registered after this gateway was built. CI has checked it against the
registries of its time, so here every well-formed name is registered, no feature is required, and there are no policies.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from roster.accept.artifact_schema import schema_part
from roster.check.loading import load_registry
from roster.download.rejection import Rejected
from roster.model import UNREADABLE_FEATURE, ReleaseState
from roster.naming import quote
from roster.registries import FAMILIES, FEATURES, Environment, Feature, Registries
from roster.repository import toolkit_repository

ENVIRONMENT = "production"
"""Placeholder for the environment of a roster, which names none; its policy allows everything."""
_MAX_UNKNOWN_NAMES = 1_000
"""Limits the time that rules take, which grows with the number of names."""


def registries_for(models: Any) -> Registries:
    """Return the registries to validate a roster's models against.

    Raises:
        Rejected: the name of a feature or family is malformed, or too many names are unknown.
    """
    features, families = _toolkit_registries()
    new_features = _new_names("feature", _feature_names(models), features, ("$defs", "feature"))
    used_families = (model.get("family") for model in _mappings(models))
    new_families = _new_names("family", used_families, families, ("$defs", "route", "properties", "family"))
    new = {name: Feature(name, name, "", name, (), False) for name in new_features}
    policy = Environment(ENVIRONMENT, (*ReleaseState,), (*ReleaseState,), 0)
    return Registries(features | new, (*families, *new_families), {ENVIRONMENT: policy})


@cache
def _toolkit_registries() -> tuple[dict[str, Feature], tuple[str, ...]]:
    toolkit = toolkit_repository()
    registries = Registries.of(load_registry(toolkit, FEATURES), load_registry(toolkit, FAMILIES), [])
    features = {name: feature._replace(required=False, requires=()) for name, feature in registries.features.items()}
    return features, registries.families


def _new_names(kind: str, names: Iterable[Any], registered: Iterable[str], definition: tuple[str, ...]) -> list[str]:
    """Return the names that are not registered, sorted, after checking them against the pattern of a definition."""
    new = sorted({name for name in names if isinstance(name, str)}.difference(registered))
    pattern = schema_part("gateway", definition)["pattern"]
    for name in new:
        if not re.fullmatch(pattern, name):
            raise Rejected("rule-broken", f"{quote(name)} is not a valid name of a {kind} [unknown-{kind}]")
    if len(new) > _MAX_UNKNOWN_NAMES:
        raise Rejected("rule-broken", f"it uses {len(new):,} unknown names [unknown-{kind}]")
    return new


def _feature_names(models: Any) -> Iterator[Any]:
    for model in _mappings(models):
        retirement = model.get("retirement")
        retirements = _mappings(retirement if isinstance(retirement, list) else [retirement])
        keys = ("features", "default_for", "release_state_for")
        for names in (*map(model.get, keys), *(each.get("features") for each in retirements)):
            if isinstance(names, list | dict):
                yield from (name for name in names if name != UNREADABLE_FEATURE)


def _mappings(models: Any) -> Iterator[dict[str, Any]]:
    return (model for model in models if isinstance(model, dict)) if isinstance(models, list) else iter(())

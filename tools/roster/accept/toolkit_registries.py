"""What a gateway knows without a repository: the toolkit's own registries, and what the download itself names.

A roster may use a feature or a family that was registered after this gateway was built. CI held it to the registries
of its time; here any well-formed name counts as registered, no feature is required, and no environment has a policy.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from roster import repository as files
from roster.check.loading import load_registry
from roster.download.rejection import Rejected
from roster.naming import quote
from roster.registries import Environment, Feature, Registries
from roster.repository import toolkit_file, toolkit_repository
from roster.roster import UNREADABLE_FEATURE, ReleaseState

ENVIRONMENT = "production"
"""Stands for the environment of a roster, which names none; its policy allows everything."""
_NEW_AT_MOST = 1_000
"""How many names that are not registered a download may use; the rules' time grows with them."""


def registries_for(models: Any) -> Registries:
    """Return the registries that a roster's models are held to.

    Raises:
        Rejected: they name what cannot be a feature or a family, or very many that are not known.
    """
    features, families = _shipped()
    names = set(_features(models)) - features.keys()
    _hold("feature", names, schema_part("gateway", ("$defs", "feature"))["pattern"])
    more = {model["family"] for model in _mappings(models) if isinstance(model.get("family"), str)} - {*families}
    _hold("family", more, schema_part("gateway", ("$defs", "route", "properties", "family"))["pattern"])
    new = {name: Feature(name, name, "", name, (), False) for name in sorted(names)}
    policy = Environment(ENVIRONMENT, (*ReleaseState,), (*ReleaseState,), 0)
    return Registries(features | new, (*families, *sorted(more)), {ENVIRONMENT: policy})


def schema_part(kind: str, pointer: tuple[str | int, ...]) -> dict[str, Any]:
    """Return a part of the JSON Schema of an artifact; an empty one where there is none."""
    part = _schema(kind)
    for key in pointer:
        part = part.get(key, {}) if isinstance(part, dict) else {}
    return part if isinstance(part, dict) else {}


@cache
def _schema(kind: str) -> Any:
    return json.loads(toolkit_file(f"{kind}.schema.json").read_bytes())


@cache
def _shipped() -> tuple[dict[str, Feature], tuple[str, ...]]:
    toolkit = toolkit_repository()
    registries = Registries.of(load_registry(toolkit, files.FEATURES), load_registry(toolkit, files.FAMILIES), [])
    features = {name: feature._replace(required=False) for name, feature in registries.features.items()}
    return features, registries.families


def _hold(what: str, names: set[str], pattern: str) -> None:
    for name in names:
        if not re.fullmatch(pattern, name):
            raise Rejected("rule-broken", f"{quote(name)} cannot be the name of a {what} [unknown-{what}]")
    if len(names) > _NEW_AT_MOST:
        raise Rejected("rule-broken", f"it names {len(names):,} that are not known here [unknown-{what}]")


def _features(models: Any) -> Iterator[str]:
    for model in _mappings(models):
        retirement = model.get("retirement")
        ending = retirement.get("features") if isinstance(retirement, dict) else ()
        for names in (model.get("features"), model.get("default_for"), ending):
            for name in names if isinstance(names, list) else ():
                if isinstance(name, str) and name != UNREADABLE_FEATURE:
                    yield name


def _mappings(models: Any) -> Iterator[dict[str, Any]]:
    return (model for model in models if isinstance(model, dict)) if isinstance(models, list) else iter(())

"""Completion of definitions from other versions of GitLab's gateway: older ones have fewer keys, newer ones weights.

Sources: the history of ``ai_gateway/api/v1/models/get_definitions.py`` in the AI gateway. Models got ``provider``,
``deprecation`` and ``description`` in November 2025, and ``cost_indicator`` in December; features got ``dev`` in
November 2025, ``default_models`` in April 2026 and ``deprecated_models`` in August 2026.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from roster.render.default_weights import shares_of

WEIGHTS = "default_weights"
"""The key that a feature gets for the weights of its defaults, by id."""
_DEPRECATION: dict[str, Any] = {"deprecation_date": None, "removal_version": None}
_MODEL: dict[str, Any] = dict.fromkeys(("provider", "deprecation", "description", "cost_indicator"))
_LISTS = ("default_models", "selectable_models", "beta_models", "deprecated_models", "unit_primitives")
_FEATURE: dict[str, Any] = {"default_model": None, "dev": None} | {key: [] for key in _LISTS}


def with_missing_keys(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return definitions with the keys that consumers require; values of another shape are unchanged."""
    models = [_model(model) for model in definitions["models"]]
    features = [_feature(feature) for feature in definitions["unit_primitives"]]
    return {**definitions, "models": models, "unit_primitives": features}


def _model(model: Any) -> Any:
    completed = _completed(model, _MODEL)
    if isinstance(completed, dict):
        completed["deprecation"] = _completed(completed["deprecation"], _DEPRECATION)
    return completed


def _feature(feature: Any) -> Any:
    completed = _completed(feature, _FEATURE)
    if not isinstance(completed, dict):
        return completed
    if isinstance(deprecated := completed["deprecated_models"], list):
        completed["deprecated_models"] = [_completed(each, _DEPRECATION) for each in deprecated]
    if isinstance(defaults := completed["default_models"], list):
        completed["default_models"] = [_without_weight(each) for each in defaults]
    completed[WEIGHTS] = _weights(defaults)
    return completed


def _without_weight(default: Any) -> Any:
    """Return the id of a weighted default; newer files of the gateway have some."""
    return default["identifier"] if isinstance(default, dict) and "identifier" in default else default


def _weights(defaults: Any) -> dict[str, float]:
    """Return the weights of a feature's defaults by id; empty without valid ones."""
    if not shares_of(defaults):
        return {}
    weighted = [each for each in defaults if isinstance(each, dict) and each.get("weight") is not None]
    return {each["identifier"]: each["weight"] for each in weighted}


def weighted_shares(feature: Mapping[str, Any], ids: Iterable[str]) -> dict[str, int]:
    """Return the share of each of some defaults of a feature in percent, if it has weights; empty otherwise."""
    weights = feature[WEIGHTS]
    return shares_of([{"identifier": id_, "weight": weights[id_]} for id_ in ids if id_ in weights]) or {}


def _completed(entry: Any, missing: Mapping[str, Any]) -> Any:
    """Return a mapping with missing keys added, also those that are null."""
    if not isinstance(entry, dict):
        return entry
    return entry | {key: value for key, value in missing.items() if entry.get(key) is None}

"""Acceptance of definitions: what a gateway serves at ``/v1/models/definitions``, this toolkit's or GitLab's own.

GitLab's gateway does not send the keys that ``render/definitions_json.py`` adds; they are derived:

- a feature is looked up by its setting in the toolkit's registry; an unknown setting is used as the feature's name;
- a model serves the features whose lists contain it; the most mature of those lists determines its release state;
- a model that is in no list serves nothing and is left out, before it is validated: GitLab's gateway has some for other
  purposes;
- keys that older versions of that gateway lack become null or empty;
- if several models share the default, the one with the largest weight is the default, or else the first one; weights
  become shares in percent, unless the default is a pseudo-model that stands for all of them;
- ``removal_version`` is a version there, and ``deprecation_date`` any text: whatever is not a date becomes null.

An invalid model is left out, too, with everything that refers to it, and so are an unknown feature that is invalid, an
id that no model has, and all but the first model with the same id. If all models are invalid, or the rest contradicts
itself, the definitions are rejected.

The result has every key of the JSON Schema, so that consumers need not distinguish the gateways.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from roster.accept.accepted_list import AcceptedList
from roster.accept.artifact_rules import apply_rules
from roster.accept.artifact_schema import schema_part, validate_schema
from roster.accept.contradictions import list_contradictions, reject_contradictions
from roster.accept.left_out_models import (
    describe,
    malformed_models,
    missing_models,
    rule_breaking_models,
    visible_texts,
    without_malformed_features,
    without_models,
    without_repeated_models,
    without_unused_models,
)
from roster.accept.older_definitions import weighted_shares, with_missing_keys
from roster.accept.toolkit_registries import registries_for
from roster.download.rejection import Rejected
from roster.model import ReleaseState
from roster.naming import quote
from roster.registries import Feature
from roster.schema.compilation import is_date

_UNOFFERED_MODELS = {
    "retired": "retired_model",
    "retired_without_replacement": "unreplaced_model",
    "suspended": "suspended_model",
}
"""The keys with models that are not offered, with their definition in the JSON Schema."""


def accept_definitions(body: bytes, value: Mapping[str, Any], *, on: date) -> AcceptedList:
    """Accept definitions. ``value`` is the parsed body.

    Raises:
        Rejected: they are invalid, contradict themselves or break a rule.
    """
    if value.get("models") == []:
        raise Rejected("no-models", "its list of models is empty")
    if not all(value.get(key) and isinstance(value[key], list) for key in ("models", "unit_primitives")):
        validate_schema("definitions", value)
    value, invalid_features = without_malformed_features(with_missing_keys(value))
    value, repeated = without_repeated_models(without_unused_models(value))
    problems = missing_models(value) | malformed_models(value)
    value = _without_invalid(value, problems)
    try:
        envelope = _complete(value, on)
    except Rejected:
        rule_breakers = rule_breaking_models(value, on)
        if not rule_breakers:
            raise
        problems |= rule_breakers
        envelope = _complete(_without_invalid(value, problems), on)
    problems = repeated | problems
    return AcceptedList.of("definitions", envelope, body)._replace(left_out=describe(problems, invalid_features))


def _without_invalid(value: Mapping[str, Any], problems: Mapping[str, str]) -> dict[str, Any]:
    valid = without_models(value, problems)
    if not valid["models"]:
        first = next(iter(describe(problems, {})), "")
        raise Rejected("no-models", f"none of its models is valid: {first}" if first else "no feature has a model")
    return valid


def _complete(value: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return the keys of ``gateway.json`` that definitions have, after validating them."""
    validate_schema("definitions", value)
    features = _features(value["unit_primitives"])
    reject_contradictions(_duplicates(features))
    serving = _serving(features)
    models = [_model(model, serving) for model in value["models"]]
    unoffered = _unoffered_ids(value)
    for entry in features:
        entry["deprecated_models"] = [model for model in entry["deprecated_models"] if model["identifier"] in serving]
    listed = {*serving, *(model["id"] for key in _UNOFFERED_MODELS for model in unoffered.get(key, ()))}
    reject_contradictions(_contradictions(models, features, serving, listed))
    envelope: dict[str, Any] = {
        "offered_models": [_offered_model(model) for model in models],
        "defaults": {each["feature"]: each["default_model"] for each in features if each["default_model"]},
        "default_shares": {each["feature"]: each["default_shares"] for each in features if "default_shares" in each},
        **unoffered,
        "definitions": {"models": models, "unit_primitives": features, **unoffered},
    }
    reject_contradictions(list_contradictions(envelope))
    more = visible_texts(models) + [{"name": each["title"]} for each in features]
    apply_rules(json.dumps(envelope, ensure_ascii=False), envelope, on, more=more)
    return envelope


def _unoffered_ids(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys about ids that are not offered; only GitLab's own gateway does not send ``retired``."""
    models = {
        key: [_schema_keys(definition, model) for model in value[key]]
        for key, definition in _UNOFFERED_MODELS.items()
        if key in value
    }
    return {"retired": []} | models | ({"aliases": value["aliases"]} if "aliases" in value else {})


def _features(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Complete the features to every key of the schema."""
    by_setting = {feature.setting: feature for feature in registries_for([]).features.values()}
    features = [_feature(entry, by_setting) for entry in entries]
    registries_for([{"features": [entry["feature"] for entry in features]}])  # rejects malformed names
    return features


def _feature(entry: dict[str, Any], by_setting: Mapping[str, Feature]) -> dict[str, Any]:
    setting, dev = entry["feature_setting"], entry["dev"]
    registered = by_setting.get(setting, Feature(setting, setting, "", setting, (), False))
    derived = {"feature": registered.name, "title": registered.title, "category": registered.category}
    completed = {
        **_defaults(entry),
        "deprecated_models": [
            {"identifier": model["identifier"]} | _deprecation(model) for model in entry["deprecated_models"]
        ],
        "dev": dev and {"selectable_models": dev["selectable_models"]},
    }
    return _schema_keys("unit_primitive", derived | entry | completed)


def _defaults(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default of a feature, and the shares of several if they have weights."""
    default, defaults = entry["default_model"], entry["default_models"]
    shares = weighted_shares(entry, defaults)
    if len(shares) > 1 and (default is None or default in shares):
        return {"default_model": max(shares, key=lambda id_: shares[id_]), "default_shares": shares}
    return {"default_model": default or next(iter(defaults), None)}


def _schema_keys(definition: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of an entry that the JSON Schema has, in its order."""
    properties = schema_part("definitions", ("$defs", definition, "properties"))
    return {key: entry[key] for key in properties if key in entry}


def _deprecation(model: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "deprecation_date": _date_or_none(model["deprecation_date"]),
        "removal_version": _date_or_none(model["removal_version"]),
        "replacement": model.get("replacement"),
    }


def _date_or_none(text: str | None) -> str | None:
    return date.fromisoformat(text).isoformat() if text and is_date(text) else None


def _serving(features: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the features that each model serves according to the lists, with its release state for each."""
    serving: dict[str, dict[str, str]] = {}
    for entry in features:
        default = [entry["default_model"]] if entry["default_model"] else []
        lists = {
            ReleaseState.GA: [*entry["selectable_models"], *entry["default_models"], *default],
            ReleaseState.BETA: entry["beta_models"],
            ReleaseState.EXPERIMENT: (entry["dev"] or {"selectable_models": ()})["selectable_models"],
        }
        for state, ids in lists.items():
            for id_ in ids:
                serving.setdefault(id_, {}).setdefault(entry["feature"], state)
    return serving


def _model(model: dict[str, Any], serving: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    states = serving.get(model["identifier"], {})
    state = next((state for state in ReleaseState if state in states.values()), ReleaseState.EXPERIMENT)
    derived = {"release_state": state.value, "features": list(states)}
    deprecation = model["deprecation"] and _deprecation(model["deprecation"])
    return _schema_keys("model", derived | model | {"deprecation": deprecation})


def _duplicates(features: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each duplicate setting or feature."""
    names = (
        *(f"the setting {quote(entry['feature_setting'])}" for entry in features),
        *(f"the feature {quote(entry['feature'])}" for entry in features),
    )
    yield from (f"{name} is duplicated" for name, count in Counter(names).items() if count > 1)


def _contradictions(
    models: list[dict[str, Any]],
    features: list[dict[str, Any]],
    serving: Mapping[str, Mapping[str, str]],
    listed: set[str],
) -> Iterator[str]:
    """Yield a sentence for each contradiction within definitions."""
    for model in models:
        lists = serving.get(model["identifier"], {}).keys()
        if differing := sorted(lists ^ set(model["features"])):
            yield f"{quote(model['identifier'])} and the feature lists disagree about {quote(differing[0])}"
    deprecations = [(model["identifier"], model["deprecation"]) for model in models if model["deprecation"]]
    deprecations += [(model["identifier"], model) for entry in features for model in entry["deprecated_models"]]
    for id_, deprecation in deprecations:
        replacement = deprecation["replacement"]
        if replacement == id_ or (replacement and replacement not in listed):
            another = f"its replacement {quote(replacement)} is not another model of this list"
            yield f"{quote(id_)} is deprecated, but {another}"


def _offered_model(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model as in ``offered_models.json``; its name does not include the provider."""
    name = model["name"].removesuffix(f" - {model['provider']}") if model["provider"] else model["name"]
    return {
        "name": name,
        "id": model["identifier"],
        "release_state": model["release_state"],
        "features": model["features"],
    }

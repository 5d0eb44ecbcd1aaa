"""Definitions as contents: what a gateway answers at ``/v1/models/definitions``, ours or GitLab's own.

GitLab's gateway leaves out what ``render/definitions.py`` adds, and here it is made up for:

- a feature is looked up by its setting among those that this toolkit knows, or else is called like it;
- a model serves the features whose lists hold it, and the most finished of those lists says its release state;
- a model that is in no list serves nothing, and is left out: GitLab has some for other purposes;
- where several models are the default by turns, the first one is;
- ``removal_version`` is a version there, and ``deprecation_date`` any text: what is no day becomes null.

What comes of it has every key of the JSON Schema, so that whoever reads it need not ask which gateway answered.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from roster.accept.accepted_list import AcceptedList
from roster.accept.json_artifact import hold_to_rules, hold_to_schema, stones_that_contradict
from roster.accept.toolkit_registries import registries_for
from roster.download.rejection import Rejected
from roster.naming import quote
from roster.registries import Feature
from roster.render.offered_models_json import as_lines
from roster.roster import ReleaseState
from roster.schema.validator import is_date
from roster.secret_patterns import redact_message

_MODEL = ("name", "identifier", "provider", "deprecation", "description", "cost_indicator", "release_state", "features")
_STONE = ("id", "last_day", "replacement", "features")


def accept_definitions(body: bytes, text: str, value: Mapping[str, Any], *, on: date) -> AcceptedList:
    """Return what definitions say. ``text`` is what was downloaded, ``value`` what it parses to.

    Raises:
        Rejected: they are none, or contradict themselves or a rule.
    """
    if value.get("models") == []:
        raise Rejected("no-models", "its list of models is empty")
    hold_to_schema("definitions", value)
    features = _features(value["unit_primitives"])
    _hold_to_itself(_repeated(value, features))
    serving = _serving(features)
    models = [_model(model, serving) for model in value["models"]]
    retired = [{key: stone[key] for key in _STONE if key in stone} for stone in value.get("retired", ())]
    _hold_to_itself(_contradictions(models, features, serving, {stone["id"] for stone in retired}))
    for entry in features:
        entry["deprecated_models"] = [told for told in entry["deprecated_models"] if told["identifier"] in serving]
    whole = {
        "models": [model for model in models if model["features"]],
        "unit_primitives": features,
        "retired": retired,
    }
    if not whole["models"]:
        raise Rejected("no-models", "no feature of it has a model")
    envelope: dict[str, Any] = {
        "offered_models": [_listed(model) for model in whole["models"]],
        "defaults": {each["feature"]: each["default_model"] for each in features if each["default_model"]},
        "retired": retired,
        "definitions": whole,
    }
    _hold_to_itself(stones_that_contradict(envelope))
    told = [_told(model) for model in whole["models"]] + [{"name": each["title"]} for each in features]
    hold_to_rules(text, envelope, on, told=told)
    return AcceptedList.of("definitions", envelope, f"{as_lines(envelope['offered_models'])}\n".encode(), body)


def _features(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return features with every key of the schema; the default is the first, where GitLab names several."""
    of_setting = {feature.setting: feature for feature in registries_for([]).features.values()}
    features = [_feature(entry, of_setting) for entry in entries]
    registries_for([{"features": [entry["feature"] for entry in features]}])  # refuses a setting that cannot be a name
    return features


def _feature(entry: dict[str, Any], of_setting: Mapping[str, Feature]) -> dict[str, Any]:
    setting = entry["feature_setting"]
    known = of_setting.get(setting, Feature(setting, setting, "", setting, (), False))
    dev = entry["dev"]
    return {
        "feature_setting": setting,
        "feature": entry.get("feature", known.name),
        "title": entry.get("title", known.title),
        "category": entry.get("category", known.category),
        "default_model": entry["default_model"] or next(iter(entry["default_models"]), None),
        "default_models": entry["default_models"],
        "selectable_models": entry["selectable_models"],
        "beta_models": entry["beta_models"],
        "deprecated_models": [
            {"identifier": model["identifier"]} | _deprecation(model) for model in entry["deprecated_models"]
        ],
        "dev": dev and {"selectable_models": dev["selectable_models"]},
        "unit_primitives": entry["unit_primitives"],
    }


def _deprecation(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "deprecation_date": _day(told["deprecation_date"]),
        "removal_version": _day(told["removal_version"]),
        "replacement": told.get("replacement"),
    }


def _day(text: str | None) -> str | None:
    return date.fromisoformat(text).isoformat() if text and is_date(text) else None


def _serving(features: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return what the lists say of each id: the features that it serves, each with a release state."""
    found: dict[str, dict[str, str]] = {}
    for entry in features:
        lists = {
            ReleaseState.GA: [
                *entry["selectable_models"],
                *entry["default_models"],
                *filter(None, [entry["default_model"]]),
            ],
            ReleaseState.BETA: entry["beta_models"],
            ReleaseState.EXPERIMENT: (entry["dev"] or {"selectable_models": ()})["selectable_models"],
        }
        for state, ids in lists.items():
            for id_ in ids:
                found.setdefault(id_, {}).setdefault(entry["feature"], state)
    return found


def _model(model: dict[str, Any], serving: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    states = serving.get(model["identifier"], {})
    made_up: dict[str, Any] = {
        "release_state": next(
            (state for state in ReleaseState if state in states.values()), ReleaseState.EXPERIMENT
        ).value,
        "features": list(states),
    }
    deprecation = model["deprecation"] and _deprecation(model["deprecation"])
    whole = made_up | model | {"deprecation": deprecation}
    return {key: whole[key] for key in _MODEL}


def _repeated(value: Mapping[str, Any], features: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each thing that is there twice."""
    names = (
        *(f"the model {quote(model['identifier'])}" for model in value["models"]),
        *(f"the setting {quote(entry['feature_setting'])}" for entry in features),
        *(f"the feature {quote(entry['feature'])}" for entry in features),
    )
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{name} is there twice"
        seen.add(name)


def _contradictions(
    models: list[dict[str, Any]],
    features: list[dict[str, Any]],
    serving: Mapping[str, Mapping[str, str]],
    gone: set[str],
) -> Iterator[str]:
    """Yield a sentence for each two parts of definitions that do not fit together."""
    ids = {model["identifier"] for model in models}
    yield from (f"{quote(id_)} can be chosen, but is not among the models" for id_ in serving if id_ not in ids)
    for model in models:
        lists = serving.get(model["identifier"], {}).keys()
        if other := sorted(lists ^ set(model["features"])):
            yield f"{quote(model['identifier'])} and the lists do not agree on {quote(other[0])}"
    deprecations = [(model["identifier"], model["deprecation"]) for model in models if model["deprecation"]]
    deprecations += [(told["identifier"], told) for entry in features for told in entry["deprecated_models"]]
    for id_, deprecation in deprecations:
        heir = deprecation["replacement"]
        if id_ not in ids:
            yield f"{quote(id_)} is deprecated, but is not among the models"
        if heir == id_ or (heir and heir not in serving.keys() | gone):
            yield f"{quote(id_)} is deprecated, and its replacement {quote(heir)} is no other model of this list"


def _hold_to_itself(contradictions: Iterator[str]) -> None:
    for contradiction in contradictions:
        raise Rejected("rule-broken", redact_message(contradiction))


def _listed(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model as ``offered_models.json`` has it: by its name without the provider."""
    name = model["name"].removesuffix(f" - {model['provider']}") if model["provider"] else model["name"]
    return {
        "name": name,
        "id": model["identifier"],
        "release_state": model["release_state"],
        "features": model["features"],
    }


def _told(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people read of a model, under the keys of a roster."""
    return {key: model[key] for key in ("name", "description", "provider")}

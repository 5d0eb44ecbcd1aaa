"""Models and features of definitions that are left out: those that serve nothing, and invalid ones.

A gateway may list models for other purposes, in forms that this toolkit does not know, so unused models are left out
before anything is validated. An invalid model must not keep an instance from all the others, nor must an id that no
model has, or an invalid feature that this toolkit does not know. A known feature that is invalid does: without it, it
would stop working.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from roster.accept.artifact_rules import apply_rules
from roster.accept.artifact_schema import validate_schema
from roster.accept.toolkit_registries import registries_for
from roster.download.rejection import Rejected
from roster.model import ReleaseState
from roster.naming import quote
from roster.secret_redaction import redact_message

_LISTS = ("default_models", "selectable_models", "beta_models")
_REFERENCES = frozenset({*_LISTS, "default_model", "deprecated_models", "dev", "deprecation", "replacement"})
"""The keys whose values contain ids of models."""
_MAX_RULE_BREAKERS = 100
"""Each of them takes several attempts to find."""
_MAX_SENTENCES = 10


def without_malformed_features(definitions: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return definitions without malformed features that are unknown, and why by setting, unless no model serves it."""
    names = {feature.setting: feature.name for feature in registries_for([]).features.values()}
    valid, problems = [], {}
    for entry in definitions["unit_primitives"]:
        setting = entry.get("feature_setting") if isinstance(entry, dict) else None
        problem = "" if _is_in(setting, names) else _feature_problem(entry, setting)
        if not problem:
            valid.append(entry)
        elif any(_listed_ids(entry)):
            problems[str(setting)] = problem
    return {**definitions, "unit_primitives": valid or definitions["unit_primitives"]}, problems


def _feature_problem(entry: Any, setting: Any) -> str:
    """Return why a feature is invalid, apart from its models; empty if it is valid."""
    if isinstance(entry, dict):
        emptied: dict[str, Any] = {key: [] for key in (*_LISTS, "deprecated_models")} | {
            "default_model": None,
            "dev": None,
        }
        entry = {"feature": setting} | entry | {key: emptied[key] for key in emptied if key in entry}
    try:
        validate_schema("definitions", entry, "unit_primitive")
    except Rejected as rejected:
        return rejected.message
    return ""


def without_unused_models(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return definitions without the models that are in no list, whatever these look like."""
    models = [each for each in definitions["models"] if isinstance(each, dict)]
    used: set[str] = set()
    for feature in definitions["unit_primitives"]:
        used.update(_listed_ids(feature))
    unused = {each["identifier"] for each in models if isinstance(each.get("identifier"), str)} - used
    used_models = [each for each in models if _is_in(each.get("identifier"), used)]
    return without_models({**definitions, "models": used_models}, unused)


def _listed_ids(value: Any) -> Iterator[str]:
    """Yield the ids in the lists of a feature, of whatever shape it is."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))
    elif isinstance(value, dict):
        for key in (*_LISTS, "default_model", "dev"):
            yield from _listed_ids(value.get(key))


def missing_models(definitions: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids in lists that no model has; GitLab's gateway does not check that."""
    ids = {model["identifier"] for model in definitions["models"]}
    listed = dict.fromkeys(id_ for feature in definitions["unit_primitives"] for id_ in _listed_ids(feature))
    return {id_: "a feature lists it, but it is not among the models" for id_ in listed if id_ not in ids}


def without_repeated_models(definitions: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return definitions with the first model of each id only, and why the others are left out."""
    models: dict[str, Any] = {}
    problems = {}
    for model in definitions["models"]:
        if models.setdefault(model["identifier"], model) is not model:
            problems[model["identifier"]] = "a model before it has the same id"
    return {**definitions, "models": list(models.values())}, problems


def malformed_models(definitions: Mapping[str, Any]) -> dict[str, str]:
    """Return why models are invalid under the JSON Schema, by id."""
    problems = {}
    for model in definitions["models"]:
        try:
            validate_schema("definitions", model, "model")
        except Rejected as rejected:
            problems[model["identifier"]] = rejected.message
    return problems


def rule_breaking_models(definitions: Mapping[str, Any], on: date) -> dict[str, str]:
    """Return which rules are broken by models alone, by id; empty if too many models break one."""
    problems: dict[str, str] = {}
    pending = [definitions["models"]]
    while pending and len(problems) <= _MAX_RULE_BREAKERS:
        models = pending.pop()
        if problem := _broken_rule(models, on):
            half = len(models) // 2
            pending += [models[half:], models[:half]] if half else []
            problems |= {} if half else {models[0]["identifier"]: problem}
    return {} if pending else problems


def _broken_rule(models: list[dict[str, Any]], on: date) -> str:
    features, state = ["duo_chat"], ReleaseState.GA.value
    offered = [
        {"id": model["identifier"], "name": model["name"], "release_state": state, "features": features}
        for model in models
    ]
    try:
        apply_rules(json.dumps(models, ensure_ascii=False), {"offered_models": offered}, on, more=visible_texts(models))
    except Rejected as rejected:
        return rejected.message
    return ""


def visible_texts(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the texts of models that people see, under the keys of a roster."""
    return [{key: model[key] for key in ("name", "description", "provider")} for model in models]


def without_models(definitions: Mapping[str, Any], ids: Collection[str]) -> dict[str, Any]:
    """Return definitions without some models, and without everything that refers to them."""
    if not ids:
        return dict(definitions)
    changed = {
        key: _without(definitions[key], ids) for key in ("models", "unit_primitives", "retired") if key in definitions
    }
    if isinstance(aliases := definitions.get("aliases"), dict):
        removed = {*ids, *_tombstones_of(definitions.get("retired"), ids)}
        changed["aliases"] = {alias: id_ for alias, id_ in aliases.items() if not _is_in(id_, removed)}
    return {**definitions, **changed}


def _tombstones_of(retired: Any, replacements: Collection[str]) -> Iterator[str]:
    """Yield the ids of retired models with one of some replacements."""
    for each in retired if isinstance(retired, list) else ():
        if isinstance(each, dict) and isinstance(each.get("id"), str) and _concerns(each, replacements):
            yield each["id"]


def _without(value: Any, ids: Collection[str]) -> Any:
    """Return a part of definitions, of whatever shape, without ids, and without the entries of these models."""
    if isinstance(value, list):
        return [_without(item, ids) for item in value if not _concerns(item, ids)]
    if isinstance(value, dict):
        changed = {key: _without(item, ids) if key in _REFERENCES else item for key, item in value.items()}
        return _without_shares(changed, ids)
    return None if _is_in(value, ids) else value


def _without_shares(feature: dict[str, Any], ids: Collection[str]) -> dict[str, Any]:
    """Return a feature without the shares of some models, and without shares if fewer than two remain."""
    shares = feature.get("default_shares")
    if not isinstance(shares, dict) or shares.keys().isdisjoint(ids):
        return feature
    remaining = {id_: share for id_, share in shares.items() if id_ not in ids}
    others = {key: value for key, value in feature.items() if key != "default_shares"}
    return others | ({"default_shares": remaining} if len(remaining) > 1 else {})


def _concerns(item: Any, ids: Collection[str]) -> bool:
    """Return whether an item of a list is an id, a model, its deprecation, or a tombstone with it as replacement."""
    if not isinstance(item, dict):
        return _is_in(item, ids)
    return _is_in(item.get("identifier"), ids) or ("last_day" in item and _is_in(item.get("replacement"), ids))


def _is_in(value: Any, ids: Collection[str]) -> bool:
    return isinstance(value, str) and value in ids


def describe(models: Mapping[str, str], features: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each of the first models and features that were left out, and one for the others."""
    kinds = ("feature", features), ("model", models)
    sentences = [
        f"the {kind} {redact_message(quote(name))} is left out: {problem}"
        for kind, problems in kinds
        for name, problem in problems.items()
    ]
    more = len(sentences) - _MAX_SENTENCES
    return (*sentences[:_MAX_SENTENCES], *([f"{more:,} more are left out"] if more > 0 else []))

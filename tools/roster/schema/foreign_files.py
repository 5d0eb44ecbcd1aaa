"""Recognition of other files at a roster's path, such as a Git LFS pointer or a LiteLLM configuration."""

import re
from typing import Any

from roster.findings import Finding, Place
from roster.naming import quote
from roster.schema.foreign_keys import (
    DEFINITIONS,
    FORMATS,
    LITELLM,
    LITELLM_PRICES,
    MODELS_DEV,
    MODELS_YML,
    UNIT_PRIMITIVES_YML,
)
from roster.schema.model_keys import required_keys
from roster.schema.violations import type_name

_TEXTS = {  # what a text starts with
    r"version https://git-lfs": ("a Git LFS pointer", "run git lfs pull, and exclude rosters in .gitattributes"),
    r"(?i)\s*<(?:!doctype|html)": ("an HTML page, perhaps a sign-in page", "download the file again"),
    r"\s*<\?xml": ("an XML file", ""),
}
_KEYS = (  # of a mapping, or of an item of a list or of a mapping; the first match counts
    ({"model_list"}, LITELLM.title),
    ({"litellm_settings"}, LITELLM.title),
    ({"litellm_params"}, LITELLM.title),
    ({"router_settings"}, LITELLM.title),
    ({"configurable_unit_primitives"}, UNIT_PRIMITIVES_YML.title),
    ({"feature_setting", "default_model", "selectable_models", "dev"}, DEFINITIONS.title),
    ({"feature_setting", "unit_primitives"}, UNIT_PRIMITIVES_YML.title),
    ({"offered_models", "routes"}, "the artifact gateway.json"),
    ({"models", "unit_primitives"}, DEFINITIONS.title),
    ({"identifier", "name", "deprecation"}, DEFINITIONS.title),
    ({"gitlab_identifier"}, MODELS_YML.title),
    ({"litellm_provider"}, LITELLM_PRICES.title),
    ({"models", "npm"}, MODELS_DEV.title),
    ({"limit", "modalities"}, MODELS_DEV.title),
    ({"setting", "unit_primitives"}, "schemas/features.yaml"),
    ({"release_states"}, "env/environments.yaml"),
    ({"object", "data"}, "an answer of an API that lists models"),
    ({"$schema", "properties"}, "a JSON Schema"),
    ({"apiVersion", "kind"}, "a Kubernetes manifest"),
)
_OFFERED = {"name", "id", "release_state", "features"}
_IMPORT_HINTS = {each.title: each.import_hint for each in FORMATS}
_ITEMS = {str: "names", list: "lists", type(None): "empty items"}
_MAX_NAMED_KEYS = 5
_NOTE = "a roster is a list of models, and each model is a mapping of keys to values"
_HINT = 'start each model with "- name:"'
_RESTORE = 'put the roster here; its models start with "- name:"'

Explanation = tuple[str, str]
"""What a value seems to be, or empty; and a hint."""


def foreign_file(path: str, value: Any, text: str) -> Finding | None:
    """Return the finding for a file that is not a list of models; None for a list of models, even of invalid ones."""
    if value is None or value == [] or _has_models(value):
        return None
    kind, hint = _of_list(value) if isinstance(value, list) else _of_other(value, text)
    if isinstance(value, list):
        return _finding(path, "a list of models", kind, hint) if kind else None
    actual = type_name(value)
    if isinstance(value, dict) and value and not kind:
        keys = ", ".join(map(quote, list(value)[:_MAX_NAMED_KEYS]))
        actual += f" with the keys {keys}" + (", …" if len(value) > _MAX_NAMED_KEYS else "")
    return _finding(path, f"a list, not {actual}", kind, hint)


def foreign_text(path: str, text: str) -> Finding | None:
    """Return the finding for a text that is not meant to be YAML; None for any other."""
    kind, hint = _of_text(text)
    return _finding(path, "a list, not text", kind, hint) if kind else None


def recognize(value: Any, text: str) -> str:
    """Return what a file seems to be; empty if that is unclear."""
    if value is not None and _has_models(value):
        return "a roster"
    return (_of_list(value) if isinstance(value, list) and value else _of_other(value, text))[0]


def _finding(path: str, expected: str, kind: str, hint: str) -> Finding:
    message = f"the file must be {expected}" + (f"; it seems to be {kind}" if kind else "")
    hint = hint or _IMPORT_HINTS.get(kind) or (_RESTORE if kind else _HINT)
    return Finding(Place(path), message, hint, _NOTE, rule="wrong-type")


def _has_models(value: Any) -> bool:
    return isinstance(value, list) and any(map(_is_model, value))


def _is_model(value: Any) -> bool:
    """Return whether a value has enough of a model's keys to be meant as one."""
    if not isinstance(value, dict):
        return False
    keys = sum(key in value for key in required_keys())
    return (keys > 2 or (keys == 2 and not _of_keys(value))) and value.keys() != _OFFERED


def _of_list(value: list[Any]) -> Explanation:
    if not any(isinstance(item, dict) for item in value):
        if any(map(_has_models, value)):
            return "a roster within another list", 'remove the outer "- " or brackets'
        return f"a list of {_ITEMS.get(type(value[0]), 'values')}", _HINT
    if all(isinstance(item, dict) and item.keys() == _OFFERED for item in value):
        return "the artifact offered_models.json", ""
    return _of_items(value), ""


def _of_other(value: Any, text: str) -> Explanation:
    if isinstance(value, str):
        return _of_text(text)
    return _of_mapping(value) if isinstance(value, dict) else ("", "")


def _of_text(text: str) -> Explanation:
    return next((explanation for start, explanation in _TEXTS.items() if re.match(start, text)), ("", ""))


def _of_mapping(value: dict[str, Any]) -> Explanation:
    if _is_model(value):
        return "a single model", 'write "- " before its first key, and indent the other keys like that one'
    if (
        kind := _of_keys(value)
        or next(filter(None, map(_of_items, value.values())), "")
        or _of_items([*value.values()])
    ):
        return kind, ""
    if key := next((key for key, item in value.items() if _has_models(item)), ""):
        return f"a roster below the key {quote(key)}", "remove this key, so that the file starts with the list"
    if value and all(map(_is_model, value.values())):
        return "a mapping of models", 'replace each key above a model by "- "'
    return "", ""


def _of_items(value: Any) -> str:
    entries = value if isinstance(value, list) else ()
    return next(filter(None, (_of_keys(entry) for entry in entries if isinstance(entry, dict))), "")


def _of_keys(value: dict[str, Any]) -> str:
    return next((kind for keys, kind in _KEYS if keys <= value.keys()), "")

"""The lists of models in a feature of GitLab's unit_primitives.yml."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from roster.findings import Pointer
from roster.importing.source import Source
from roster.model import ReleaseState
from roster.naming import quote

KEY = "configurable_unit_primitives"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LISTS = {
    ("selectable_models",): ReleaseState.GA,
    ("beta_models",): ReleaseState.BETA,
    ("dev", "selectable_models"): ReleaseState.EXPERIMENT,
}
"""The lists, and the release state of each."""


def default_models(entry: Mapping[str, Any]) -> Any:
    """Return ``default_models``, or ``default_model`` of older gateways as a list."""
    if "default_models" in entry or "default_model" not in entry:
        return entry.get("default_models")
    return [entry["default_model"]]


def listed_models(entry: Mapping[str, Any]) -> Iterator[tuple[str, ReleaseState]]:
    """Yield each model in a list of a feature, with its release state there."""
    for keys, state in _LISTS.items():
        for identifier in _at(entry, keys) or ():
            yield identifier, state


def is_snake_case(value: object) -> bool:
    """Return whether a value is a name such as ``generate_code``."""
    return isinstance(value, str) and bool(SNAKE_CASE.fullmatch(value))


def check_lists(source: Source, position: int, known: Container[str]) -> None:
    """Reject a list of another type, and one that names a model that is not known.

    Raises:
        SourceError: a list is wrong.
    """
    entry = source.value[KEY][position]
    for keys in (*_LISTS, ("deprecated_models",), ("unit_primitives",)):
        if not isinstance(_at(entry, keys), list | None):
            raise source.error(f"{'.'.join(keys)} must be a list", KEY, position, *keys)
    primitives = entry.get("unit_primitives") or []
    if not all(map(is_snake_case, primitives)):
        message = "unit_primitives must be a list of names in snake case, such as [generate_code]"
        raise source.error(message, KEY, position, "unit_primitives")
    for pointer, identifier in _named_models(entry):
        if not isinstance(identifier, str):
            raise source.error("a model must be given by its gitlab_identifier", KEY, position, *pointer)
        if identifier not in known:
            message = f"models.yml has no model with the gitlab_identifier {quote(identifier)}"
            raise source.error(message, KEY, position, *pointer)


def _named_models(entry: Mapping[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    """Yield the pointer and the id of each model that the lists of a feature name."""
    if "default_model" in entry and "default_models" not in entry:
        yield ("default_model",), entry["default_model"]
    for keys in _LISTS:
        for index, item in enumerate(_at(entry, keys) or ()):
            yield (*keys, index), item
    defaults = entry.get("default_models")
    for index, item in enumerate(defaults if isinstance(defaults, list) else ()):
        yield ("default_models", index), item.get("identifier") if isinstance(item, dict) else item
    for index, item in enumerate(entry.get("deprecated_models") or ()):
        yield ("deprecated_models", index), item.get("identifier") if isinstance(item, dict) else None


def _at(entry: Mapping[str, Any], keys: Sequence[str]) -> Any:
    value: Any = entry
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value

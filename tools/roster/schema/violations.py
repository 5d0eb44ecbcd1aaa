"""Findings for violations of a JSON Schema: what is wrong with a value, what is allowed, and the fix if any."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from roster.feature_finder import FeatureFinder
from roster.findings import Diagnostic, Edit, Finding, Place, Pointer, Replace
from roster.naming import closest_name, join_names, list_names, quote, unambiguous_name
from roster.registries import FACT_FILES
from roster.roster import ROSTER_FILE
from roster.schema.corrections import Expected, type_correction, value_hint
from roster.schema.foreign_keys import ForeignKey, foreign_key
from roster.yaml.parser import MAX_FINDINGS

_FIX_REPORTED = "fix the reported ones, then check again"
"""The hint of a finding that replaces others, by which it is recognized."""
_MAX_COMPARED_KEYS = 50
"""How many unknown keys of a model are compared with the known ones."""
_TYPES = {
    "array": "a list",
    "object": "a mapping of keys to values",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_EXPECTED = {"minItems": "at least one", "minLength": "some text"}
"""What a keyword without an ``errorMessage`` expects."""


class UnexplainedError(NamedTuple):
    """An error that jsonschema-rs found and jsonschema did not: without the keyword that the value violates."""

    absolute_path: list[str | int]
    instance: Any
    validator: str = ""
    schema: Mapping[str, Any] = MappingProxyType({})


def keywords(error: Any) -> Mapping[str, Any]:
    """Return the schema that a value violates; empty for a schema that is only ``false``."""
    return error.schema if isinstance(error.schema, Mapping) else {}


def has_rule(schema: Mapping[str, Any], keyword: str) -> bool:
    """Return whether rules report the violations of a keyword, so that the schema must not."""
    rules = schema.get("x-explained-by")
    return isinstance(rules, Mapping) and keyword in rules


def findings(path: str, pointer: Pointer, error: Any, features: FeatureFinder | None = None) -> Iterable[Finding]:
    """Return the findings for one error of jsonschema. ``features`` finds features in texts, for suggestions."""
    place = Place(path, pointer)
    match error.validator:
        case "additionalProperties":
            return _unknown_keys(place, error.instance, error.schema)
        case "required":
            return _missing_key(place, error)
        case "type":
            return [_wrong_type(place, error, features)]
        case "minItems" if not pointer and not error.instance:
            return [_empty_file(place, "the roster has no models")]
        case "uniqueItems":
            return [_repeated_item(place, error.instance)]
    return [_invalid_value(place, error)]


def excess(value: Any, schema: Mapping[str, Any]) -> str:
    """Return how a text, a list or a mapping exceeds its length in a schema; empty if it does not."""
    if isinstance(value, str) and len(value) > (limit := schema.get("maxLength", len(value))):
        return f"is {len(value):,} characters long; at most {limit:,} are allowed"
    if isinstance(value, list) and len(value) > (limit := schema.get("maxItems", len(value))):
        return f"has {len(value):,} items; at most {limit:,} are allowed"
    if isinstance(value, dict) and len(value) > (limit := schema.get("maxProperties", len(value))):
        return f"has {len(value):,} keys; at most {limit:,} are allowed"
    return ""


def too_long(path: str, value: list[Any], schema: Mapping[str, Any]) -> Finding:
    """Return the finding for a list with too many items, which are not examined."""
    return Finding(Place(path), f"the file {excess(value, schema)}", rule="invalid-value")


def too_many(path: str, limit: int, subject: str) -> Finding:
    """Return the finding that replaces all those beyond a limit."""
    message = f"more than {limit:,} {subject} in this file; the rest is not reported"
    return Finding(Place(path), message, _FIX_REPORTED, rule="invalid-value")


def is_truncated(path: str, diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether a file has findings that are not among its reported ones."""
    return any(finding.path == path and finding.hint == _FIX_REPORTED for finding in diagnostics)


def misspelled_keys(model: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Return the keys that a model lacks because they are misspelled, as unknown-key reports."""
    known_keys = schema.get("properties", {})
    unknown = islice((key for key in model if key not in known_keys), _MAX_COMPARED_KEYS)
    corrections = {name for key in unknown for name in _intended_keys(key, known_keys)}
    return {key for key in corrections if key not in model}


def _intended_keys(key: str, known_keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that an unknown key is meant to be: those that replace another program's key, or the closest."""
    known_keys = tuple(known_keys)
    if foreign := foreign_key(key, known_keys):
        return foreign.names
    closest = closest_name(key, known_keys)
    return (closest,) if closest else ()


def _empty_file(place: Place, roster_message: str) -> Finding:
    if place.path.endswith(ROSTER_FILE):
        note = "a roster is a list of at least one model"
        return Finding(place, roster_message, note=note, rule="empty-roster")
    if place.path in FACT_FILES:
        return Finding(place, "the file is empty", "restore it, or write [] for no facts", rule="invalid-value")
    registry = place.path.rpartition("/")[2].removesuffix(".yaml")
    return Finding(place, f"the registry of {registry} is empty", "list at least one", rule="invalid-value")


def _unknown_keys(model: Place, value: dict[str, Any], schema: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the unknown keys of a model; a key has a fix if it can only be a misspelling of a key the model lacks."""
    names, patterns = {name: name for name in schema.get("properties", {})}, schema.get("patternProperties", {})
    additional = (key for key in value if key not in names and not any(re.search(each, key) for each in patterns))
    unknown = list(islice(additional, MAX_FINDINGS))
    foreign = {key: found for key in unknown if (found := foreign_key(key, names))}
    hints = {key: _key_hint(key, names, value, foreign.get(key)) for key in unknown}
    misspelled = (key for key in unknown if hints[key] and key not in foreign)
    corrections = {key: name for key in misspelled if (name := unambiguous_name(key, names))}
    missing = {name for name, count in Counter(corrections.values()).items() if count == 1 and name not in value}
    allowed = f"allowed keys: {list_names(names) or 'none'}"
    for key in unknown:
        note = foreign[key].note if key in foreign else allowed
        place = Place(model.path, (*model.pointer, key), at_key=True)
        fix = (Replace(place, corrections[key]),) if corrections.get(key) in missing else ()
        yield Finding(place, f"unknown key {quote(key)}", hints[key], note, fix, "unknown-key")


def _key_hint(key: str, names: Mapping[str, str], value: Mapping[str, Any], foreign: ForeignKey | None) -> str:
    if foreign and not foreign.hint.startswith("did you mean"):
        return foreign.hint
    name = foreign.names[0] if foreign else closest_name(key, names)
    if name in value:
        return f"remove it, or move its value to {quote(name)}"
    return f'did you mean "{name}"?' if name else ""


def _missing_key(place: Place, error: Any) -> list[Finding]:
    key: str = error.message
    if has_rule(_property(error.schema, key), "required") or key in misspelled_keys(error.instance, error.schema):
        return []
    return [missing_key(place, key, error.schema)]


def missing_key(place: Place, key: str, schema: Mapping[str, Any]) -> Finding:
    """Return the finding for a mapping that lacks a key of its schema."""
    meaning = _property(schema, key).get("description", "").partition(". ")[0].rstrip(".")
    message, hint = f'this {schema.get("title", "mapping").lower()} has no "{key}"', f'add "{key}:"'
    return Finding(place, message, hint, f"{key}: {meaning}" if meaning else "", rule="missing-key")


def _property(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    content = schema.get("properties", {}).get(key)
    return content if isinstance(content, Mapping) else {}


def _wrong_type(place: Place, error: Any, features: FeatureFinder | None) -> Finding:
    types = _expected(place, error).types
    expected = join_names((_TYPES[name] for name in types), word="or")
    if not place.pointer and error.instance is None:
        return _empty_file(place, "the file is empty")
    is_scalar = isinstance(error.instance, str) and "array" not in types and "object" not in types
    is_fraction = isinstance(error.instance, float) and "integer" in types
    actual = quote(error.instance) if is_scalar or is_fraction else type_name(error.instance)
    message = f"{_subject(place)} must be {expected}, not {actual}"
    hint, fix = type_correction(error.instance, _expected(place, error, features))
    return Finding(place, message, hint, "", fix, "wrong-type")


def _expected(place: Place, error: Any, features: FeatureFinder | None = None) -> Expected:
    types = keywords(error).get("type", ())
    return Expected(place, [types] if isinstance(types, str) else types, keywords(error), features)


def _repeated_item(place: Place, items: list[Any]) -> Finding:
    repeated = next(index for index, item in enumerate(items) if item in items[:index])
    first = Place(place.path, (*place.pointer, items.index(items[repeated])))
    container = "list" if place.pointer else "registry"
    message = f"{quote(items[repeated])} is in this {container} twice"
    again = Place(place.path, (*place.pointer, repeated))
    return Finding(again, message, "remove one", rule="invalid-value", first=first)


def _invalid_value(place: Place, error: Any) -> Finding:
    expected = keywords(error).get("errorMessage") or _EXPECTED.get(error.validator) or _violated(error)
    value = error.instance
    if problem := excess(value, keywords(error)):
        return Finding(place, f"{_subject(place)} {problem}", rule="invalid-value")
    if isinstance(value, list | dict):
        message = f"{_subject(place)} is {'invalid' if value else 'empty'}"
    else:
        message = f"{_subject(place)} cannot be {quote(value)}"
    hint = value_hint(value, _expected(place, error))
    return Finding(place, message, hint, f"expected: {expected}", _case_fix(place, error), "invalid-value")


def _violated(error: Any) -> str:
    """Return what a keyword without an ``errorMessage`` expects, which only a repository's own schema can have."""
    if error.validator in ("enum", "const"):
        values = error.validator_value if error.validator == "enum" else [error.validator_value]
        return join_names(map(json.dumps, values), word="or")
    return f'what "{error.validator}" in the JSON Schema requires' if error.validator else "what the JSON Schema allows"


def _case_fix(place: Place, error: Any) -> tuple[Edit, ...]:
    """Return the edit for a value that differs from an allowed one only in case or surrounding space."""
    if error.validator != "enum" or not isinstance(error.instance, str):
        return ()
    folded = error.instance.strip().casefold()
    corrections = [value for value in error.validator_value if str(value).casefold() == folded]
    return (Replace(place, corrections[0]),) if len(corrections) == 1 else ()


def _subject(place: Place) -> str:
    """Return the key at a place, or the list that has the place's item."""
    if not place.pointer:
        return "the file"
    *_, last = place.pointer
    if isinstance(last, str):
        return quote(last)
    keys = [key for key in place.pointer if isinstance(key, str)]
    return f'an item of "{keys[-1]}"' if keys else "an item of the list"


def type_name(value: Any) -> str:
    """Return the name of a value's type for a message: a list, a number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    return names.get(type(value), "a number")

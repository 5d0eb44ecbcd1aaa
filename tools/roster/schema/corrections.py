"""Corrections of values that a JSON Schema rejects: what to write instead, and the edit if there is exactly one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from roster.feature_finder import FeatureFinder
from roster.findings import Edit, Place, Replace
from roster.name_lists import is_switched_on, listed_names, switches
from roster.naming import derive_id, did_you_mean, join_names
from roster.yaml.date_hints import date_hint
from roster.yaml.number_hints import intended_numbers
from roster.yaml.plain_scalars import QUOTE_IT

_PLAIN_ITEM = re.compile(r"[\w.-]{1,40}")
_LIST_TEXT = re.compile(r"[\w.,;|/+&\s\[\]\"'-]*")
_NAME = re.compile(r"[\w .-]*")
_WORD = re.compile(r"\w[\w.-]*")
_NAME_KEYS = ("name", "feature", "id")
_MAX_LIST_TEXT = 200
_MAX_NAMED_KEYS = 4
_MAX_TITLES = 20
"""The keys of a mapping that are searched for titles of features, which bounds the time for a hostile file."""
_FEATURE = "#/$defs/feature"


class Correction(NamedTuple):
    """What to write instead of a value; ``fix`` is empty unless there is exactly one correction."""

    hint: str = ""
    fix: tuple[Edit, ...] = ()


class Expected(NamedTuple):
    """What a schema expects at a place.

    Attributes:
        types: the names of the types that it allows.
        features: finds features in texts; None for a schema without a registry.
    """

    place: Place
    types: Sequence[str]
    schema: Mapping[str, Any]
    features: FeatureFinder | None = None

    @property
    def meaning(self) -> str:
        """What the value is, for a message: a date such as …; empty if the schema does not say."""
        return str(self.schema.get("errorMessage", ""))

    @property
    def by_meaning(self) -> Correction:
        """The correction that says what the value is."""
        return Correction(f"write {self.meaning}" if self.meaning else "")

    @property
    def lists_features(self) -> bool:
        """Whether the value is a list of features."""
        return bool(self.schema.get("items", {}).get("$ref") == _FEATURE)

    def features_in(self, text: str) -> tuple[str, ...]:
        """Return the features that a text names; none if it contains anything else, or is for another list."""
        is_searched = self.lists_features and self.features and len(text) <= _MAX_LIST_TEXT
        return self.features.named_in(text) if is_searched and self.features else ()

    def accepts(self, text: str) -> bool:
        """Return whether the schema accepts a text, as far as its usual keywords say."""
        if "enum" in self.schema:
            return text in self.schema["enum"]
        pattern = str(self.schema.get("pattern", "")).replace("$", r"\Z")
        return re.search(pattern, text) is not None and len(text) <= self.schema.get("maxLength", len(text))


def type_correction(value: Any, expected: Expected) -> Correction:
    """Return the correction of a value of the wrong type."""
    types = expected.types
    if "array" in types:
        return _list_correction(value, expected) if expected.place.pointer else Correction('start each item with "- "')
    if "object" in types:
        return _mapping_correction(value, expected)
    if "boolean" in types:
        return _boolean_correction(value)
    if "integer" in types or "number" in types:
        return _number_correction(value, expected)
    return _text_correction(value, expected) if "string" in types else Correction()


def value_hint(value: Any, expected: Expected) -> str:
    """Return what to write instead of a value of the right type; empty without a suggestion."""
    *_, key = ("", *expected.place.pointer)
    if not isinstance(value, str):
        return ""
    if expected.schema.get("format") == "date":
        return date_hint(value)
    if isinstance(key, int) and (items := _several_items(value, expected)):
        separate = "write each on a line of its own, indented alike" if "- " in value else "separate them with commas"
        return f"{separate}: {', '.join(items)}"
    if "enum" in expected.schema:
        return did_you_mean(value, map(str, expected.schema["enum"]))
    candidates = [value.strip()]
    if _NAME.fullmatch(value):
        candidates += [value.strip().lower(), derive_id(value)]
    intended = next((text for text in candidates if text not in ("", value) and expected.accepts(text)), "")
    return f"write {intended}" if intended and "pattern" in expected.schema else ""


def _mapping_correction(value: Any, expected: Expected) -> Correction:
    required = expected.schema.get("required", ())
    examples = (each for each in expected.schema.get("examples", ()) if isinstance(each, dict))
    if required:
        more = ", …" if len(required) > _MAX_NAMED_KEYS else ""
        hint = f"write its keys below it: {', '.join(required[:_MAX_NAMED_KEYS])}{more}"
    elif example := next(examples, None):
        hint = f"write a mapping, such as {{{', '.join(f'{key}: {item}' for key, item in example.items())}}}"
    else:
        return expected.by_meaning
    return Correction(f"{_or_remove(value)}{hint}")


def _or_remove(value: Any) -> str:
    """Return the start of a hint for a value that may be meant to switch its key off."""
    is_off = isinstance(value, str | bool) and value not in ("", "0") and is_switched_on(value) is False
    return "remove the key, or " if is_off else ""


def _boolean_correction(value: Any) -> Correction:
    if value in ("true", "false"):
        return Correction(f"remove the quotes: {value}")
    state = None if value in (None, "") else is_switched_on(value)
    return Correction("" if state is None else f"write {str(state).lower()}")


def _number_correction(value: Any, expected: Expected) -> Correction:
    schema = expected.schema
    if off := _or_remove(value):
        return Correction(f"{off}write {expected.meaning}")
    numbers = [
        number
        for number in (intended_numbers(value) if isinstance(value, str) else ())
        if schema.get("minimum", number) <= number <= schema.get("maximum", number)
    ]
    if value in map(str, numbers):
        return Correction(f"remove the quotes: {value}")
    return Correction(f"write {join_names(map(str, numbers), word='or')}") if numbers else expected.by_meaning


def _text_correction(value: Any, expected: Expected) -> Correction:
    *_, key = expected.place.pointer
    if expected.schema.get("format") == "date" and not isinstance(value, bool):
        return Correction(date_hint(str(value)))
    if isinstance(value, int | float) and expected.accepts(str(value).lower()):
        return Correction(QUOTE_IT)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and key != "api-key":
        shown = f": {value[0]}" if _PLAIN_ITEM.fullmatch(value[0]) else ""
        return Correction(f"write it without brackets{shown}", (Replace(expected.place, value[0]),))
    if isinstance(key, int) and isinstance(value, list) and _are_plain(value):
        return Correction(f"write its items in the outer list: {', '.join(value)}")
    if isinstance(key, int) and isinstance(value, dict) and len(value) == 1:
        return _item_correction(value, expected)
    return expected.by_meaning


def _item_correction(value: dict[str, Any], expected: Expected) -> Correction:
    """Return the correction of an item that was written as a key with a value."""
    [(key, state)] = value.items()
    if key in _NAME_KEYS and isinstance(state, str):
        key, state = state, True
    if state is not None and is_switched_on(state) is False:
        return Correction("remove it, because it is off")
    is_name = _PLAIN_ITEM.fullmatch(key) and (state is None or is_switched_on(state))
    return Correction(f"write only {key}") if is_name else expected.by_meaning


def _list_correction(value: Any, expected: Expected) -> Correction:
    if isinstance(value, dict):
        return _of_mapping(value, expected)
    if isinstance(value, str) and (items := _items(value, expected)):
        off = [listed.name for listed in listed_names(value) if listed.is_off]
        fix = (Replace(expected.place, items),) if len(items) == len(_words(value)) and not off else ()
        return Correction(_as_list(items, off), fix)
    examples = (each for each in expected.schema.get("examples", ()) if isinstance(each, list))
    return Correction(f"{_or_remove(value)}write a list, such as [{', '.join(map(str, next(examples, [' '])))}]")


def _of_mapping(value: dict[str, Any], expected: Expected) -> Correction:
    """Return the correction of a list that was written as a mapping: never one that adds what is switched off."""
    states = switches(value)
    if states is None:
        return Correction("write a list of names, without values")
    on, off = states
    if len(value) <= _MAX_TITLES:
        on, off = ([name for key in keys for name in expected.features_in(key) or (key,)] for keys in states)
    if not on:
        return Correction("write a list of what is on; all of these are off" if off else 'start each item with "- "')
    if not _are_plain(on + off):
        return Correction('start each item with "- "')
    fix = (Replace(expected.place, tuple(on)),) if on == list(value) else ()
    return Correction(_as_list(on, off), fix)


def _as_list(items: Sequence[str], off: Sequence[str]) -> str:
    without = f", without {join_names(off)}, which {'is' if len(off) == 1 else 'are'} off" if off else ""
    return f"write it as a list: [{', '.join(items)}]{without}"


def _items(value: str, expected: Expected) -> tuple[str, ...]:
    """Return the items of a list that was written as text; none if it contains anything else."""
    if features := expected.features_in(value):
        return features
    words = _words(value)
    if len(words) == 1:
        return words if is_switched_on(value) is None else ()
    # a title of an unknown feature contains spaces
    return words if not expected.lists_features or len(words) == len(listed_names(value)) else ()


def _several_items(value: str, expected: Expected) -> tuple[str, ...]:
    """Return the valid items that a text contains; none if it contains one, or anything else."""
    words = _words(value)
    return words if len(words) > 1 and all(map(expected.accepts, words)) else ()


def _words(text: str) -> tuple[str, ...]:
    is_list = len(text) <= _MAX_LIST_TEXT and _LIST_TEXT.fullmatch(text)
    return tuple(word for word in _WORD.findall(text) if word != "and") if is_list else ()


def _are_plain(items: Sequence[Any]) -> bool:
    return bool(items) and all(isinstance(item, str) and _PLAIN_ITEM.fullmatch(item) for item in items)

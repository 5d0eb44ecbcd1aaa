"""A JSON Schema as a check: jsonschema-rs says quickly whether a value is valid, jsonschema explains why it is not.

Two keywords of the schemas speak to us alone. ``errorMessage`` says what is expected, for a pattern or a list of
values that would not explain itself. ``x-explained-by`` names, for some keywords, the family of rules that has more
to say about a violation; no finding is made of those here.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

import jsonschema_rs
import yaml

from roster.findings import ConfigurationError, Edit, Finding, Place, Pointer, Replace
from roster.naming import closest_name, did_you_mean, join_names, quote, unambiguous_name
from roster.registries import Registries
from roster.schema.model_keys import MODEL
from roster.yaml import limits
from roster.yaml.document import parse
from roster.yaml.line_index import LineIndex

_AT_ONCE = 1_000
"""How many items of a list the quick validator is handed at once: it copies what it is handed."""
_MISSPELT_AT_MOST = 50
"""How many unknown keys of one model are compared with the known ones."""
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
"""What a keyword expects that explains itself."""
_BLANK = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What white space is to JSON Schema (ECMA-262); to Python it is a little more and a little less."""


class Schema:
    """One JSON Schema, of a list or of anything else.

    Raises:
        ValueError: the text is no JSON, or no JSON Schema.
    """

    def __init__(self, text: str | bytes) -> None:
        try:
            self.content: dict[str, Any] = json.loads(text)
        except RecursionError:
            raise ValueError("it nests too deep") from None
        self._compile()

    def _compile(self) -> None:
        self._quick = jsonschema_rs.validator_for(self.content, validate_formats=True, formats={"date": is_date})

    def at(self, pointer: Pointer) -> Any:
        """Return the part of the schema at a pointer; None where it has no such part."""
        return _part(self.content, pointer)

    def with_registered_names(self, registries: Registries) -> "Schema":
        """Return this schema with the registries' features and families in it, whatever its text lists.

        Raises:
            ConfigurationError: it has no place for them.
        """
        for (*parents, last), known in registered_names(registries).items():
            parent = self.at(tuple(parents))
            if not isinstance(parent, dict):
                raise ConfigurationError(f"the JSON Schema of rosters has no {'/'.join(map(str, parents))}: restore it")
            parent[last] = known
        self._compile()
        return self

    def is_valid(self, value: Any) -> bool:
        """Say whether a value is valid."""
        if isinstance(value, list) and len(value) > _AT_ONCE:
            return all(
                self._quick.is_valid(value[start : start + _AT_ONCE]) for start in range(0, len(value), _AT_ONCE)
            )
        return self._quick.is_valid(value)

    def require_valid(self, data: bytes, name: str) -> None:
        """Hold a text that this tool made to the schema: JSON, or YAML where it is named so.

        Raises:
            AssertionError: it is not valid, which is a defect of the tool.
        """
        value = yaml.load(data, yaml.CSafeLoader) if name.endswith(".yaml") else json.loads(data)
        if not self.is_valid(value):
            findings, _ = self.explain(name, value)
            raise AssertionError(f"{name} is not valid under its own schema: {findings}")

    def explain(self, path: str, value: Any, at_most: int = limits.FINDINGS) -> tuple[list[Finding], set[Pointer]]:
        """Return a finding for each thing that is wrong with a value, and the pointers of what is of no use."""
        findings: list[Finding] = []
        useless: set[Pointer] = set()
        for error in self._errors(value):
            pointer = tuple(error.absolute_path)
            if len(findings) >= at_most:
                return [*findings[:at_most], _too_many(path, at_most)], {()}
            if pointer in useless or error.validator in error.schema.get("x-explained-by", {}):
                continue  # a value of the wrong type is wrong in other ways too: one cause, one finding
            if error.validator == "additionalProperties":
                useless.update((*pointer, key) for key in _meant(error.instance, error.schema))
            elif error.validator != "required":
                useless.add(pointer)
            findings += _findings(path, pointer, error)
        return findings, useless

    def _errors(self, value: Any) -> Iterator[Any]:
        wrong_as_a_whole = True
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if not self._quick.is_valid([item]):  # jsonschema is a hundred times slower: it sees only invalid items
                for error in self._careful.iter_errors([item]):
                    if error.path:
                        wrong_as_a_whole, error.path[0] = False, index
                        yield error
        if wrong_as_a_whole:
            yield from self._careful.iter_errors(value)

    @cached_property
    def _careful(self) -> Any:
        from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

        def pattern(_: Any, expression: str, instance: Any, __: Any) -> Iterator[ValidationError]:
            # "$" is the end in JSON Schema; in Python it is also the place before a last line break
            expression = expression.replace("$", r"\Z").replace(r"\S", f"[^{_BLANK}]").replace(r"\s", _BLANK)
            if isinstance(instance, str) and not re.search(expression, instance):
                yield ValidationError("does not match")

        def required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
            # the stock keyword names the missing key only within a sentence
            yield from (ValidationError(name) for name in names if isinstance(instance, dict) and name not in instance)

        validator: Any = validators.extend(  # type: ignore[no-untyped-call]
            Draft202012Validator, {"pattern": pattern, "required": required}
        )
        formats = FormatChecker(())
        formats.checks("date")(lambda value: not isinstance(value, str) or is_date(value))
        return validator(self.content, format_checker=formats)


def registered_names(registries: Registries) -> dict[Pointer, list[str]]:
    """Return the lists of the roster's schema that the registries decide, by the pointer of each."""
    return {
        ("$defs", "feature", "enum"): list(registries.features),
        (*MODEL, "properties", "family", "enum"): list(registries.families),
    }


def rewrite_lists(path: str, text: str, lists: Mapping[Pointer, list[str]]) -> str:
    """Return a schema's text with some of its lists written anew, and nothing else of it touched.

    Raises:
        ConfigurationError: it has no such lists, or is JSON that is no YAML.
    """
    document = parse(path, text.encode())
    for finding in document.findings:
        raise ConfigurationError(f"{path} cannot be rewritten: {finding.message}")
    for pointer in lists:
        if not isinstance(_part(document.value, pointer), list):
            raise ConfigurationError(f"{path} cannot be rewritten: it has no list {'/'.join(map(str, pointer))}")
    lines, places = LineIndex(text), {Place(path, pointer): names for pointer, names in lists.items()}
    spans = document.spans(places)
    for place in sorted(places, key=lambda place: spans[place], reverse=True):
        span = spans[place]
        indent = " " * (len(lines[span.line]) - len(lines[span.line].lstrip()))
        items = ",\n".join(f"{indent}  {json.dumps(name, ensure_ascii=False)}" for name in places[place])
        start, end = lines.offsets(span)
        text = f"{text[:start]}[\n{items}\n{indent}]{text[end:]}"
    return text


def _part(value: Any, pointer: Pointer) -> Any:
    for key in pointer:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_date(text: str) -> bool:
    """Say whether a calendar has a day and the one after it: not so in the year 0, nor at the end of Python's last."""
    try:
        return date.fromisoformat(text).year < date.max.year
    except ValueError:
        return False


def _findings(path: str, pointer: Pointer, error: Any) -> Iterable[Finding]:
    """Return what there is to say about one error of jsonschema."""
    here = Place(path, pointer)
    match error.validator:
        case "additionalProperties":
            return _unknown_keys(here, error.instance, error.schema["properties"])
        case "required":
            return _missing_key(here, error)
        case "type":
            return [_wrong_type(here, error)]
        case "minItems" if not pointer:
            return [_empty_roster(here, "the roster offers no model")]
        case "uniqueItems":
            return [_repeated_item(here, error.instance)]
    return [_invalid_value(here, error)]


def _empty_roster(here: Place, message: str) -> Finding:
    return Finding(here, message, note="a roster is a list of at least one model", rule="empty-roster")


def _too_many(path: str, told: int) -> Finding:
    message = f"more than {told:,} things are wrong with this file, and the rest is not told"
    return Finding(Place(path), message, "mend what is told, then check again", rule="invalid-value")


def _unknown_keys(model: Place, value: dict[str, Any], known: Iterable[str]) -> Iterator[Finding]:
    """Yield the unknown keys of a model; one that can only be a slip of a key that the model lacks has a fix."""
    names = {name: name for name in known}
    unknown = list(islice((key for key in value if key not in names), limits.FINDINGS))
    hints = {key: did_you_mean(key, names) for key in unknown}
    meant = {key: name for key in unknown if hints[key] and (name := unambiguous_name(key, names))}
    lacking = {name for name, slips in Counter(meant.values()).items() if slips == 1 and name not in value}
    note = f"known keys: {', '.join(names)}"
    for key in unknown:
        place = Place(model.path, (*model.pointer, key), at_key=True)
        fix = (Replace(place, meant[key]),) if meant.get(key) in lacking else ()
        yield Finding(place, f"unknown key {quote(key)}", hints[key], note, fix, "unknown-key")


def _missing_key(here: Place, error: Any) -> list[Finding]:
    key: str = error.message
    schema = error.schema["properties"][key]
    if "required" in schema.get("x-explained-by", {}) or key in _meant(error.instance, error.schema):
        return []
    meaning = schema.get("description", "").partition(". ")[0].rstrip(".")
    title = error.schema["title"].lower()
    message, hint, note = f'this {title} has no "{key}"', f'add "{key}:"', f"{key}: {meaning}"
    return [Finding(here, message, hint, note, rule="missing-key")]


def _meant(model: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Return the known keys that a model lacks because they are misspelt: unknown-key tells of those."""
    known = schema["properties"]
    unknown = islice((key for key in model if key not in known), _MISSPELT_AT_MOST)
    meant = {closest_name(key, known) for key in unknown}
    return {key for key in meant if key and key not in model}


def _wrong_type(here: Place, error: Any) -> Finding:
    allowed = error.validator_value
    expected = join_names((_TYPES[name] for name in ([allowed] if isinstance(allowed, str) else allowed)), word="or")
    found = _type_of(error.instance)
    if not here.pointer:
        if error.instance is None:
            return _empty_roster(here, "the file is empty")
        return Finding(here, f"the file must hold {expected}, not {found}", _hint_for(error), rule="wrong-type")
    return Finding(here, f"{_subject(here)} must be {expected}, not {found}", _hint_for(error), rule="wrong-type")


def _hint_for(error: Any) -> str:
    if error.validator_value == "array":
        return 'start each with "- "' if isinstance(error.instance, dict) else "write it in brackets: [ ]"
    return "put it in quotes" if error.validator_value == "string" and isinstance(error.instance, int | float) else ""


def _repeated_item(here: Place, items: list[Any]) -> Finding:
    again = next(index for index, item in enumerate(items) if item in items[:index])
    place = Place(here.path, (*here.pointer, again))
    where = "list" if here.pointer else "registry"
    return Finding(place, f"{quote(items[again])} is in this {where} twice", "remove one", rule="invalid-value")


def _invalid_value(here: Place, error: Any) -> Finding:
    expected = error.schema.get("errorMessage") or _EXPECTED.get(error.validator) or error.message
    value, hint = error.instance, ""
    if error.validator == "enum" and isinstance(value, str):
        hint = did_you_mean(value, map(str, error.validator_value))
    if isinstance(value, list):
        message = f"{_subject(here)} is empty"
    elif isinstance(value, str) and len(value) > error.schema.get("maxLength", len(value)):
        message = f"{_subject(here)} has {len(value)} characters"
    else:
        message = f"{_subject(here)} cannot be {quote(value)}"
    fix = _in_the_right_case(here, error)
    return Finding(here, message, hint, f"expected: {expected}", fix, "invalid-value")


def _in_the_right_case(here: Place, error: Any) -> tuple[Edit, ...]:
    """Return what writes a value as the schema lists it, where they differ only in case or in spaces around it."""
    if error.validator != "enum" or not isinstance(error.instance, str):
        return ()
    folded = error.instance.strip().casefold()
    meant = [value for value in error.validator_value if str(value).casefold() == folded]
    return (Replace(here, meant[0]),) if len(meant) == 1 else ()


def _subject(place: Place) -> str:
    """Name what stands at a place: its key, or the item of the list that the key names."""
    *_, last = place.pointer
    if isinstance(last, str):
        return f'"{last}"'
    keys = [key for key in place.pointer if isinstance(key, str)]
    return f'an item of "{keys[-1]}"' if keys else "an item of the list"


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return f"{'true' if value else 'false'}"
    kinds = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    return kinds.get(type(value), "a number")

"""Validation against a JSON Schema: jsonschema-rs decides quickly, jsonschema explains why a value is invalid.

The schemas use two keywords of our own. ``errorMessage`` says what a pattern or an enum expects. ``x-explained-by``
maps keywords to the family of rules that reports their violations in more detail; no finding is made for those here.
"""

import json
from collections.abc import Iterable, Iterator, Set
from functools import cached_property, lru_cache
from typing import Any

import yaml

from roster.findings import ConfigurationError, Finding, Pointer
from roster.registries import Registries
from roster.roster import ROSTER_SCHEMA
from roster.schema.compilation import Validator, compile_schema
from roster.yaml.parser import MAX_FINDINGS
from roster.yaml.plain_scalars import QUOTE_IT

MODEL: Pointer = ("$defs", "model")
"""Where the roster's schema describes a model."""
_BATCH_SIZE = 1_000
"""Items of a list passed to jsonschema-rs at once: it copies its input."""
_ERRORS_PER_FINDING = 5
"""How many errors are examined for each finding at most: rules report some of them, and some have the same cause."""
_PARTS = 8
"""Parts into which a batch with an invalid item is divided to find that item."""


def registered_names(registries: Registries) -> dict[Pointer, list[str]]:
    """Return the names for each generated enum, by the enum's pointer."""
    return {
        ("$defs", "feature", "enum"): list(registries.features),
        (*MODEL, "properties", "family", "enum"): list(registries.families),
    }


def at_pointer(value: Any, pointer: Pointer) -> Any:
    """Return the part of nested mappings at a pointer, or None."""
    for key in pointer:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def with_schema_hints(findings: list[Finding], schema_findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of the YAML loader, replaced by those of the schema on values that it rejects as text, too.

    Quotes, which the loader suggests, would not make these valid. A scalar in a value of the wrong type has no finding
    of its own.
    """
    rejected = {each.place.pointer: each for each in schema_findings if each.rule in ("wrong-type", "invalid-value")}
    if not rejected:
        return findings
    replaced: list[Finding] = []
    for finding in findings:
        *parents, pointer = (finding.place.pointer[:length] for length in range(len(finding.place.pointer) + 1))
        if finding.rule != "yaml-ambiguous-scalar" or finding.hint != QUOTE_IT:
            replaced.append(finding)
        elif not any(parent in rejected and rejected[parent].rule == "wrong-type" for parent in parents):
            replaced.append(rejected.get(pointer, finding))
    return replaced


@lru_cache(maxsize=32)
def _compiled(
    text: str | bytes, names: tuple[tuple[Pointer, tuple[str, ...]], ...]
) -> tuple[dict[str, Any], tuple[Pointer, ...], Validator]:
    """Return the content of a JSON Schema with the given enums, the pointers of those that differed, and its validator.

    A fix and a comparison check several versions of a repository, nearly always under the same schemas.
    """
    try:
        content: dict[str, Any] = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    stale = {pointer: list(enum) for pointer, enum in names if at_pointer(content, pointer) != list(enum)}
    parents = {pointer: at_pointer(content, pointer[:-1]) for pointer in stale}
    for pointer, parent in parents.items():
        if isinstance(parent, dict):
            parent[pointer[-1]] = stale[pointer]
    validator = compile_schema(content)
    for pointer, parent in parents.items():
        if not isinstance(parent, dict):
            path = "/".join(map(str, pointer[:-1]))
            raise ConfigurationError(f"{ROSTER_SCHEMA} has no {path}: restore it")
    return content, tuple(stale), validator


class Schema:
    """A JSON Schema; that of rosters gets the names of the registries.

    Attributes:
        stale_lists: the pointers of the lists whose text differs from the registries.

    Raises:
        ValueError: the text is not JSON, or not a JSON Schema.
        ConfigurationError: the schema lacks the place for the names.
    """

    def __init__(self, text: str | bytes, registries: Registries | None = None) -> None:
        self._registries = registries
        names = registered_names(registries) if registries else {}
        lists = tuple((pointer, tuple(enum)) for pointer, enum in names.items())
        self.content, self.stale_lists, self._quick = _compiled(text, lists)

    def at(self, pointer: Pointer) -> Any:
        """Return the part of the schema at a pointer, or None."""
        return at_pointer(self.content, pointer)

    def is_valid(self, value: Any) -> bool:
        """Return whether a value is valid."""
        if self._is_too_long(value):
            return False
        if isinstance(value, list) and len(value) > _BATCH_SIZE:
            starts = range(0, len(value), _BATCH_SIZE)
            return all(self._quick.is_valid(value[start : start + _BATCH_SIZE]) for start in starts)
        return self._quick.is_valid(value)

    def invalid_items(self, value: Any) -> list[int]:
        """Return the indexes of a list's items that are invalid on their own; none for other values."""
        if not isinstance(value, list):
            return []
        starts = range(0, len(value), _BATCH_SIZE)
        return [index for start in starts for index in self._invalid(value, start, _BATCH_SIZE)]

    def _invalid(self, items: list[Any], start: int, size: int) -> Iterator[int]:
        """Yield the indexes of the invalid items among ``size`` items."""
        if self._quick.is_valid(items[start : start + size]):
            return
        if size == 1:
            yield start
            return
        part = -(-size // _PARTS)
        for at in range(start, min(start + size, len(items)), part):
            yield from self._invalid(items, at, min(part, start + size - at))

    def _is_too_long(self, value: Any) -> bool:
        """Return whether a value is a list with more items than the schema allows."""
        limit = self.at(("maxItems",))
        return limit is not None and isinstance(value, list) and len(value) > limit

    def require_valid(self, data: bytes, name: str) -> None:
        """Validate generated JSON, or YAML if ``name`` ends in ``.yaml`` or ``.yml``.

        Raises:
            AssertionError: the data is invalid, which is a defect of the tool.
        """
        value = yaml.load(data, yaml.CSafeLoader) if name.endswith((".yaml", ".yml")) else json.loads(data)
        if not self.is_valid(value):
            findings, _ = self.explain(name, value)
            raise AssertionError(f"{name} is not valid under its own schema: {findings}")

    def explain(
        self, path: str, value: Any, limit: int = MAX_FINDINGS, misread: Set[Pointer] = frozenset()
    ) -> tuple[list[Finding], set[Pointer]]:
        """Return a finding for each violation, and the pointers of the invalid values.

        Args:
            limit: how many findings to make, and how many items of a list to examine.
            misread: the pointers of values with findings of the YAML loader, which rules do not get.
        """
        from roster.schema import violations  # most values are valid

        if self._is_too_long(value):
            return [violations.too_long(path, value, self.content)], {()}
        features = self._registries.feature_finder if self._registries else None
        findings: list[Finding] = []
        invalid: set[Pointer] = set()
        items: set[Pointer] = set()
        for count, error in enumerate(self._errors(value)):
            pointer = tuple(error.absolute_path)
            is_complete = count < _ERRORS_PER_FINDING * limit and (len(items) < limit or pointer[:1] in items)
            if len(findings) >= limit or not is_complete:
                unexamined = set[Pointer]((index,) for index in self.invalid_items(value)) - (items - {pointer[:1]})
                more = violations.too_many(path, limit, "invalid values or models")
                return [*findings[:limit], more], invalid | (unexamined or {()})
            items.add(pointer[:1])
            is_misread_name = pointer in misread and error.validator == "enum"
            has_rule = violations.has_rule(violations.keywords(error), error.validator)
            if pointer in invalid or (has_rule and not is_misread_name):
                continue  # a value of the wrong type violates other keywords too: report one finding per cause
            if error.validator == "additionalProperties":
                keys = {*error.instance}.difference(error.schema.get("properties", ()))
                keys |= violations.misspelled_keys(error.instance, error.schema)
                invalid.update((*pointer, key) for key in keys)
            elif error.validator != "required":
                invalid.add(pointer)
            findings += violations.findings(path, pointer, error, features)
        return findings, invalid

    def _errors(self, value: Any) -> Iterator[Any]:
        """Yield the errors of jsonschema; those of jsonschema-rs where it fails on a repository's own schema."""
        from roster.schema.violations import UnexplainedError

        is_explained = False
        try:
            for error in self._jsonschema_errors(value):
                is_explained = error.validator is not None  # it does not locate values that the schema "false" rejects
                if not is_explained:
                    break
                yield error
        except Exception:  # such as a regular expression that Python does not support
            is_explained = False
        if not is_explained:
            for error in self._quick.iter_errors(value):
                yield UnexplainedError(error.instance_path, error.instance)

    def _jsonschema_errors(self, value: Any) -> Iterator[Any]:
        """Yield the errors of jsonschema, which is a hundred times slower and gets only the invalid items of a list."""
        only_as_a_whole = True
        for index in self.invalid_items(value):
            for error in self._explaining.iter_errors([value[index]]):
                if error.path:
                    only_as_a_whole, error.path[0] = False, index
                    yield error
        if only_as_a_whole:
            yield from self._explaining.iter_errors(value)

    @cached_property
    def _explaining(self) -> Any:
        from roster.schema.explaining_validator import explaining_validator

        return explaining_validator(self.content)

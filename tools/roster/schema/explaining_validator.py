"""The validator of jsonschema that explains why a value is invalid."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from roster.schema.compilation import is_date
from roster.schema.violations import excess

Keyword = Callable[[Any, Any, Any, Any], Any]
_WHITESPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space in the regular expressions of JSON Schema (ECMA-262), which differs from Python's."""


def explaining_validator(content: Any) -> Any:
    """Return the validator for a schema, in the version of JSON Schema that it names."""
    draft = validators.validator_for(content, default=Draft202012Validator)
    items = _items(draft.VALIDATORS["items"]) if draft is Draft202012Validator else draft.VALIDATORS["items"]
    validator: Any = validators.extend(  # type: ignore[no-untyped-call]
        draft,
        {
            "pattern": _pattern,
            "required": _required,
            "uniqueItems": _unless_too_long(_unique_items),
            "items": _unless_too_long(items),
        },
    )
    formats = FormatChecker(())
    formats.checks("date")(lambda value: not isinstance(value, str) or is_date(value))
    return validator(content, format_checker=formats)


def _unless_too_long(keyword: Keyword) -> Keyword:
    """Apply a keyword of lists only to those that are not too long, which is another error."""

    def apply(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not excess(instance, schema):
            yield from keyword(validator, value, instance, schema) or ()

    return apply


def _items(keyword: Keyword) -> Keyword:
    """Validate each text only once if it is valid: thousands of models may have hundreds of the same features each."""
    valid: set[tuple[int, str]] = set()

    def apply(validator: Any, items: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        texts = isinstance(instance, list) and all(isinstance(item, str) for item in instance)
        if not texts or "prefixItems" in schema:
            yield from keyword(validator, items, instance, schema) or ()
            return
        for index, item in enumerate(instance):
            errors = () if (id(items), item) in valid else tuple(validator.descend(item, items, path=index))
            yield from errors
            if not errors:
                valid.add((id(items), item))

    return apply


def _unique_items(_: Any, unique: bool, instance: Any, __: Any) -> Iterator[ValidationError]:
    # the built-in keyword takes time quadratic to the number of items if these are mappings
    if unique and isinstance(instance, list):
        items = {json.dumps(item, sort_keys=True) for item in instance}
        if len(items) < len(instance):
            yield ValidationError("has a repeated item")


def _pattern(_: Any, expression: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if excess(instance, schema):
        return
    # "$" is the end in JSON Schema; in Python it also matches before a final line break
    expression = expression.replace("$", r"\Z").replace(r"\S", f"[^{_WHITESPACE}]").replace(r"\s", _WHITESPACE)
    if isinstance(instance, str) and not re.search(expression, instance):
        yield ValidationError("does not match")


def _required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    # the built-in keyword mentions the missing key only within a sentence
    yield from (ValidationError(name) for name in names if isinstance(instance, dict) and name not in instance)

"""The validator of jsonschema that explains why a value is invalid."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from roster.schema.compilation import is_date

_WHITESPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space in the regular expressions of JSON Schema (ECMA-262), which differs from Python's."""


def explaining_validator(content: Any) -> Any:
    """Return the validator for a schema, in the version of JSON Schema that it names."""
    draft = validators.validator_for(content, default=Draft202012Validator)
    validator: Any = validators.extend(  # type: ignore[no-untyped-call]
        draft, {"pattern": _pattern, "required": _required}
    )
    formats = FormatChecker(())
    formats.checks("date")(lambda value: not isinstance(value, str) or is_date(value))
    return validator(content, format_checker=formats)


def _pattern(_: Any, expression: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    # "$" is the end in JSON Schema; in Python it also matches before a final line break
    expression = expression.replace("$", r"\Z").replace(r"\S", f"[^{_WHITESPACE}]").replace(r"\s", _WHITESPACE)
    if isinstance(instance, str) and not re.search(expression, instance):
        yield ValidationError("does not match")


def _required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    # the built-in keyword mentions the missing key only within a sentence
    yield from (ValidationError(name) for name in names if isinstance(instance, dict) and name not in instance)

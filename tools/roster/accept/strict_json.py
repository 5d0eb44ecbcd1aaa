"""Strict JSON: rejects input that JSON parsers read differently.

The standard library's parser keeps the last of two duplicate keys, accepts NaN, and reads 1e400 as infinity.
"""

import json
import re
from collections import Counter
from typing import Any, NoReturn

from roster.download.rejection import Rejected
from roster.naming import quote
from roster.yaml.parser import MAX_NODES
from roster.yaml.syntax_errors import CONTROL

_INTEGER_LIMIT = 2**63
"""Every JSON parser represents smaller integers exactly."""
_INVALID_CHARACTER = re.compile(f"{CONTROL.pattern}|[\ud800-\udfff]")
"""A control character, or an unpaired surrogate, which only an escape can produce."""
_MAX_KEYS = 100_000
"""The largest number of keys of an object, far above what any list has. More take too much memory to compare."""
_MAX_TEXT = 10_000
"""The largest number of characters of a text, also below unknown keys; the JSON Schemas have tighter limits."""
_MAX_DEPTH = 100
"""The largest number of nested lists and objects, far above those of any list, and below what Python can pickle."""


class InvalidJson(Rejected):
    """The text is not JSON at all, so it may be of another format."""

    def __init__(self, message: str) -> None:
        super().__init__("not-parsed", message)


def parse(text: str) -> Any:
    """Parse a text.

    Raises:
        InvalidJson: it is not JSON.
        Rejected: it is JSON, but not strict, or has more values than a roster can need.
    """
    if sum(map(text.count, ",[{")) > MAX_NODES:
        raise Rejected("too-large", f"it has more than {MAX_NODES:,} values")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_parse_object,
            parse_constant=_reject_constant,
            parse_float=_parse_float,
            parse_int=_parse_int,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        message = error.msg.lower().removesuffix(" at")
        raise InvalidJson(f"it is not JSON: {message} in {place}") from None
    except RecursionError:
        raise Rejected("not-parsed", "it is nested too deeply") from None
    strings = _strings(value)
    if max(map(len, strings), default=0) > _MAX_TEXT:
        raise Rejected("too-large", f"one of its texts has more than {_MAX_TEXT:,} characters")
    if _INVALID_CHARACTER.search("\n".join([text, *(strings if "\\" in text else ())])):
        raise Rejected("not-text", "it contains a control character or an unpaired surrogate")
    return value


def _parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MAX_KEYS:
        raise Rejected("too-large", f"one of its objects has more than {_MAX_KEYS:,} keys")
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        duplicate = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise Rejected("not-parsed", f"the key {quote(duplicate)} is duplicated in an object")
    return parsed


def _reject_constant(name: str) -> NoReturn:
    raise Rejected("not-parsed", f"{name} is not a JSON number")


def _parse_float(digits: str) -> float:
    number = float(digits)
    if abs(number) == float("inf"):
        raise Rejected("not-parsed", f"the number {quote(digits)} is too large for JSON readers")
    return number


def _parse_int(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) >= _INTEGER_LIMIT:
        raise Rejected("not-parsed", f"the number {quote(digits)} is too large for many JSON readers")
    return number


def _strings(value: Any) -> list[str]:
    """Return every string in a value, keys included.

    Raises:
        Rejected: it is nested too deeply.
    """
    strings: list[str] = []
    level = [value]
    for _ in range(_MAX_DEPTH + 1):
        below: list[Any] = []
        for each in level:
            match each:
                case str(text):
                    strings.append(text)
                case list(items):
                    below += items
                case dict(pairs):
                    strings += pairs
                    below += pairs.values()
        level = below
    if level:
        raise Rejected("not-parsed", f"it has lists and objects in more than {_MAX_DEPTH} levels")
    return strings

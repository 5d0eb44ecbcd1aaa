"""Writer of nested values as YAML in block style, which every version of YAML reads back unchanged."""

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from roster.naming import printable

_INDENT = "  "
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CONSTANT_KEYS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
Quote = Callable[[str], str]
"""Writes a text as a scalar."""


def block_lines(value: Any, quote: Quote) -> Iterator[str]:
    """Yield the lines of a mapping or a list; an empty one is written in brackets."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _pair(_key(key, quote), item, quote)
    elif isinstance(value, list) and value:
        for item in value:
            first, *others = block_lines(item, quote)
            yield f"- {first}"
            yield from (_INDENT + line for line in others)
    else:
        yield _scalar(value, quote)


def double_quoted(text: str) -> str:
    """Return a text as a scalar in double quotes: YAML supports JSON's escapes, and Python's for other characters."""
    return printable(json.dumps(text, ensure_ascii=False))


def _pair(key: str, value: Any, quote: Quote) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield f"{key}:"
        yield from (_INDENT + line for line in block_lines(value, quote))
    else:
        yield f"{key}: {_scalar(value, quote)}"


def _key(key: str, quote: Quote) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _CONSTANT_KEYS else quote(key)


def _scalar(value: Any, quote: Quote) -> str:
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)  # null, true, 1, [] or {}


def _float(value: float) -> str:
    """Return a number without an exponent, which versions of YAML read differently."""
    if not math.isfinite(value):
        return str(value).replace("inf", ".inf").replace("nan", ".nan")
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else f"{text}.0"

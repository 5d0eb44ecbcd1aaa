"""Writer of nested values as YAML in block style, which every version of YAML reads back unchanged."""

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from roster.naming import printable

_INDENT = "  "
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CONSTANT_KEYS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def double_quoted(text: str) -> str:
    """Return a text as a scalar in double quotes: YAML supports JSON's escapes, and Python's for other characters."""
    return printable(json.dumps(text, ensure_ascii=False))


class BlockFormat(NamedTuple):
    """How texts and lists are written.

    Attributes:
        quote: writes a text as a scalar.
        quote_in_flow: writes a text as a scalar in brackets.
        flow_width: the length up to which a list of scalars is written in brackets.
    """

    quote: Callable[[str], str] = double_quoted
    quote_in_flow: Callable[[str], str] = double_quoted
    flow_width: int = 0


def block_lines(value: Any, form: BlockFormat) -> Iterator[str]:
    """Yield the lines of a mapping or a list; an empty one is written in brackets."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _pair(_key(key, form), item, form)
    elif (line := _one_line(value, form)) is not None:
        yield line
    else:
        for item in value:
            first, *others = block_lines(item, form)
            yield f"- {first}"
            yield from (_INDENT + line for line in others)


def _pair(key: str, value: Any, form: BlockFormat) -> Iterator[str]:
    line = _one_line(value, form)
    if line is not None:
        yield f"{key}: {line}"
    else:
        yield f"{key}:"
        yield from (_INDENT + line for line in block_lines(value, form))


def _one_line(value: Any, form: BlockFormat) -> str | None:
    """Return a scalar, an empty collection or a short list of scalars; None for any other value."""
    if isinstance(value, str):
        return form.quote(value)
    if isinstance(value, float):
        return _float(value)
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value)  # null, true, 1, [] or {}
    if isinstance(value, dict) or any(isinstance(item, dict | list) for item in value):
        return None
    flow = form._replace(quote=form.quote_in_flow)
    text = f"[{', '.join(str(_one_line(item, flow)) for item in value)}]"
    return text if len(text) <= form.flow_width else None


def _key(key: str, form: BlockFormat) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _CONSTANT_KEYS else form.quote(key)


def _float(value: float) -> str:
    """Return a number without an exponent, which versions of YAML read differently."""
    if not math.isfinite(value):
        return str(value).replace("inf", ".inf").replace("nan", ".nan")
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else f"{text}.0"

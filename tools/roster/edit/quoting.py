"""YAML scalars: plain where every reader reads the value back unchanged, quoted otherwise."""

import json
import re
from functools import lru_cache

from roster.yaml.document import parse

PLAIN, SINGLE, DOUBLE = "", "'", '"'
"""The quotes of a scalar."""
_FLOW_INDICATORS = frozenset(",[]{}:?")
"""Characters with a meaning within brackets and braces; for some readers that includes a colon before a letter."""


def quotes_at(text: str, offset: int) -> str:
    """Return the quotes of the scalar that starts at an offset."""
    first = text[offset : offset + 1]
    return first if first in (SINGLE, DOUBLE) else PLAIN


def format_scalar(value: str, quotes: str, *, required: str = DOUBLE, in_flow: bool = False) -> str:
    """Return a text as a YAML scalar.

    Args:
        quotes: the quotes to use.
        required: the quotes to use instead of none where the value cannot be plain.
        in_flow: the scalar is within brackets or braces.
    """
    if quotes == PLAIN and is_plain(value, in_flow=in_flow):
        return value
    if (quotes or required) == SINGLE and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    # a JSON string is a YAML scalar, except for characters that YAML requires to be escaped (section 5.1)
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted if quoted.isprintable() else re.sub(r"[^ -~]", _escape, quoted)


@lru_cache(maxsize=4096)  # rosters and registries repeat the ids of models and features
def is_plain(value: str, *, in_flow: bool = False) -> bool:
    """Return whether every reader reads a text back unchanged if it is written without quotes."""
    if not value.isprintable() or (in_flow and not _FLOW_INDICATORS.isdisjoint(value)):
        return False
    document = parse("", f"- key: {value}\n".encode())
    return document.readable and not document.findings and document.value == [{"key": value}]


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"

"""One value as YAML: without quotes where every reader reads it back as it is, else in quotes."""

import json
import re

from roster.yaml.document import read

PLAIN, SINGLE, DOUBLE = "", "'", '"'
"""The marks that a scalar can stand between."""
_FLOW_INDICATORS = frozenset(",[]{}:?")
"""What readers take for something else within brackets; some do so with a colon before a letter."""


def written(value: str, mark: str, *, needed: str = DOUBLE, in_brackets: bool = False) -> str:
    """Return a text as a YAML scalar between some marks, or between the ``needed`` ones where it cannot be plain."""
    if mark == PLAIN and is_plain(value, in_brackets=in_brackets):
        return value
    if (mark or needed) == SINGLE and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    # JSON's strings are YAML's, but for the characters that YAML wants escaped (section 5.1)
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted if quoted.isprintable() else re.sub(r"[^ -~]", _escaped, quoted)


def is_plain(value: str, *, in_brackets: bool = False) -> bool:
    """Say whether a text, written without quotes, is that text for every reader."""
    if not value.isprintable() or (in_brackets and not _FLOW_INDICATORS.isdisjoint(value)):
        return False
    document = read("", f"- key: {value}\n".encode())
    return document.readable and not document.findings and document.value == [{"key": value}]


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"

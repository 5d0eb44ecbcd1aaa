"""Values of plain scalars, and whether YAML 1.1 and 1.2 agree on them.

YAML 1.1 is what PyYAML reads (https://yaml.org/type/); 1.2 is the core schema (https://yaml.org/spec/1.2.2/#103-core-schema).
"""

import re

from yaml.resolver import Resolver

Scalar = str | int | float | bool | None
QUOTE_IT = "put it in quotes"
"""The hint for a scalar that should be text."""

_CONSTANTS: dict[str, bool | None] = {
    spelling: value
    for word, value in (("", None), ("~", None), ("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_AMBIGUOUS_WORDS = frozenset(
    spelling for word in ("y", "n", "yes", "no", "on", "off") for spelling in (word, word.capitalize(), word.upper())
) | {"=", "<<"}

LOOKS_TYPED = frozenset("0123456789+-.")
"""First characters of every scalar that a version of YAML reads as a number or a date."""
NOT_TEXT = frozenset(_CONSTANTS) | _AMBIGUOUS_WORDS
"""Words that some version of YAML does not read as text."""

_FLOAT = r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,30}"
"""With as many decimals as prices have that were calculated, such as 0.0000008900000000000001."""
_LOOSE_NUMBER = r"[-+]?(0[box]_*[0-9a-fA-F][0-9a-fA-F_]*|[0-9_]+|[0-9_]*\.[0-9_]+([eE][-+]?[0-9]+)?)"
"""Numbers for ruamel.yaml, but not for any version of YAML."""
_LEADING_ZERO = r"[-+]?0[0-9]+"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CORE_NUMBER = (
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_LONGEST_INTEGER = 18
"""In digits: what fits in 64 bits."""


class AmbiguousScalarError(ValueError):
    """A plain scalar that versions of YAML read as different types or values; its message names the difference."""


def resolve_scalar(text: str, *, date_expected: bool = False) -> Scalar:
    """Return the value that a plain scalar has in every version of YAML.

    ``date_expected``: allow a plain date, which stays text although YAML 1.1 makes it a date.

    Raises:
        AmbiguousScalarError: versions of YAML differ on its type or value, or JSON cannot represent the number.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text not in _AMBIGUOUS_WORDS:
        if text[0] not in LOOKS_TYPED:
            return text
        if _is_integer(text[1:] if text[0] in "+-" else text):
            return int(text)
        if re.fullmatch(_FLOAT, text):
            return float(text)
        if date_expected and re.fullmatch(_DATE, text):
            return text
    old, new = _type_in_1_1(text), "a number" if re.fullmatch(_CORE_NUMBER, text) else "text"
    if old == new == "text":
        if re.fullmatch(_LOOSE_NUMBER, text):
            raise AmbiguousScalarError("some parsers read it as a number")
        return text
    if old != new:
        raise AmbiguousScalarError(f"YAML 1.1 reads it as {old}, YAML 1.2 as {new}")
    if re.fullmatch(_LEADING_ZERO, text):  # octal or decimal
        raise AmbiguousScalarError("its value depends on the parser")
    raise AmbiguousScalarError("only plain decimal numbers of up to 18 digits and 30 decimals are portable")


def _is_integer(digits: str) -> bool:
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_INTEGER
    return plain and (digits[0] != "0" or digits == "0")


def _type_in_1_1(text: str) -> str:
    if text in ("y", "Y", "n", "N"):  # booleans in the specification, but not in PyYAML
        return "true or false"
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(text[0], ()):
        if pattern.match(text):
            return _TYPES[tag.rpartition(":")[2]]
    return "text"


_TYPES = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "merge": "a merge key",
    "value": "a default value",
    "null": "nothing",
}

"""JSON as strict as rosters are: what two readers could read differently is refused.

The standard library's parser keeps the last of two equal keys, reads NaN, and makes infinity of 1e400.
"""

import json
import re
from typing import Any, NoReturn

from roster.download.rejection import Rejected
from roster.naming import quote
from roster.yaml.parser import MAX_NODES
from roster.yaml.syntax_errors import CONTROL

_WHOLE_NUMBERS = 2**63
"""What every reader of JSON can hold exactly as a whole number is smaller."""
_NO_CHARACTER = re.compile(f"{CONTROL.pattern}|[\ud800-\udfff]")
"""A control character, or half of a character, which only an escape can make."""


class InvalidJson(Rejected):
    """It is not JSON at all, so it may be something else."""

    def __init__(self, message: str) -> None:
        super().__init__("not-parsed", message)

    def __reduce__(self) -> Any:
        """Let it come back from another process."""
        return InvalidJson, (self.message,)


def parse(text: str) -> Any:
    """Return what a text says.

    Raises:
        InvalidJson: it is not JSON.
        Rejected: it is, but not as strict as it has to be, or has more values than a roster can need.
    """
    if sum(map(text.count, ",[{")) > MAX_NODES:
        raise Rejected("too-large", f"it has more than {MAX_NODES:,} values")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_constant=_no_number,
            parse_float=_fraction,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        raise InvalidJson(f"it is not JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Rejected("not-parsed", "it nests too deep") from None
    if _NO_CHARACTER.search("\n".join([text, *(_strings(value) if "\\" in text else ())])):
        raise Rejected("not-text", "it holds a control character, or half of a character")
    return value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        again = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Rejected("not-parsed", f"the key {quote(again)} is given twice in one object")
    return made


def _no_number(name: str) -> NoReturn:
    raise Rejected("not-parsed", f"{name} is not a number that JSON has")


def _fraction(digits: str) -> float:
    number = float(digits)
    if abs(number) == float("inf"):
        raise Rejected("not-parsed", f"the number {quote(digits)} is too large for any reader")
    return number


def _whole(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) >= _WHOLE_NUMBERS:
        raise Rejected("not-parsed", f"the number {quote(digits)} is too large for many readers")
    return number


def _strings(value: Any) -> list[str]:
    """Return every text of a value, keys too."""
    found: list[str] = []
    left = [value]
    while left:
        match left.pop():
            case str(text):
                found.append(text)
            case list(items):
                left += items
            case dict(pairs):
                found += pairs
                left += pairs.values()
    return found

"""Names in a text or a mapping that was meant as a list: where each begins, and which are switched off."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_SEPARATOR = re.compile(r"[,;|/+&\r\n]|\s-\s|(?i:\sand\s)")
_AROUND = " \t[](){}\"'"
_NEGATION = re.compile(r"(?i)(?:[!~^]\s*|(?:no|not|without|except|disabled?|off)[\s:=_-]+)(?=\w)")
_SWITCH = re.compile(r"(?i)(?P<name>[^:=(]*[\w)])\s*(?:[:=(]\s*|\s)(?P<switch>[\w~]+)\)?")
_ON_WORDS = frozenset({"true", "yes", "y", "on", "enable", "enabled", "1"})
_OFF_WORDS = frozenset({"false", "no", "n", "off", "disable", "disabled", "none", "null", "~", "never", "0", ""})


class ListedName(NamedTuple):
    """A name in a text, and whether the text has it to leave it out: ``!name``, ``name: off``."""

    name: str
    is_off: bool = False


def listed_names(text: str) -> list[ListedName]:
    """Return the names in a text, separated by commas and the like, line breaks, dashes or the word "and"."""
    parts = (part.strip(_AROUND).removeprefix("- ").strip(_AROUND) for part in _SEPARATOR.split(text))
    return [_listed_name(part) for part in parts if part]


def _listed_name(text: str) -> ListedName:
    if negation := _NEGATION.match(text):
        return ListedName(text[negation.end() :], is_off=True)
    match = _SWITCH.fullmatch(text)
    is_on = is_switched_on(match["switch"]) if match else None
    return ListedName(text) if match is None or is_on is None else ListedName(match["name"], not is_on)


def is_switched_on(value: Any) -> bool | None:
    """Return whether a value such as true, "off" or nothing switches on what it belongs to; None for other values."""
    if value is None or isinstance(value, bool | int):
        return value in (True, 1) if value in (None, False, 0, 1) else None
    word = value.strip().lower() if isinstance(value, str) else "?"
    return True if word in _ON_WORDS else False if word in _OFF_WORDS else None


def switches(mapping: Mapping[str, Any]) -> tuple[list[str], list[str]] | None:
    """Return the keys of a mapping that are on, and those that are off; None if a value is neither.

    In ``{a, b}``, where only the brackets are wrong, all values are nothing, and all names are meant.
    """
    if all(value is None for value in mapping.values()):
        return list(mapping), []
    states = {key: is_switched_on(value) for key, value in mapping.items()}
    if None in states.values():
        return None
    return [key for key, state in states.items() if state], [key for key, state in states.items() if not state]

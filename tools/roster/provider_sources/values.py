"""Values of a source, validated: days, numbers of tokens and prices. A value that is null or missing is None."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from roster.naming import quote
from roster.schema.violations import type_name

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = range(2020, 2100)
"""No model ends in another year: such days are placeholders or slips."""
MAX_TOKENS, MAX_PRICE = 1_000_000_000, 1_000_000
"""As in schemas/provider_facts.schema.json; the price is per million tokens."""
_MILLION = 1_000_000


class InvalidValueError(Exception):
    """A value of a source that cannot be what its key says; ``key`` is where, below the entry."""

    def __init__(self, message: str, *key: str) -> None:
        super().__init__(message)
        self.key = key


def day(entry: Mapping[str, Any], key: str) -> date | None:
    """Return a day."""
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            parsed = date.fromisoformat(value)
        except ValueError:
            parsed = date.min  # such as 2026-02-31
        if parsed.year in _YEARS:
            return parsed
    raise InvalidValueError(f"{quote(key)} must be a day such as 2026-10-14, not {_shown(value)}", key)


def tokens(entry: Mapping[str, Any], key: str, *parents: str) -> int | None:
    """Return a number of tokens; None for 0, which both public sources have for models without such a limit."""
    value = entry.get(key)
    if value is None:
        return None
    is_whole = _is_number(value) and float(value).is_integer()
    if not is_whole or not 0 <= value <= MAX_TOKENS:
        message = f"{quote(key)} must be a number of tokens up to {MAX_TOKENS:,}, not {_shown(value)}"
        raise InvalidValueError(message, *parents, key)
    return int(value) or None


def price(entry: Mapping[str, Any], key: str, *parents: str, per_token: bool = False) -> float | None:
    """Return a price in US dollars per million tokens; ``per_token``: the source has the price of one token."""
    value = entry.get(key)
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value * (_MILLION if per_token else 1) <= MAX_PRICE:
        unit = "token" if per_token else "million tokens"
        message = f"{quote(key)} must be a price in US dollars per {unit}, not {_shown(value)}"
        raise InvalidValueError(message, *parents, key)
    # 2e-07 times a million is 0.19999999999999998; no provider has prices with more than 12 significant digits.
    return abs(float(f"{value * _MILLION:.12g}") if per_token else float(value))  # -0.0 is 0.0


def boolean(entry: Mapping[str, Any], key: str) -> bool | None:
    """Return a boolean."""
    value = entry.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise InvalidValueError(f"{quote(key)} must be true or false, not {_shown(value)}", key)


def mapping(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a mapping, which is empty if it is missing."""
    value = entry.get(key)
    if value is None or isinstance(value, dict):
        return value or {}
    raise InvalidValueError(f"{quote(key)} must be an object, not {_shown(value)}", key)


def texts(entry: Mapping[str, Any], key: str) -> list[str]:
    """Return a list of texts, which is empty if it is missing."""
    value = entry.get(key)
    if value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value or []
    raise InvalidValueError(f"{quote(key)} must be a list of texts, not {_shown(value)}", key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) != float("inf")


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return type_name(value)
    return quote(value) if isinstance(value, str) else str(value).lower()  # true and inf, not True

"""Hints for values that should be whole numbers: which number a text stands for."""

import re

_WITH_BASE = re.compile(r"[-+]?0[oOxXbB][0-9a-fA-F]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]{1,18}")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,.])")
_DECIMAL = re.compile(r"([-+]?[0-9]{1,18}(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?)\s*(?:%|d|days?|tokens?)?")


def intended_numbers(text: str) -> list[int]:
    """Return the whole numbers that a text may stand for: ``1e1`` for ten, ``012`` for twelve or, as octal, ten."""
    text = text.strip().replace("_", "")
    if _GROUPED.match(text):
        text = text.replace(",", "")
    if _WITH_BASE.fullmatch(text):
        return _readings(text, 0)
    if _LEADING_ZERO.fullmatch(text):
        return sorted({*_readings(text, 10), *_readings(text, 8)}, reverse=True)
    match = _DECIMAL.fullmatch(text)
    if match and (number := float(match[1])).is_integer():
        return [int(number)]
    return []


def _readings(text: str, base: int) -> list[int]:
    try:
        return [int(text, base)]
    except ValueError:
        return []

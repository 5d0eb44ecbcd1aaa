"""Sentences about models and features as parts, so that pages can isolate names and mark up dates.

Names come from the gateway's list. They are ``Name`` parts; everything else is text or a date.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from roster.display_text import day
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement

_MAX_NAMES = 5
"""How many names a sentence lists."""


class Name(str):
    """A name from the list, such as a model's."""

    __slots__ = ()


Words = tuple[str | date, ...]
"""The parts of a sentence."""


def sentence(words: Words) -> str:
    """Return the sentence as text."""
    return "".join(day(part) if isinstance(part, date) else part for part in words)


def model_name(offered: OfferedList, model: str) -> Name:
    """Return a model's name as a part of a sentence."""
    return Name(offered.display_name(model))


def join_words(items: Sequence[Words]) -> Words:
    """Return a list such as ``a, b and c``; of many items, the first few and the number of the others."""
    return tuple(_joined(items))


def _joined(items: Sequence[Words]) -> Iterator[str | date]:
    shown = list(items if len(items) <= _MAX_NAMES + 1 else items[:_MAX_NAMES])
    if len(shown) < len(items):
        shown.append((f"{len(items) - _MAX_NAMES} others",))
    for number, item in enumerate(shown, 1):
        yield from item
        if number < len(shown):
            yield " and " if number == len(shown) - 1 else ", "


def retirement_words(offered: OfferedList, end: OfferedRetirement, today: date) -> Words:
    """Return the announced retirement of a model, as the rest of a sentence."""
    replacement: Words = ("; its replacement is ", model_name(offered, end.replacement)) if end.replacement else ()
    if end.last_day is None:
        return ("is being retired", *replacement, ".")
    if end.last_day < today:
        return ("was retired on ", end.last_day, *replacement, ".")
    return ("retires on ", end.last_day, f" ({until((end.last_day - today).days)})", *replacement, ".")


def until(days: int) -> str:
    """Return a number of days from now: ``today``, ``tomorrow``, ``in 9 days``."""
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"

"""How much room text takes in a picture, and how it is cut or wrapped to fit: no text may run into another.

Nobody knows which font a viewer has, so every letter is taken to be as wide as in DejaVu Sans, one of the widest.
"""

from collections.abc import Iterator

from wcwidth import wcwidth

_NARROW = frozenset("fijlrtI.,:;'|!()[]/ -")
_WIDE = frozenset("mMwW@%…")
_BOLD = 1.13
"""How much wider bold letters are."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in the units of its font's ``size``."""
    return sum(map(_ems, text)) * size * (_BOLD if bold else 1)


def is_known(text: str) -> bool:
    """Say whether the widths of all its letters are known; the others are only likely."""
    return all(char.isascii() or char == "…" for char in text)


def cut(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a text that is not wider than ``room``: as much of its start as fits, and an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(f"{text}…", size, bold=bold) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrap(text: str, size: float, room: float) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces; a word that is wider than a line is cut."""
    line = ""
    for word in (cut(word, size, room) for word in text.split()):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size) > room:
            yield line
            longer = word
        line = longer
    yield line


def _ems(char: str) -> float:
    if char in _NARROW:
        return 0.42
    if char in _WIDE:
        return 1.0
    if not char.isascii():
        return 0.9 * max(wcwidth(char), 0)
    return 0.66 if char.islower() or char.isdigit() or char in "_$" else 0.84

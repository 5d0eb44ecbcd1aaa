"""Text measurement for the SVG timeline: the width of text, and how it is truncated or wrapped to fit.

The viewer's font is unknown, so widths are those of DejaVu Sans, one of the widest.
"""

from collections.abc import Iterator

from wcwidth import wcwidth

_NARROW = frozenset("fijlrtI.,:;'|!()[]/ -")
_WIDE = frozenset("mMwW@%…")
_BOLD = 1.13
"""The width of bold characters, relative to regular ones."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the maximum width of a text, in the unit of the font ``size``."""
    return sum(map(_ems, text)) * size * (_BOLD if bold else 1)


def is_exact(text: str) -> bool:
    """Return whether the widths of all characters are known; those of other characters are estimates."""
    return all(char.isascii() or char == "…" for char in text)


def truncate(text: str, size: float, max_width: float, *, bold: bool = False) -> str:
    """Return the text, shortened with an ellipsis if it is wider than ``max_width``."""
    if text_width(text, size, bold=bold) <= max_width:
        return text
    while text and text_width(f"{text}…", size, bold=bold) > max_width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrap(text: str, size: float, max_width: float) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces; a word that is wider than a line is truncated."""
    line = ""
    for word in (truncate(word, size, max_width) for word in text.split()):
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size) > max_width:
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

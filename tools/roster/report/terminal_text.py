"""Text for a terminal: styles, width in columns, and aligned tables."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

Paint = Callable[..., str]
"""Puts a style on a text, as ``click.style`` does, or a link to the page of a ``rule``; ``plain`` puts none."""


_EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"
"""Makes the character before it an emoji, which is one column wider."""


def plain(text: str, **_style: object) -> str:
    """Return the text without any style."""
    return text


def width(text: str) -> int:
    """Return how many columns a text takes in a terminal: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def aligned(rows: Sequence[Sequence[str]], styled: Callable[[str], str] = str) -> list[str]:
    """Return each row as a line, with every column as wide as its widest cell; ``styled`` puts a style on a cell."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(styled(cell) + " " * (widest - width(cell)) for cell, widest in zip(row, widths, strict=True))
        for row in rows
    ]


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces; a word that is wider than a line is broken anywhere."""
    line, line_width = "", 0
    for word in chain.from_iterable(_broken(word, columns) for word in text.split()):
        word_width = _widest(word)
        if line and line_width + 1 + word_width > columns:
            yield line
            line, line_width = word, word_width
        else:
            line, line_width = (f"{line} {word}", line_width + 1 + word_width) if line else (word, word_width)
    yield line


def _broken(word: str, columns: int) -> Iterator[str]:
    """Yield the parts of a word that fit into some columns."""
    start, used = 0, 0
    for index, char in enumerate(word):
        char_width = _widest(char)
        if used + char_width > columns:
            yield word[start:index]
            start, used = index, 0
        used += char_width
    yield word[start:]


def _widest(text: str) -> int:
    """Return the columns of a text in terminals that join no characters, which need the most."""
    return len(text) if text.isascii() else sum(1 if char == _EMOJI_STYLE else width(char) for char in text)

"""Text for a terminal: styles, width in columns, and aligned tables."""

from collections.abc import Callable, Sequence

Paint = Callable[..., str]
"""Puts a style on a text, as ``click.style`` does, or a link to the page of a ``rule``; ``plain`` puts none."""


def plain(text: str, **_style: object) -> str:
    """Return the text without any style."""
    return text


def width(text: str) -> int:
    """Return how many columns a text takes in a terminal: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return each row as a line, with every column as wide as its widest cell."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (widest - width(cell)) for cell, widest in zip(row, widths, strict=True)) for row in rows
    ]

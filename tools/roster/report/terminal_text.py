"""Text for a terminal: styles, and how many columns a text takes."""

from collections.abc import Callable

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

"""Names: how an id is derived from a name, which known name a slip was meant to be, how a value is quoted."""

import re
from collections.abc import Iterable

_NOT_IN_AN_ID = re.compile("[^a-z0-9]+")
_QUOTED_AT_MOST = 60


def derive_id(name: str) -> str:
    """Return the public id of a model called ``name``: ``Claude 3.7 sonnet`` is ``claude_3_7_sonnet``.

    Accents are folded (NFKD); a name without any letter or digit of ASCII gives an empty id.
    """
    if not name.isascii():
        import unicodedata

        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_IN_AN_ID.sub("_", name.lower()).strip("_")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``word`` was probably meant to be, or None when none is close."""
    import difflib

    folded = {_fold(name): name for name in known}
    close = difflib.get_close_matches(_fold(word), folded, n=1, cutoff=0.75)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "…"?`` for the nearest known name, or nothing when none is close."""
    name = nearest(word, known)
    return f'did you mean "{name}"?' if name else ""


def quote(value: object) -> str:
    """Return a value in double quotes for a message: on one line, printable, and not longer than a message bears."""
    text = str(value)
    if len(text) > _QUOTED_AT_MOST:
        text = text[: _QUOTED_AT_MOST - 1] + "…"
    return '"' + printable(text) + '"'


def printable(text: str) -> str:
    """Return text with everything that a terminal would obey or hide written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def listed(names: Iterable[str], *, word: str = "and") -> str:
    """Return names as a person lists them: ``a``, ``a and b``, ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def _fold(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

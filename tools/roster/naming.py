"""Names: how an id is derived from a name, which known name a slip was meant to be, how a value is quoted."""

import re
from collections.abc import Iterable, Iterator, Mapping

_NOT_IN_AN_ID = re.compile("[^a-z0-9]+")
_QUOTED_AT_MOST = 60
_SURE, _NEXT = 0.85, 0.1
"""How like a slip has to be to what was meant, and by how much less like to anything else; 1 is the same."""
_SWAPPED = 0.95
"""How like two words are in which two neighbouring letters changed places, however short."""
_WRONG = 2
"""How many letters a slip may have too many or too few."""


def derive_id(name: str) -> str:
    """Return the public id of a model called ``name``: ``Claude 3.7 sonnet`` is ``claude_3_7_sonnet``.

    Accents are folded (NFKD); a name without any letter or digit of ASCII gives an empty id.
    """
    if not name.isascii():
        import unicodedata

        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_IN_AN_ID.sub("_", name.lower()).strip("_")


def closest_name(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``word`` was probably meant to be, or None when none is close."""
    import difflib

    folded = {_fold(name): name for name in known}
    close = difflib.get_close_matches(_fold(word), folded, n=1, cutoff=0.75)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "…"?`` for the nearest known name, or nothing when none is close."""
    name = closest_name(word, known)
    return f'did you mean "{name}"?' if name else ""


def unambiguous_name(word: str, spellings: Mapping[str, str]) -> str | None:
    """Return the name that ``word`` can only be a slip of, or None when it may mean another, or something new.

    ``spellings``: what is known, each with the name it stands for. A digit is never a slip: llama4 is not llama3.
    """
    same = {name for spelling, name in spellings.items() if _fold(spelling) == _fold(word)}
    if same:
        return same.pop() if len(same) == 1 else None
    near = sorted(_near(_fold(word), spellings), reverse=True)
    if not near:
        return None
    best, wrong, name = near[0]
    second = next((likeness for likeness, _, other in near if other != name), 0)
    return name if best >= _SURE and best - second >= _NEXT and wrong <= _WRONG else None


def _near(word: str, spellings: Mapping[str, str]) -> Iterator[tuple[float, int, str]]:
    """Yield how like a word each spelling is that comes near it, how many letters differ, and what it stands for."""
    import difflib

    matcher = difflib.SequenceMatcher(None, "", word)
    for spelling, name in spellings.items():
        folded = _fold(spelling)
        if _digits(folded) != _digits(word):
            continue
        matcher.set_seq1(folded)
        if matcher.real_quick_ratio() > _SURE - _NEXT and matcher.quick_ratio() > _SURE - _NEXT:
            same = sum(block.size for block in matcher.get_matching_blocks())
            likeness = _SWAPPED if _is_swapped(folded, word) else matcher.ratio()
            yield likeness, len(folded) + len(word) - 2 * same, name


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


def join_names(names: Iterable[str], *, word: str = "and") -> str:
    """Return names as a person lists them: ``a``, ``a and b``, ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 error``, ``2 errors``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _is_swapped(one: str, other: str) -> bool:
    """Say whether two neighbouring letters changed places between two words."""
    differing = [index for index, (here, there) in enumerate(zip(one, other, strict=False)) if here != there]
    first, last = (differing[0], differing[-1]) if differing else (0, 0)
    return len(one) == len(other) and last - first == 1 and one[first : last + 1] == other[first : last + 1][::-1]


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def _fold(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

"""Names: deriving ids, suggesting the name that was meant, and quoting values in messages."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

_NON_ID_CHARACTERS = re.compile("[^a-z0-9]+")
BLANK_CHARACTERS = r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
"""Regular expression for letters, marks and symbols that are displayed as nothing, although Python calls them printable
(DerivedCoreProperties.txt, Default_Ignorable_Code_Point; the Braille blank is a symbol without dots)."""
_MAX_QUOTED, _MAX_LISTED = 60, 50
MAX_IN_PASSING = 8
"""How many names a message lists that need no change each."""
_MAX_COMPARED = 100
"""The length of the longest word that is compared: the time grows with its square."""
_MAX_COMPARISONS = 5_000_000
"""How many pairs of letters the misspelled words of a file are compared in, which takes up to half a second."""
_MIN_SIMILARITY, _MIN_LEAD = 0.85, 0.1
"""How similar a misspelling must be to its correction, and how much less similar to any other name; 1 is equal."""
_SWAP_SIMILARITY = 0.95
"""The similarity of two words that differ by two swapped neighboring letters, however short."""
_MAX_WRONG_LETTERS = 2
"""How many letters a misspelling may have too many or too few."""


def derive_id(name: str) -> str:
    """Return the public id for a model's name: ``claude_3_7_sonnet`` for ``Claude 3.7 sonnet``.

    Accents are folded (NFKD); a name without ASCII letters or digits gives an empty id.
    """
    if not name.isascii():
        import unicodedata

        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NON_ID_CHARACTERS.sub("_", name.lower()).strip("_")


def fold(name: str) -> str:
    """Return a name without the differences that people overlook: case, and which character joins its words."""
    return name.lower().replace("_", "-").replace(" ", "-")


def closest_name(word: str, candidates: Iterable[str], cutoff: float = 0.75) -> str | None:
    """Return the candidate closest to a word, or None if none is as similar as ``cutoff``; 1 is equal."""
    if len(word) > _MAX_COMPARED:
        return None
    import difflib

    folded = {fold(name): name for name in candidates}
    close = difflib.get_close_matches(fold(word), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean "…"?`` with the closest candidate; empty if none is close."""
    name = closest_name(word, candidates)
    return f'did you mean "{name}"?' if name else ""


def unambiguous_name(word: str, spellings: Mapping[str, str]) -> str | None:
    """Return the only name that a word can be a misspelling of; None if it may mean another, or something new.

    ``spellings``: known spellings and the name of each. A digit is never a misspelling: llama4 is not llama3.
    """
    equal = {name for spelling, name in spellings.items() if fold(spelling) == fold(word)}
    if equal:
        return equal.pop() if len(equal) == 1 else None
    candidates = sorted(_candidates(fold(word), spellings), reverse=True) if len(word) <= _MAX_COMPARED else []
    if not candidates:
        return None
    best, wrong_letters, name = candidates[0]
    second = next((similarity for similarity, _, other in candidates if other != name), 0)
    is_certain = best >= _MIN_SIMILARITY and best - second >= _MIN_LEAD and wrong_letters <= _MAX_WRONG_LETTERS
    return name if is_certain else None


def _candidates(word: str, spellings: Mapping[str, str]) -> Iterator[tuple[float, int, str]]:
    """Yield the similarity, the number of differing letters and the name of each spelling that is close to a word."""
    import difflib

    matcher = difflib.SequenceMatcher(None, "", word)
    for spelling, name in spellings.items():
        folded = fold(spelling)
        if _digits(folded) != _digits(word):
            continue
        matcher.set_seq1(folded)
        if min(matcher.real_quick_ratio(), matcher.quick_ratio()) > _MIN_SIMILARITY - _MIN_LEAD:
            matching = sum(block.size for block in matcher.get_matching_blocks())
            similarity = _SWAP_SIMILARITY if _is_swapped(folded, word) else matcher.ratio()
            yield similarity, len(folded) + len(word) - 2 * matching, name


class Suggestions:
    """Suggestions for the misspelled words of a file: as many as take a bounded time, each word searched once.

    ``spellings``: known spellings and the name of each.
    """

    def __init__(self, spellings: Mapping[str, str]) -> None:
        self._spellings, self._letters = spellings, sum(map(len, spellings))
        self._remaining = _MAX_COMPARISONS
        self._cache: dict[tuple[Callable[..., str | None], str], str | None] = {}

    def closest(self, word: str) -> str | None:
        """Return the name with the spelling closest to a word; None if none is close, or too many were compared."""
        return self._spellings.get(word) or self._spellings.get(self._search(closest_name, word) or "")

    def did_you_mean(self, word: str, is_allowed: Callable[[str], bool] | None = None) -> str:
        """Return ``did you mean "…"?`` with the closest name that is allowed; empty without one."""
        name = self._search(_closest_of(is_allowed), word) if is_allowed else self.closest(word)
        return f'did you mean "{name}"?' if name else ""

    def unambiguous(self, word: str) -> str | None:
        """Return the only name that a word can be a misspelling of, as ``unambiguous_name`` does."""
        return self._search(unambiguous_name, word)

    def _search(self, search: Callable[[str, Mapping[str, str]], str | None], word: str) -> str | None:
        if (search, word) not in self._cache:
            self._remaining -= len(word) * self._letters
            self._cache[search, word] = search(word, self._spellings) if self._remaining >= 0 else None
        return self._cache[search, word]


def _closest_of(is_allowed: Callable[[str], bool]) -> Callable[[str, Iterable[str]], str | None]:
    return lambda word, spellings: closest_name(word, filter(is_allowed, spellings))


def quote(value: object) -> str:
    """Return a value in double quotes for a message: on one line, printable, and shortened if it is long."""
    text = str(value)
    if len(text) > _MAX_QUOTED:
        text = text[: _MAX_QUOTED - 1] + "…"
    return '"' + printable(text) + '"'


def printable(text: str) -> str:
    """Return text with control and invisible characters as escapes, so that terminals show them and obey none."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escape(char) for char in text)
    return text if text.isascii() else re.sub(BLANK_CHARACTERS, lambda match: _escape(match[0]), text)


def join_names(names: Iterable[str], *, word: str = "and", limit: int = _MAX_LISTED) -> str:
    """Join names for a message: ``a``, ``a and b``, ``a, b and c``; of more than a limit, the first and a number."""
    *most, last = _shortened(list(names), limit)
    return f"{', '.join(most)} {word} {last}" if most else last


def list_names(names: Iterable[str], *, limit: int = _MAX_LISTED) -> str:
    """Return names for a note, separated by commas; of more than a limit, the first and a number."""
    return ", ".join(_shortened(list(names), limit))


def _shortened(names: list[str], limit: int = _MAX_LISTED) -> list[str]:
    others = len(names) - limit
    return [*names[:limit], f"{others:,} more"] if others > 1 else names


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 error``, ``2 errors``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def space_hint(text: str) -> str:
    """Return which white space to remove from a text that must not have any; empty if it has none."""
    if not re.search(r"\s", text):
        return ""
    at_start, at_end = text[:1].isspace(), text[-1:].isspace()
    where = "around it" if at_start and at_end else "before it" if at_start else "after it" if at_end else "in it"
    return f"remove the space {where}"


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article: ``a GA model``, ``an EXPERIMENT``."""
    return f"{'an' if noun[:1].lower() in tuple('aeiou') else 'a'} {noun}"


def _is_swapped(one: str, other: str) -> bool:
    """Return whether two words differ by two swapped neighboring letters."""
    differing = [index for index, (left, right) in enumerate(zip(one, other, strict=False)) if left != right]
    first, last = (differing[0], differing[-1]) if differing else (0, 0)
    return len(one) == len(other) and last - first == 1 and one[first : last + 1] == other[first : last + 1][::-1]


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

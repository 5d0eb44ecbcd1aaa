"""Classification of Unicode characters: invisible ones, scripts and look-alike words."""

import re
from functools import cache

from roster.naming import BLANK_CHARACTERS

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_CATEGORY_NAMES = {"Cc": "control character", "Co": "private-use character", "Cn": "unassigned character"}

_WORD = r"[^\W_]+"
_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl"})
_COMMON = frozenset({"MODIFIER", "MICRO", "FEMININE", "MASCULINE"})
"""Letters of no script, by the first word of their names: Hawaiian apostrophes, the micro sign, ordinals."""
_STYLED = "STYLED"
"""The script of full-width and mathematical forms of other letters and digits."""
_MIXES_WITH_LATIN = frozenset(
    {"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "HALFWIDTH"}
)
"""Scripts that a word may mix (UTS #39, Highly Restrictive; https://www.unicode.org/reports/tr39/)."""
_LOOKS_LATIN = frozenset("АВЕЅІЈКМНОРСТУХҮӀѴԌаеѕіјорсухүһӏѵԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿοϲϳ\u212a")
"""Cyrillic and Greek letters that look Latin in most typefaces, and the Kelvin sign (confusables.txt of UTS #39)."""


def invisible_characters(text: str) -> set[str]:
    """Return the invisible characters of a text."""
    return set(filter(is_invisible, set(text)))


@cache
def is_invisible(char: str) -> bool:
    """Return whether a character is displayed as nothing or as white space other than space, tab and line feed."""
    if char.isascii():
        return not char.isprintable() and char not in "\t\n"
    import unicodedata  # most rosters are plain ASCII

    category = unicodedata.category(char)
    return category in _INVISIBLE_CATEGORIES or re.match(BLANK_CHARACTERS, char) is not None


def confusable_word(text: str) -> str | None:
    """Return the first word of a text that mixes scripts, or looks Latin while no other word has its script."""
    words: dict[str, dict[str, str]] = {
        word: {char: script for char in word if (script := _script(char))}
        for word in dict.fromkeys(re.findall(_WORD, text))
        if not word.isascii()
    }
    unambiguous = {script for scripts in words.values() for char, script in scripts.items() if char not in _LOOKS_LATIN}
    for word, scripts in words.items():
        used = set(scripts.values())
        mixed = len(used) > 1 and not used <= _MIXES_WITH_LATIN
        if mixed or _STYLED in used or (_LOOKS_LATIN.issuperset(scripts) and not used <= unambiguous):
            return word
    return None


@cache
def _script(char: str) -> str:
    """Return the script of a letter or a digit; empty for characters that go with every script."""
    import unicodedata

    if char.isascii() and char.isdigit():
        return ""
    if unicodedata.decomposition(char).startswith(("<font>", "<wide>")):
        return _STYLED
    if unicodedata.category(char) not in _LETTERS_AND_DIGITS:
        return ""
    script = unicodedata.name(char, "").partition(" ")[0].partition("-")[0]
    return "" if script in _COMMON else script


def character_name(char: str) -> str:
    """Return the code point and the name of a character, such as ``U+200B zero width space``."""
    import unicodedata

    name = unicodedata.name(char, "") or _CATEGORY_NAMES.get(unicodedata.category(char), "unnamed character")
    return f"U+{ord(char):04X} {name.lower()}"

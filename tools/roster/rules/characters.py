"""Rules on text: no invisible, look-alike or stray characters."""

import re
from collections.abc import Iterable, Iterator, Set
from functools import cache
from itertools import groupby

from roster.findings import Edit, Finding, Place, Pointer, Replace
from roster.naming import quote
from roster.roster import Model, Roster
from roster.rules.rule import Context, document_rule, roster_rule
from roster.yaml.document import Document
from roster.yaml.line_index import Range
from roster.yaml.string_ranges import locate_matches

_BLANK_CHARACTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
"""Letters, marks and symbols that are displayed as nothing (DerivedCoreProperties.txt, Default_Ignorable_Code_Point;
the Braille blank is a symbol without dots)."""
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_LINE_BREAKS = frozenset("\x85\u2028\u2029")
_CATEGORY_NAMES = {"Cc": "control character", "Co": "private-use character", "Cn": "unassigned character"}

_PROSE_KEYS = ("name", "display_name", "description", "provider")
"""The keys whose values people read."""
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


@document_rule(
    summary="Invisible character.",
    reason=(
        "Zero-width, control and text-direction characters can make two different names look the same, "
        "or a line look different from what it says."
    ),
    remedy="Remove the character; use ordinary spaces only.",
    bad='- name: "Claude\\u200b"\n',
    good="- name: Claude\n",
)
def invisible_character(document: Document, _: Context) -> Iterator[Finding]:
    written = _written_invisible(document)
    in_text = _runs(written, document.text)
    for place, text in locate_matches(document, in_text, lambda text: _runs(_invisible(text), text)):
        chars = [char for char in text if char not in "\t\n" and _is_invisible(char)]
        one = len(chars) == 1
        subject = "invisible character" if one else "invisible characters"
        if place.span is None:
            subject = f"escape sequence for an {subject}" if one else f"escape sequences for {subject}"
        hint = "remove it" if one else "remove them"
        yield Finding(place, f"{subject}: {_names(chars)}", hint, "", _removal(place, text))


def _written_invisible(document: Document) -> set[str]:
    """Return the invisible characters that a file contains literally, except those that the loader reports."""
    if document.text.isascii():
        return set()  # the loader reports ASCII control characters
    invisible = {char for char in _invisible(document.text) if not char.isascii()}
    if invisible and not document.readable:
        from roster.yaml.syntax_errors import CONTROL

        invisible.difference_update(CONTROL.findall(document.text))
    return invisible


def _removal(place: Place, text: str) -> tuple[Edit, ...]:
    """Return the edit that replaces unusual spaces with ordinary ones and removes all other invisible characters."""
    if place.span is None or not _LINE_BREAKS.isdisjoint(text):
        return ()  # YAML 1.1 starts a new line at some of these, so no replacement is certain
    return (Replace(Place(place.path, span=place.span), "".join(" " if char.isspace() else "" for char in text)),)


@document_rule(
    summary="Word with letters of different scripts, or with letters that only look Latin.",
    reason="A Cyrillic or full-width letter that looks Latin makes two different names look the same.",
    remedy="Type the word again, in one alphabet.",
    bad="- name: Сlaude\n",
    good="- name: Claude\n",
)
def confusable_character(document: Document, _: Context) -> Iterator[Finding]:
    if document.text.isascii() and "\\" not in document.text:
        return
    for pointer, value in _prose_in(document.value):
        if not value.isascii() and (word := confusable_word(value)):
            foreign = dict.fromkeys(char for char in word if not char.isascii())
            note = "; ".join(f"{quote(char)} is {_name(char)}" for char in foreign)
            message = f"{quote(word)} contains look-alike letters"
            yield Finding(Place(document.path, pointer), message, "type the word again, in one alphabet", note)


@roster_rule(
    summary="Leading, trailing or repeated spaces, tabs or line breaks in a text.",
    reason="They are invisible but reach the API, and two names that differ only in them look the same.",
    remedy="Write single spaces between words and no other white space.",
    bad='- name: "Claude "\n',
    good="- name: Claude\n",
    ignorable=False,
)
def stray_whitespace(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for key, value in _prose(model):
            if value != " ".join(value.split()) and (problem := _stray_whitespace(value)):
                place = roster.at(model, key)
                fix = (Replace(place, " ".join(value.split())),)
                yield Finding(place, f"{quote(key)} has {problem}", "write single spaces between words only", "", fix)


def _prose(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of a model that people read."""
    for key in _PROSE_KEYS:
        if value := getattr(model, key):
            yield key, value


def _prose_in(entries: object) -> Iterator[tuple[Pointer, str]]:
    """Yield the pointers and values that people read in a file that may not be a valid roster."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        for key in _PROSE_KEYS if isinstance(entry, dict) else ():
            if isinstance(entry.get(key), str):
                yield (index, key), entry[key]


def _stray_whitespace(value: str) -> str:
    """Describe the first stray space, tab or line break; invisible-character reports any other white space."""
    if value.endswith("\n"):
        return 'a trailing line break (write ">-" for ">", or "|-" for "|")'
    if value.startswith(" "):
        return "a leading space"
    if value.endswith(" "):
        return "a trailing space"
    inner = {"\n": "a line break", "\t": "a tab", "  ": "two spaces in a row"}
    return next((description for space, description in inner.items() if space in value), "")


def _invisible(text: str) -> set[str]:
    return {char for char in set(text) if char not in "\t\n" and _is_invisible(char)}


@cache
def _is_invisible(char: str) -> bool:
    if char.isascii():
        return not char.isprintable()
    import unicodedata  # most rosters are plain ASCII

    category = unicodedata.category(char)
    return category in _INVISIBLE_CATEGORIES or char in _BLANK_CHARACTERS


def _runs(chars: Set[str], text: str) -> Iterator[Range]:
    """Yield the ranges of some characters in a text; adjacent ones form one range."""
    for stretch in re.finditer(r"[^ -~\n]+", text) if chars else ():
        for matches, offsets in groupby(range(*stretch.span()), key=lambda offset: text[offset] in chars):
            if matches:
                start, *more = offsets
                yield start, (more[-1] if more else start) + 1


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


def _names(chars: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(chars))
    return ", ".join(map(_name, distinct[:3])) + (", …" if len(distinct) > 3 else "")


def _name(char: str) -> str:
    import unicodedata

    name = unicodedata.name(char, "") or _CATEGORY_NAMES.get(unicodedata.category(char), "unnamed character")
    return f"U+{ord(char):04X} {name.lower()}"

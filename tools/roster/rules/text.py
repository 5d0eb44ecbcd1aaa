"""Rules on text: what people read must be what is written."""

import re
from collections.abc import Iterator
from functools import cache

from roster.diagnostic import Finding, Place, Pointer, Severity
from roster.naming import quote
from roster.roster import Model, Roster
from roster.rules.rule import Context, document_rule, roster_rule
from roster.source import Document
from roster.source.lines import Lines

_BLANK_BUT_VISIBLE_TO_UNICODE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
"""Drawn as nothing, although their category is that of a letter, a mark or a symbol (DerivedCoreProperties.txt,
Default_Ignorable_Code_Point; the Braille blank is a symbol without dots)."""
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KINDS = {"Cc": "control character", "Co": "private-use character", "Cn": "unassigned character"}

_WORD = r"[^\W\d_]+"
_SHARES_LINES_WITH_LATIN = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH"})
"""Scripts that one word may mix (UTS #39, Highly Restrictive; https://www.unicode.org/reports/tr39/)."""
_LOOKS_LATIN = frozenset("АВЕЅІЈКМНОРСТХаеѕіјорсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")
"""Cyrillic and Greek letters that most typefaces draw like Latin ones (confusables.txt of UTS #39)."""


@document_rule(
    severity=Severity.ERROR,
    summary="A character that nobody can see stands in the file.",
    reason=(
        "Zero-width, control and text-direction characters make two names look the same, "
        "or a line read other than it is."
    ),
    remedy="Remove the character; an ordinary space is the only space.",
    bad='- name: "Claude\\u200b"\n',
    good="- name: Claude\n",
)
def invisible_character(document: Document, _: Context) -> Iterator[Finding]:
    text = document.text
    if not text.isascii():
        lines = Lines(text)
        for offset, char in enumerate(text):
            if not char.isascii() and _is_unseen(char):
                place = Place(document.path, span=lines.span(offset, offset + 1))
                yield Finding(place, f"an invisible character stands here: {_name(char)}", "remove it")
    if "\\" in text:
        yield from _escaped(document)


def _escaped(document: Document) -> Iterator[Finding]:
    """Find what double quotes hide in an escape: it is in the value, but not in the text."""
    for pointer, at_key, value in _strings(document.value, ()):
        char = next((char for char in value if char not in "\n\t" and _is_unseen(char)), None)
        if char is not None and char not in document.text:
            place = Place(document.path, pointer, at_key)
            yield Finding(place, f"an escape here makes an invisible character: {_name(char)}", "remove it")


@roster_rule(
    severity=Severity.ERROR,
    summary="A word mixes letters of different scripts, or only looks like a Latin one.",
    reason="A Cyrillic or full-width letter that looks like a Latin one makes two different names read the same.",
    remedy="Type the word anew with one alphabet.",
    bad="- name: Сlaude\n",
    good="- name: Claude\n",
)
def confusable_character(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for key, value in _prose(model):
            if not value.isascii() and (word := _confusable_word(value)):
                foreign = [char for char in word if not char.isascii()]
                note = "; ".join(f"{quote(char)} is {_name(char)}" for char in dict.fromkeys(foreign))
                message = f"{quote(word)} holds letters that look like others"
                yield Finding(roster.at(model, key), message, "type the word anew", note)


@roster_rule(
    severity=Severity.ERROR,
    summary="A text has spaces at its ends, two in a row, a tab or a line break.",
    reason="Nobody sees them, but they reach the API, and two names that differ only there look the same.",
    remedy="Leave single spaces between words, and nothing else.",
    bad='- name: "Claude "\n',
    good="- name: Claude\n",
)
def stray_whitespace(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for key, value in _prose(model):
            if value != " ".join(value.split()):
                message = f"{quote(key)} has {_loose_space(value)}"
                yield Finding(roster.at(model, key), message, "leave single spaces between words only")


def _prose(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the values that people read, with their keys."""
    for key in ("name", "display_name", "description", "provider"):
        if value := getattr(model, key):
            yield key, value


def _loose_space(value: str) -> str:
    if value.endswith("\n"):
        return 'a line break at its end (write ">-" for ">" and "|-" for "|")'
    odd = next((char for char in value if char.isspace() and char != " "), None)
    if odd:
        return f"a space in it that is not an ordinary one: {_name(odd)}"
    if value.startswith(" "):
        return "a space before it"
    return "a space after it" if value.endswith(" ") else "two spaces in a row"


def _strings(value: object, pointer: Pointer) -> Iterator[tuple[Pointer, bool, str]]:
    """Yield every text of a value, with its pointer and whether it is a key."""
    if isinstance(value, str):
        yield pointer, False, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*pointer, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*pointer, key), True, key
            yield from _strings(item, (*pointer, key))


@cache
def _is_unseen(char: str) -> bool:
    import unicodedata  # most rosters are plain ASCII

    category = unicodedata.category(char)
    return category in _UNSEEN_CATEGORIES or char in _BLANK_BUT_VISIBLE_TO_UNICODE or (category == "Zs" and char != " ")


def _confusable_word(text: str) -> str | None:
    for found in re.finditer(_WORD, text):
        word = found.group()
        if word.isascii():
            continue
        scripts = {_script(char) for char in word}
        mixed = len(scripts) > 1 and not scripts <= _SHARES_LINES_WITH_LATIN
        if mixed or not scripts.isdisjoint({"FULLWIDTH", "MATHEMATICAL"}) or _LOOKS_LATIN.issuperset(word):
            return word
    return None


def _script(char: str) -> str:
    import unicodedata

    return unicodedata.name(char, "UNKNOWN").partition(" ")[0].partition("-")[0]


def _name(char: str) -> str:
    import unicodedata

    named = unicodedata.name(char, "") or _KINDS.get(unicodedata.category(char), "a character without a name")
    return f"U+{ord(char):04X} {named.lower()}"

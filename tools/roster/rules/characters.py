"""Rules on text: what people read must be what is written."""

import re
from collections.abc import Iterable, Iterator, Set
from functools import cache
from itertools import groupby

from roster.findings import Edit, Finding, Place, Pointer, Replace, Severity
from roster.naming import quote
from roster.roster import Model, Roster
from roster.rules.rule import Context, document_rule, roster_rule
from roster.yaml.document import Document
from roster.yaml.string_ranges import Range, locate_matches

_BLANK_BUT_VISIBLE_TO_UNICODE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
"""Drawn as nothing, although their category is that of a letter, a mark or a symbol (DerivedCoreProperties.txt,
Default_Ignorable_Code_Point; the Braille blank is a symbol without dots)."""
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_BREAKS_LINES = frozenset("\x85\u2028\u2029")
_KINDS = {"Cc": "control character", "Co": "private-use character", "Cn": "unassigned character"}

_PROSE = ("name", "display_name", "description", "provider")
"""The keys of what people read."""
_WORD = r"[^\W_]+"
_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl"})
_COMMON = frozenset({"MODIFIER", "MICRO", "FEMININE", "MASCULINE"})
"""The letters of no script, by the first word of their names: apostrophes of Hawaiian, the micro sign, ordinals."""
_STYLED = "STYLED"
"""Stands for a script where a letter or a digit is a full-width or mathematical form of another."""
_SHARES_LINES_WITH_LATIN = frozenset(
    {"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "HALFWIDTH"}
)
"""Scripts that one word may mix (UTS #39, Highly Restrictive; https://www.unicode.org/reports/tr39/)."""
_LOOKS_LATIN = frozenset("АВЕЅІЈКМНОРСТУХҮӀѴԌаеѕіјорсухүһӏѵԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿοϲϳ\u212a")
"""Cyrillic and Greek letters that most typefaces draw like Latin ones, and the Kelvin sign (confusables.txt of
UTS #39)."""


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
    unseen = set() if document.text.isascii() else {char for char in _unseen_in(document.text) if not char.isascii()}
    if unseen and not document.readable:
        from roster.yaml.syntax_errors import CONTROL

        unseen.difference_update(CONTROL.findall(document.text))  # the loader told of these
    for place, text in locate_matches(
        document, _runs(unseen, document.text), lambda text: _runs(_unseen_in(text), text)
    ):
        chars = [char for char in text if char not in "\t\n" and _is_unseen(char)]
        if place.span is None:
            message = "an escape here makes an invisible character"
        else:
            message = "an invisible character stands here" if len(chars) == 1 else "invisible characters stand here"
        hint = "remove it" if len(chars) == 1 else "remove them"
        yield Finding(place, f"{message}: {_names(chars)}", hint, "", _without_unseen(place, text))


def _without_unseen(place: Place, text: str) -> tuple[Edit, ...]:
    """Return what leaves an ordinary space where there was an odd one, and nothing where nothing could be seen."""
    if place.span is None or not _BREAKS_LINES.isdisjoint(text):
        return ()  # YAML 1.1 starts a line at some: what a reader saw of it is anyone's guess
    return (Replace(Place(place.path, span=place.span), "".join(" " if char.isspace() else "" for char in text)),)


@document_rule(
    severity=Severity.ERROR,
    summary="A word mixes letters of different scripts, or only looks like a Latin one.",
    reason="A Cyrillic or full-width letter that looks like a Latin one makes two different names read the same.",
    remedy="Type the word anew with one alphabet.",
    bad="- name: Сlaude\n",
    good="- name: Claude\n",
)
def confusable_character(document: Document, _: Context) -> Iterator[Finding]:
    if document.text.isascii() and "\\" not in document.text:
        return
    for pointer, value in _prose_of(document.value):
        if not value.isascii() and (word := confusable_word(value)):
            foreign = dict.fromkeys(char for char in word if not char.isascii())
            note = "; ".join(f"{quote(char)} is {_name(char)}" for char in foreign)
            message = f"{quote(word)} holds letters that look like others"
            yield Finding(Place(document.path, pointer), message, "type the word anew", note)


@roster_rule(
    severity=Severity.ERROR,
    summary="A text has spaces at its ends, two in a row, a tab or a line break.",
    reason="Nobody sees them, but they reach the API, and two names that differ only there look the same.",
    remedy="Leave single spaces between words, and nothing else.",
    bad='- name: "Claude "\n',
    good="- name: Claude\n",
    ignorable=False,
)
def stray_whitespace(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for key, value in _prose(model):
            if value != " ".join(value.split()) and (space := _loose_space(value)):
                place, fix = roster.at(model, key), (Replace(roster.at(model, key), " ".join(value.split())),)
                hint = "leave single spaces between words only"
                yield Finding(place, f"{quote(key)} has {space}", hint, "", fix)


def _prose(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the values that people read, with their keys."""
    for key in _PROSE:
        if value := getattr(model, key):
            yield key, value


def _prose_of(entries: object) -> Iterator[tuple[Pointer, str]]:
    """Yield the same of what a file holds in the place of a roster, with their pointers."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        for key in _PROSE if isinstance(entry, dict) else ():
            if isinstance(entry.get(key), str):
                yield (index, key), entry[key]


def _loose_space(value: str) -> str:
    """Return which ordinary space is loose in a text; every other is invisible-character's to tell."""
    if value.endswith("\n"):
        return 'a line break at its end (write ">-" for ">" and "|-" for "|")'
    loose = {"\n": "a line break in it", "\t": "a tab in it", "  ": "two spaces in a row"}
    if value.startswith(" "):
        return "a space before it"
    if value.endswith(" "):
        return "a space after it"
    return next((told for space, told in loose.items() if space in value), "")


def _unseen_in(text: str) -> set[str]:
    return {char for char in set(text) if char not in "\t\n" and _is_unseen(char)}


@cache
def _is_unseen(char: str) -> bool:
    if char.isascii():
        return not char.isprintable()
    import unicodedata  # most rosters are plain ASCII

    category = unicodedata.category(char)
    return category in _UNSEEN_CATEGORIES or char in _BLANK_BUT_VISIBLE_TO_UNICODE


def _runs(chars: Set[str], text: str) -> Iterator[Range]:
    """Yield where some characters stand in a text, neighbours as one."""
    for stretch in re.finditer(r"[^ -~\n]+", text) if chars else ():
        for among, offsets in groupby(range(*stretch.span()), key=lambda offset: text[offset] in chars):
            if among:
                start, *more = offsets
                yield start, (more[-1] if more else start) + 1


def confusable_word(text: str) -> str | None:
    """Return the first word of a text that mixes scripts, or passes for a Latin one among no others of its script."""
    words = {
        word: {char: script for char in word if (script := _script(char))}
        for word in dict.fromkeys(found.group() for found in re.finditer(_WORD, text))
        if not word.isascii()
    }
    plain = {script for scripts in words.values() for char, script in scripts.items() if char not in _LOOKS_LATIN}
    for word, scripts in words.items():
        found = set(scripts.values())
        mixed = len(found) > 1 and not found <= _SHARES_LINES_WITH_LATIN
        if mixed or _STYLED in found or (_LOOKS_LATIN.issuperset(scripts) and not found <= plain):
            return word
    return None


def _script(char: str) -> str:
    """Return the script of a letter or a digit; nothing for what goes with every script."""
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
    different = list(dict.fromkeys(chars))
    return ", ".join(map(_name, different[:3])) + (", …" if len(different) > 3 else "")


def _name(char: str) -> str:
    import unicodedata

    named = unicodedata.name(char, "") or _KINDS.get(unicodedata.category(char), "a character without a name")
    return f"U+{ord(char):04X} {named.lower()}"

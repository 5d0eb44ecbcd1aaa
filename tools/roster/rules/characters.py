"""Rules on text: no invisible, look-alike or stray characters."""

import re
from collections.abc import Iterable, Iterator, Set

from roster.findings import Edit, Finding, Place, Pointer, Replace
from roster.model import Model
from roster.naming import quote
from roster.roster import Roster
from roster.rules.base.rule import Context, document_rule, roster_rule
from roster.rules.base.unicode_text import character_name, confusable_word, invisible_characters, is_invisible
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex, Range
from roster.yaml.string_ranges import locate_matches

_LINE_BREAKS = frozenset("\x85\u2028\u2029")

_PROSE_KEYS = ("name", "display_name", "description", "provider")
"""The keys whose values people read."""
_MAX_LENGTH = 1_000
"""Every schema rejects longer texts, in rosters and artifacts."""
_STRAY_WHITESPACE = {
    r"\n\Z": 'a trailing line break (write ">-" for ">", or "|-" for "|")',
    r"\A ": "a leading space",
    r" \Z": "a trailing space",
    r"\n": "a line break",
    r"\t": "a tab",
    r"  ": "two spaces in a row",
}
"""Descriptions by regular expression; the first match is reported."""


@document_rule(
    summary="Invisible character.",
    reason="Zero-width, control and text direction characters can make two names look the same, or reorder a line.",
    remedy="Remove the character, or replace it with an ordinary space.",
    bad='- name: "Claude\\u200b"\n',
    good="- name: Claude\n",
)
def invisible_character(document: Document, _: Context) -> Iterator[Finding]:
    literal = _runs(_literal_invisible(document), document.text)
    for place, text in locate_matches(document, literal, lambda text: _runs(invisible_characters(text), text)):
        chars = list(filter(is_invisible, text))
        one = len(chars) == 1
        subject = "invisible character" if one else "invisible characters"
        if place.span is None:
            subject = f"escape sequence for an {subject}" if one else f"escape sequences for {subject}"
        hint = "remove it" if one else "remove them"
        yield Finding(place, f"{subject}: {_names(chars)}", hint, "", _removal(place, text))


def _literal_invisible(document: Document) -> set[str]:
    """Return the invisible characters that a file contains literally, except those that the loader reports."""
    if document.text.isascii():
        return set()  # the loader reports ASCII control characters
    invisible = {char for char in invisible_characters(document.text) if not char.isascii()}
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
    summary="Carriage return without a line feed.",
    reason="YAML starts a new line at it, but most viewers do not: in a review, a comment would hide what follows.",
    remedy="Use line feeds, or carriage returns with line feeds, as line breaks.",
    bad="- name: Claude\n  # by Anthropic\r  provider: Bedrock\n",
    good="- name: Claude\n  # by Anthropic\n  provider: Bedrock\n",
)
def bare_carriage_return(document: Document, _: Context) -> Iterator[Finding]:
    text = document.text
    if text.count("\r") == text.count("\r\n"):
        return
    lines, mixed = LineIndex(text), "\n" in text
    for match in re.finditer("\r(?!\n)", text):
        place = Place(document.path, span=lines.span(*match.span()))
        hint = "use a line feed" if mixed else "convert the file's line breaks"
        message = "most viewers do not start a new line at this carriage return"
        yield Finding(place, message, hint, fix=(Replace(place, "\n"),) if mixed else ())
        if not mixed:
            return  # one cause: the file's line breaks


@document_rule(
    summary="Word with letters of different scripts, or with letters that only look Latin.",
    reason="Letters that look Latin, such as Cyrillic or full-width ones, make different names look the same.",
    remedy="Retype the word in a single alphabet.",
    bad="- name: Сlaude\n",
    good="- name: Claude\n",
)
def confusable_character(document: Document, _: Context) -> Iterator[Finding]:
    if document.text.isascii() and "\\" not in document.text:
        return
    for pointer, value in _prose_in(document.value):
        if not value.isascii() and (word := confusable_word(value)):
            foreign = dict.fromkeys(char for char in word if not char.isascii())
            note = "; ".join(f"{quote(char)} is {character_name(char)}" for char in foreign)
            message = f"{quote(word)} contains look-alike letters"
            yield Finding(Place(document.path, pointer), message, "retype the word in a single alphabet", note)


@roster_rule(
    summary="Leading, trailing or repeated spaces, tabs or line breaks in a text.",
    reason="Stray whitespace is invisible but reaches the API, and names that differ only in it look the same.",
    remedy="Use single spaces between words, and no other whitespace.",
    bad='- name: "Claude "\n',
    good="- name: Claude\n",
    ignorable=False,
)
def stray_whitespace(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for pointer, value in _prose_of(model):
            cleaned = " ".join(value.split())
            if value != cleaned and (problem := _stray_whitespace(value)):
                place = roster.at(model, *pointer)
                fix = (Replace(place, cleaned),)
                message = f"{quote(pointer[-1])} has {problem}"
                yield Finding(place, message, "use single spaces, between words only", "", fix)


def _prose_of(model: Model) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the pointers and values of the texts of a model that people read."""
    for key in (*_PROSE_KEYS, "owner"):
        yield (key,), getattr(model, key) or ""
    if model.suspended:
        yield ("suspended", "reason"), model.suspended.reason or ""


def _prose_in(entries: object) -> Iterator[tuple[Pointer, str]]:
    """Yield the pointers and values that people read in a file that may not be a valid roster."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        for key in _PROSE_KEYS if isinstance(entry, dict) else ():
            if isinstance(entry.get(key), str) and len(entry[key]) <= _MAX_LENGTH:
                yield (index, key), entry[key]


def _stray_whitespace(value: str) -> str:
    """Describe the first stray space, tab or line break; invisible-character reports any other white space."""
    return next((description for pattern, description in _STRAY_WHITESPACE.items() if re.search(pattern, value)), "")


def _runs(chars: Set[str], text: str) -> Iterable[Range]:
    """Return the ranges of some characters in a text; adjacent ones form one range."""
    characters = f"[{re.escape(''.join(chars))}]+"
    return (match.span() for match in re.finditer(characters, text)) if chars else ()


def _names(chars: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(chars))
    return ", ".join(map(character_name, distinct[:3])) + (", …" if len(distinct) > 3 else "")

"""Where exactly a key or a value stands, from the marks of libyaml's events.

libyaml counts an anchor or a tag to what follows it, and ends a block scalar where the next token starts.
"""

import re
from typing import Any

import yaml

from roster.yaml.libyaml import BREAKS

Range = tuple[int, int]
"""A stretch of the text: the offsets of its start and its end."""

_COMMENT = rf"#[^{BREAKS}]*+"
_PROPERTIES = re.compile(rf"(?:[&!][^ \t{BREAKS}]*+(?:[ \t{BREAKS}]|{_COMMENT})*+)*+")
_TAG = re.compile(rf"![^ \t{BREAKS}]*+")
_ESCAPED_TAG = re.compile(rf"![^ \t%{BREAKS}]*+%[^ \t{BREAKS}]*+")
_COLON = re.compile(rf"(?:[ \t{BREAKS}]|{_COMMENT})*+:")
_REST_OF_LINE = re.compile(rf"[^{BREAKS}]*+")
_NO_TAB = re.compile(rf"(?:[^\t#]++|{_COMMENT})*+")
_SPACES = re.compile("[ \t]*+")
_HEADER = re.compile(rf"(?:[ \t]*+(?:{_COMMENT})?[{BREAKS}]|%[^{BREAKS}]*+)*+")
_DIRECTIVE = re.compile(rf"(?<![^{BREAKS}])%[^{BREAKS}]*+")


def of(event: Any) -> Range:
    """Return the range of an event, at least one character wide."""
    start, end = event.start_mark.index, event.end_mark.index
    return start, max(end, start + 1)


def of_scalar(event: Any, text: str) -> Range:
    """Return the range of a scalar without its anchor and its tag, and without the empty lines after it."""
    start, end = start_of(event, text), event.end_mark.index
    if event.style in ("|", ">"):
        shown = start + len(text[start:end].rstrip(f" \t{BREAKS}"))
        end = _end(_SPACES, text, shown)  # spaces after the last word are a part of it
    return start, end


def start_of(event: Any, text: str) -> int:
    """Return where a value starts, after its anchor and its tag."""
    start: int = event.start_mark.index
    if isinstance(event, yaml.AliasEvent) or (event.anchor is None and event.tag is None):
        return start
    return _end(_PROPERTIES, text, start, event.end_mark.index)


def end_of_flow(event: Any) -> int:
    """Return where a list or a mapping ends that has brackets, by its last event; 0 for one without."""
    end: int = event.end_mark.index
    return end if end > event.start_mark.index else 0


def is_empty(event: Any) -> bool:
    """Say whether an event is that of a value which is missing from the text."""
    start, end = event.start_mark.index, event.end_mark.index
    return isinstance(event, yaml.ScalarEvent) and start == end


def of_tag(event: Any, text: str) -> Range:
    """Return the range of an event's tag."""
    return of_tag_at(event.start_mark.index, text, event.end_mark.index)


def of_tag_at(start: int, text: str, end: int | None = None) -> Range:
    """Return the range of the first tag after an offset."""
    found = _TAG.search(text, start, len(text) if end is None else end)
    return found.span() if found else (start, start + 1)


def of_escaped_tag(text: str) -> Range:
    """Return the range of the first tag that holds an escape; the file's first character where there is none."""
    found = _ESCAPED_TAG.search(text)
    return found.span() if found else (0, 1)


def of_anchor(event: Any, text: str) -> Range:
    """Return the range of an event's anchor."""
    start = text.index("&", event.start_mark.index)
    return start, start + 1 + len(event.anchor)


def of_content(event: Any, text: str) -> Range:
    """Return the range of what an event holds itself: a scalar's text, a bracket; nothing for a block."""
    start, end = start_of(event, text), event.end_mark.index
    if getattr(event, "style", None) in ("|", ">"):
        start = _end(_REST_OF_LINE, text, start)
    return start, max(start, end)


def tab_outside_comments(text: str, start: int, end: int) -> int:
    """Return the offset of the first tab of a stretch of the text that stands in no comment; -1 when there is none."""
    if text.find("\t", start, end) < 0:
        return -1
    found = _end(_NO_TAB, text, start, end)
    return found if found < end else -1


def of_empty_value(key: Range, text: str) -> Range:
    """Return where a value is missing: right after the key's colon, or after a key without one."""
    found = _COLON.match(text, key[1])
    at = found.end() if found else key[1]
    return at, at


def of_directives(text: str, start: int = 0) -> list[Range]:
    """Return the ranges of the directives before the document that follows ``start``."""
    if "%" not in text:
        return []
    end = _end(_HEADER, text, start)
    return [found.span() for found in _DIRECTIVE.finditer(text, start, end)]


def without_directives(text: str) -> str:
    """Return a text of the same length with its directives as comments: libyaml compares each with all before it."""
    directives = of_directives(text)
    if not directives:
        return text
    end = directives[-1][1]
    return _DIRECTIVE.sub(lambda found: "#" + found[0][1:], text[:end]) + text[end:]


def _end(pattern: re.Pattern[str], text: str, start: int, end: int | None = None) -> int:
    found = pattern.match(text, start, len(text) if end is None else end)
    return found.end() if found else start

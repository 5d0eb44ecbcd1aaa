"""Exact ranges of keys and values, from the marks of libyaml's events.

libyaml includes an anchor or a tag in the value that follows, and ends a block scalar where the next token starts.
"""

import re
from typing import Any

import yaml

from roster.yaml.line_index import Range, match_end
from roster.yaml.parser import LINE_BREAKS

_COMMENT = rf"#[^{LINE_BREAKS}]*+"
_PROPERTIES = re.compile(rf"(?:[&!][^ \t{LINE_BREAKS}]*+(?:[ \t{LINE_BREAKS}]|{_COMMENT})*+)*+")
_TAG = re.compile(rf"![^ \t{LINE_BREAKS}]*+")
_ESCAPED_TAG = re.compile(rf"![^ \t%{LINE_BREAKS}]*+%[^ \t{LINE_BREAKS}]*+")
_COLON = re.compile(rf"(?:[ \t{LINE_BREAKS}]|{_COMMENT})*+:")
_REST_OF_LINE = re.compile(rf"[^{LINE_BREAKS}]*+")
_NO_TAB = re.compile(rf"(?:[^\t#]++|{_COMMENT})*+")
_SPACES = re.compile("[ \t]*+")
_HEADER = re.compile(rf"(?:[ \t]*+(?:{_COMMENT})?[{LINE_BREAKS}]|%[^{LINE_BREAKS}]*+)*+")
_DIRECTIVE = re.compile(rf"(?<![^{LINE_BREAKS}])%[^{LINE_BREAKS}]*+")


def of(event: Any) -> Range:
    """Return the range of an event, at least one character wide."""
    start, end = event.start_mark.index, event.end_mark.index
    return start, max(end, start + 1)


def of_scalar(event: Any, text: str) -> Range:
    """Return the range of a scalar without its anchor, its tag and the empty lines after it."""
    start, end = start_of(event, text), event.end_mark.index
    if event.style in ("|", ">"):
        shown = start + len(text[start:end].rstrip(f" \t{LINE_BREAKS}"))
        end = match_end(_SPACES, text, shown)  # trailing spaces belong to the value
    return start, end


def start_of(event: Any, text: str) -> int:
    """Return the start of a value, after its anchor and tag."""
    start: int = event.start_mark.index
    if isinstance(event, yaml.AliasEvent) or (event.anchor is None and event.tag is None):
        return start
    return match_end(_PROPERTIES, text, start, event.end_mark.index)


def end_of_flow(event: Any) -> int:
    """Return the end of a bracketed list or mapping, by its last event; 0 without brackets."""
    end: int = event.end_mark.index
    return end if end > event.start_mark.index else 0


def is_empty(event: Any) -> bool:
    """Return whether an event is that of a value missing from the text."""
    start, end = event.start_mark.index, event.end_mark.index
    return isinstance(event, yaml.ScalarEvent) and start == end


def of_tag(start: int, text: str) -> Range:
    """Return the range of the first tag after an offset."""
    match = _TAG.search(text, start)
    return match.span() if match else (start, start + 1)


def of_escaped_tag(text: str) -> Range:
    """Return the range of the first tag with an escape, or of the first character."""
    match = _ESCAPED_TAG.search(text)
    return match.span() if match else (0, 1)


def of_anchor(event: Any, text: str) -> Range:
    """Return the range of an event's anchor."""
    start = text.index("&", event.start_mark.index)
    return start, start + 1 + len(event.anchor)


def of_content(event: Any, text: str) -> Range:
    """Return the range of an event's own text: a scalar or a bracket; empty for a block."""
    start, end = start_of(event, text), event.end_mark.index
    if getattr(event, "style", None) in ("|", ">"):
        start = match_end(_REST_OF_LINE, text, start)
    return start, max(start, end)


def tab_outside_comments(text: str, start: int, end: int) -> int:
    """Return the offset of the first tab outside comments between two offsets; -1 without one."""
    if text.find("\t", start, end) < 0:
        return -1
    tab = match_end(_NO_TAB, text, start, end)
    return tab if tab < end else -1


def of_empty_value(key: Range, text: str) -> Range:
    """Return the position of a missing value: right after the key's colon, or after a key without one."""
    match = _COLON.match(text, key[1])
    at = match.end() if match else key[1]
    return at, at


def of_directives(text: str, start: int = 0) -> list[Range]:
    """Return the ranges of the directives before the document that follows ``start``."""
    if "%" not in text:
        return []
    end = match_end(_HEADER, text, start)
    return [match.span() for match in _DIRECTIVE.finditer(text, start, end)]


def without_directives(text: str) -> str:
    """Turn directives into comments of the same length: libyaml compares each directive with all before it."""
    directives = of_directives(text)
    if not directives:
        return text
    end = directives[-1][1]
    return _DIRECTIVE.sub(lambda match: "#" + match[0][1:], text[:end]) + text[end:]

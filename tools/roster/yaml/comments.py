"""Comments of a YAML text: a "#" inside a quoted or block value starts none."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import yaml

from roster.yaml import event_ranges
from roster.yaml.line_index import Range, line_end
from roster.yaml.parser import PARSE_ERRORS, CParser

_QUOTE_OR_BLOCK = "[\"'|>]"
_START = re.compile("(?<![^ \t\r\n])#")
"""YAML starts a comment at a line's start or after white space only (YAML 1.2.2, section 6.6)."""


def find_comments(text: str, mark: str) -> Iterator[Range]:
    """Yield each comment that may contain ``mark``, without its line break, in a text that can be parsed."""
    values: list[Range] | None = None
    lines = re.compile(rf"(?<![^\r\n])[^\r\n]*{re.escape(mark)}[^\r\n]*")
    for line in lines.finditer(text) if mark in text else ():
        if values is None:
            values = _values_with_hashes(text, text.rfind(mark))
        for match in _START.finditer(text, *line.span()):
            index = bisect_right(values, (match.start(), len(text)))
            if not index or values[index - 1][1] <= match.start():
                yield match.start(), line.end()
                break


def _values_with_hashes(text: str, last: int) -> list[Range]:
    """Return the ranges of quoted and block values that contain a "#" and start no later than an offset."""
    values: list[Range] = []
    if not re.search(_QUOTE_OR_BLOCK, text):
        return values
    # tokens, since an event starts with its anchor, and a comment can stand after that
    scalar = yaml.ScalarToken
    next_token: Callable[[], Any] = CParser(event_ranges.without_directives(text)).get_token
    with suppress(*PARSE_ERRORS):  # in a second document, which is not read
        while (token := next_token()).start_mark.index <= last:  # the end of the stream is always later
            if type(token) is scalar and token.style:
                start, end = token.start_mark.index, token.end_mark.index
                if token.style in ("|", ">"):
                    start = line_end(text, start)  # its indicator may have a comment
                if text.find("#", start, end) >= 0:
                    values.append((start, end))
    return values

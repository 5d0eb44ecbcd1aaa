"""Which of a text's comments are comments: a "#" in a quoted or a block value is none."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from roster.yaml import event_ranges
from roster.yaml.event_ranges import Range
from roster.yaml.libyaml import UNREADABLE, CParser

_BREAK = re.compile("[\r\n]")
_START = re.compile("(?<![^ \t\r\n])#")
"""YAML starts a comment at a line's start or after white space only (YAML 1.2.2, section 6.6)."""


def find_comments(text: str, mark: str) -> Iterator[Range]:
    """Yield each comment of a readable file that may hold a mark, without its line break."""
    values: list[Range] | None = None
    for start, end in _lines_with(text, mark):
        if values is None:
            values = _values_with_hashes(text, text.rfind(mark))
        for found in _START.finditer(text, start, end):
            at = bisect_right(values, (found.start(), len(text)))
            if not at or values[at - 1][1] <= found.start():
                yield found.start(), end
                break


def _lines_with(text: str, mark: str) -> Iterator[Range]:
    """Yield the lines that hold a mark, each once and without its break."""
    end = -1
    while (at := text.find(mark, end + 1)) >= 0:
        start = max(text.rfind("\n", end + 1, at), text.rfind("\r", end + 1, at), end) + 1
        line_break = _BREAK.search(text, at)
        end = line_break.start() if line_break else len(text)
        yield start, end


def _values_with_hashes(text: str, last: int) -> list[Range]:
    """Return where the quoted and the block values stand that hold a "#" and start no later than an offset."""
    values: list[Range] = []
    # tokens, since an event starts with its anchor, and a comment can stand after that
    next_token: Callable[[], Any] = CParser(event_ranges.without_directives(text)).get_token
    with suppress(*UNREADABLE):  # of a second document, which nobody reads
        while (token := next_token()).start_mark.index <= last:  # the stream's end comes later in any case
            if getattr(token, "style", ""):
                start, end = _text_of(token, text)
                if text.find("#", start, end) >= 0:
                    values.append((start, end))
    return values


def _text_of(token: Any, text: str) -> Range:
    """Return where a quoted or a block value stands, without what stands beside the block's indicator."""
    start, end = token.start_mark.index, token.end_mark.index
    if token.style in ("|", ">"):
        line_break = _BREAK.search(text, start, end)
        start = line_break.start() if line_break else end
    return start, end

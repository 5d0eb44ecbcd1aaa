"""Conversion between offsets in a text and the lines and columns that editors show."""

import re
from array import array
from bisect import bisect_right
from functools import lru_cache

from roster.findings import Span

Range = tuple[int, int]
"""The offsets of the start and the end of a part of a text, in code points."""

LINE_BREAK = r"(?:\r\n|\n|\r)"
"""A line break of YAML 1.2."""
_REST_OF_LINE = r"[^\r\n]*"


class LineIndex:
    """The lines of a text, broken at LF, CR LF and CR only, as in YAML 1.2 and in editors."""

    def __init__(self, text: str) -> None:
        self._text, self._starts = text, _line_starts(text)
        self._cached = (0, "")  # a thousand findings may share one line of a million characters

    def span(self, start: int, end: int) -> Span:
        """Return the span between two offsets."""
        return Span(*self._position(start), *self._position(max(start, end)))

    def offsets(self, span: Span) -> Range:
        """Return the two offsets of a span of this text."""
        start = self._starts[span.line - 1] + span.column - 1
        return start, self._starts[span.end_line - 1] + span.end_column - 1

    def __getitem__(self, line: int) -> str:
        """Return a line's text without its line break; lines count from 1."""
        if self._cached[0] != line:
            start = self._starts[line - 1]
            end = self._starts[line] if line < len(self._starts) else len(self._text)
            self._cached = line, self._text[start:end].rstrip("\r\n")
        return self._cached[1]

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@lru_cache(maxsize=1)
def _line_starts(text: str) -> "array[int]":
    starts = array("I", [0])
    line_break = LINE_BREAK if "\r" in text else "\n"  # which takes a third of the time
    starts.extend(match.end() for match in re.finditer(line_break, text))
    return starts


def line_start(text: str, offset: int) -> int:
    """Return the offset of the first character in an offset's line."""
    start = text.rfind("\n", 0, offset) + 1
    return max(start, text.rfind("\r", start, offset) + 1)


def line_end(text: str, offset: int) -> int:
    """Return the offset of the line break after an offset, or of the end of the text."""
    return match_end(re.compile(_REST_OF_LINE), text, offset)


def next_line(text: str, offset: int) -> int:
    """Return the offset of the next line, or of the end of the text."""
    return match_end(re.compile(rf"{_REST_OF_LINE}{LINE_BREAK}?"), text, offset)


def match_end(pattern: re.Pattern[str], text: str, start: int, end: int | None = None) -> int:
    """Return where a pattern that starts at an offset ends; the same offset if it does not match."""
    match = pattern.match(text, start, len(text) if end is None else end)
    return match.end() if match else start

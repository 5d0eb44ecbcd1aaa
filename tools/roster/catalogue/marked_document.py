"""Somebody's Markdown document, in which only the text between markers is ours.

    <!-- roster: models-by-feature production -->
    <!-- roster: end -->

A marker has a line of its own, indented by at most three spaces: with four, Markdown takes it for code. Markers in
fenced code blocks are examples. https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.naming import did_you_mean, join_names, quote
from roster.registries import require_environment

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_MARKER = re.compile(r"(?P<indentation>\ufeff? {0,3})<!--[ \t]*roster[ \t]*:(?P<content>.*)", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_END = "end"
_START_WORDS = 2
_MISPLACED = re.compile(r"<!--[ \t]*roster[ \t]*:", re.IGNORECASE)
_MISPLACED_MESSAGE = "a marker needs a line of its own outside code and quotes, indented by at most three spaces"
_END_MARKER = f"<!-- roster: {_END} -->"
_NO_MARKER = "no marker of a table: add the lines"
_NOT_CLOSED = "a marker ends with --> on its line, and nothing follows"


class MarkerProblem(NamedTuple):
    """What is wrong with a document, and where; line and column start at 1."""

    line: int
    column: int
    message: str


class Region(NamedTuple):
    """The text between two markers, from the index ``start`` to ``end``, and what belongs there."""

    table: str
    environment: str
    start: int
    end: int
    indentation: str
    line_end: str


class _Marker(NamedTuple):
    """A line with a marker.

    Attributes:
        content: what follows ``roster:``, which starts in a column of the line.
        start: the index in the document of the line; ``end`` is that of the next one.
    """

    line: int
    column: int
    content: str
    start: int
    end: int
    indentation: str
    line_end: str

    def words(self) -> list[str]:
        """Return the words of the marker."""
        return self._text.split()

    def problem(self, message: str, offset: int = 0) -> MarkerProblem:
        """Return a problem at an offset in the content of this marker."""
        return MarkerProblem(self.line, self.column + offset, message)

    def problems_of_end(self) -> list[MarkerProblem]:
        """Return what is wrong with the marker of an end."""
        if not self._is_closed:
            return [self.problem(_NOT_CLOSED)]
        return [self.problem(f"unexpected {quote(word)} after {_END}: remove it") for word in self.words()[1:2]]

    def problems_of_start(self, tables: Collection[str], environments: Collection[str]) -> list[MarkerProblem]:
        """Return what is wrong with the marker of a start."""
        if not self._is_closed:
            return [self.problem(_NOT_CLOSED)]
        starts = [word.start() for word in re.finditer(r"\S+", self._text)]
        return [
            self.problem(message, starts[index] if index < len(starts) else len(self._text.rstrip()))
            for index, message in _wrong_words(self.words(), tables, environments)
        ]

    @property
    def _text(self) -> str:
        """The content before ``-->``."""
        return self.content.partition("-->")[0]

    @property
    def _is_closed(self) -> bool:
        _, arrow, rest = self.content.partition("-->")
        return bool(arrow) and not rest.strip()


def find_regions(
    document: str, tables: Collection[str], environments: Collection[str]
) -> tuple[list[Region], list[MarkerProblem]]:
    """Return the regions of a document that markers enclose, and everything that is wrong with its markers."""
    regions: list[Region] = []
    problems: list[MarkerProblem] = []
    opened: tuple[_Marker, list[str]] | None = None
    for marker in _markers(document):
        words = marker.words()
        if words[:1] == [_END]:
            problems += (
                marker.problems_of_end() if opened else [marker.problem("no marker starts a table before this end")]
            )
            if opened and len(opened[1]) == _START_WORDS:
                start, (table, environment) = opened
                regions.append(Region(table, environment, start.end, marker.start, start.indentation, start.line_end))
            opened = None
        else:
            problems += [*_unclosed(opened), *marker.problems_of_start(tables, environments)]
            opened = marker, words
    problems += _unclosed(opened)
    if not regions and not problems:
        example = f"<!-- roster: {next(iter(tables))} {[*environments][-1]} -->"
        problems.append(_misplaced_marker(document) or MarkerProblem(1, 1, f"{_NO_MARKER} {example} and {_END_MARKER}"))
    return regions, sorted(problems)


def replace_regions(document: str, regions: Collection[Region], table: Callable[[Region], str]) -> str:
    """Return the document with a new table in each region, between blank lines, in the document's line ends."""
    parts, position = [], 0
    for region in regions:
        lines = ["", *(region.indentation + line for line in table(region).splitlines()), ""]
        parts += [document[position : region.start], *(line + region.line_end for line in lines)]
        position = region.end
    return "".join([*parts, document[position:]])


def _misplaced_marker(document: str) -> MarkerProblem | None:
    """Return the problem of the first text that looks like a marker, in a document without any, if there is one."""
    for number, line in enumerate(_LINE.finditer(document), start=1):
        if marker := _MISPLACED.search(line[1]):
            return MarkerProblem(number, marker.start() + 1, _MISPLACED_MESSAGE)
    return None


def _markers(document: str) -> Iterator[_Marker]:
    """Yield the markers outside fenced code blocks."""
    fence = ""
    for number, line in enumerate(_LINE.finditer(document), start=1):
        text, line_end = line.groups()
        opening = _FENCE.match(text)
        if fence:
            closes = opening and opening["fence"].startswith(fence) and not text[opening.end() :].strip()
            fence = "" if closes else fence
        elif opening:
            fence = opening["fence"]
        elif marker := _MARKER.fullmatch(text):
            indentation = marker["indentation"].removeprefix("\ufeff")
            column = marker.start("content") + 1
            yield _Marker(number, column, marker["content"], line.start(), line.end(), indentation, line_end)


def _wrong_words(words: list[str], tables: Collection[str], environments: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the index of each wrong or missing word, and what is wrong."""
    if not words or words[0] not in tables:
        name = f"there is no table {quote(words[0])}" if words else "the marker names no table"
        allowed = f"choose {join_names(tables, word='or')}"
        guess = did_you_mean(words[0], (*tables, _END)) if words else ""
        yield 0, f"{name}: {guess or allowed}"
    elif len(words) < _START_WORDS:
        yield 1, f"the marker names no environment: choose {join_names(environments, word='or')}"
    if len(words) >= _START_WORDS:
        try:
            require_environment(words[1], environments)
        except ConfigurationError as error:
            yield 1, str(error)
    if len(words) > _START_WORDS:
        yield _START_WORDS, f"unexpected {quote(words[_START_WORDS])}: the marker ends after the environment"


def _unclosed(opened: tuple[_Marker, list[str]] | None) -> list[MarkerProblem]:
    """Return the problem of a start that no end follows."""
    message = f"the table has no end: add the line {_END_MARKER}"
    return [opened[0].problem(message)] if opened else []

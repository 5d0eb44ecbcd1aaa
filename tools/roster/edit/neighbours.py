"""The models at a roster's end or before one of its models, and where they stand in its text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from roster.findings import Place, Pointer
from roster.yaml.document import Document
from roster.yaml.line_index import Lines

Range = tuple[int, int]
"""A stretch of the text: the offsets of its start and its end."""

BREAK = r"(?:\r\n|\n|\r)"
_AT_MOST = 20
"""How many models are looked at: the last ones say best how the next one is written."""
_REST_OF_LINE = re.compile(rf"[^\r\n]*{BREAK}?")
_COMMENT_LINE = re.compile(rf"(?:[ \t]*{BREAK})*([ \t]*)#[^\r\n]*{BREAK}?")
_BLANK_LINES = re.compile(rf"(?:[ \t]*{BREAK})*")


class Neighbours:
    """The last models of a roster that has at least one; ``end``: of so many at its start.

    Attributes:
        models: those that are written out, by their index in the roster; an alias is not.
        items: where each stands, aliases included.
    """

    def __init__(self, document: Document, end: int | None = None) -> None:
        self.text = document.text
        last = list(enumerate(document.value))[:end][-_AT_MOST:]
        pointers = {(), *((index,) for index, _ in last), *_within(last)}
        self._keys, self._values = _ranges(document, pointers, at_key=True), _ranges(document, pointers, at_key=False)
        self.items = [self._values[index,] for index, _ in last]
        self.models = {
            index: model
            for index, model in last
            if isinstance(model, dict) and model and not self.starts_with("*", (index,))
        }

    def at(self, *pointer: str | int) -> Range:
        """Return where a value stands; without a pointer, where the roster does."""
        return self._values[pointer]

    def key(self, *pointer: str | int) -> Range:
        """Return where a model's key stands."""
        return self._keys[pointer]

    def starts_with(self, characters: str, pointer: Pointer) -> bool:
        """Say whether a value starts with some characters."""
        return self.text.startswith(characters, self._values[pointer][0])

    def column(self, offset: int) -> int:
        """Return how far from its line's start a character stands."""
        return offset - max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) - 1

    def written(self, kind: type) -> Iterator[tuple[int, str, Any]]:
        """Yield the model's index, the key and the value of each value of a type; aliases are not of any."""
        for index, model in self.models.items():
            for key, value in model.items():
                if isinstance(value, kind) and not self.starts_with("*", (index, key)):
                    yield index, key, value

    def end_of_lines(self, item: Range) -> int:
        """Return the offset after a model's last line and after the comments below it that are indented like a part."""
        end = _end(_REST_OF_LINE, self.text, item[1])
        dash = self.column(self.at()[0])
        while (comment := _COMMENT_LINE.match(self.text, end)) and len(comment[1]) > dash:
            end = comment.end()
        return end

    @property
    def in_brackets(self) -> bool:
        """Whether the roster is a list in brackets, without dashes."""
        return self.starts_with("[", ())

    @cached_property
    def line_break(self) -> str:
        """What ends most lines."""
        return line_break(self.text)

    @property
    def blank_lines(self) -> int | None:
        """How many empty lines stand between the last two models; None where there is one only."""
        if len(self.items) == 1:
            return None
        end = self.end_of_lines(self.items[-2])
        return len(re.findall(BREAK, self.text[end : _end(_BLANK_LINES, self.text, end)]))


def line_break(text: str) -> str:
    """Return what ends most lines of a text."""
    breaks = Counter(re.findall(BREAK, text))
    return breaks.most_common(1)[0][0] if breaks else "\n"


def range_of_roster(document: Document) -> Range:
    """Return where a document's whole value stands."""
    return _ranges(document, {()}, at_key=False)[()]


def _within(models: Iterable[tuple[int, Any]]) -> Iterator[Pointer]:
    """Yield the pointers of the models' keys and of the items of their lists."""
    for index, model in models:
        for key, value in model.items() if isinstance(model, dict) else ():
            yield index, key
            yield from ((index, key, position) for position in range(len(value) if isinstance(value, list) else 0))


def _ranges(document: Document, pointers: Iterable[Pointer], *, at_key: bool) -> dict[Pointer, Range]:
    places = [Place(document.path, pointer, at_key) for pointer in pointers]
    lines, spans = Lines(document.text), document.spans(places)
    return {place.pointer: lines.offsets(spans[place]) for place in places}


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start

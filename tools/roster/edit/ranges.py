"""Character ranges of keys and values in the text of a YAML document."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from roster.findings import Pointer
from roster.yaml.document import Document
from roster.yaml.line_index import LINE_BREAK, Range, line_start, match_end, next_line
from roster.yaml.node_ranges import find_ranges

_SAMPLE_SIZE = 20
"""The number of models to infer a style from: the last ones predict best how the next one is written."""
_COMMENT_LINE = re.compile(rf"(?:[ \t]*{LINE_BREAK})*([ \t]*)#[^\r\n]*{LINE_BREAK}?")
_BLANK_LINES = re.compile(rf"(?:[ \t]*{LINE_BREAK})*")


def line_break(text: str) -> str:
    """Return the most frequent line break of a text."""
    breaks = Counter(re.findall(LINE_BREAK, text))
    return breaks.most_common(1)[0][0] if breaks else "\n"


class Ranges:
    """The ranges of a document's keys and values at some pointers, looked up in one pass."""

    def __init__(self, document: Document, pointers: Iterable[Pointer]) -> None:
        self.text = document.text
        self._ranges = find_ranges(self.text, document.value, pointers)

    def __contains__(self, pointer: Pointer) -> bool:
        """Return whether there is a value at a pointer, outside YAML aliases."""
        return pointer in self._ranges

    def value(self, *pointer: str | int) -> Range:
        """Return the range of a value; without a pointer, of the whole document."""
        return self._ranges[pointer][1]

    def key(self, *pointer: str | int) -> Range:
        """Return the range of a key."""
        return self._ranges[pointer][0]

    def pair(self, *pointer: str | int) -> Range:
        """Return the range of a key and its value."""
        return self.key(*pointer)[0], self.value(*pointer)[1]

    def starts_with(self, characters: str | tuple[str, ...], *pointer: str | int) -> bool:
        """Return whether a value starts with some characters."""
        return self.text.startswith(characters, self.value(*pointer)[0])

    def column(self, offset: int) -> int:
        """Return the number of characters between an offset and the start of its line."""
        return offset - line_start(self.text, offset)


class ModelSample(Ranges):
    """The last models of a roster, or of its first ``end`` models, from which the style of new text is inferred.

    Attributes:
        items: the range of each model.
        models: the models by their index in the roster, except YAML aliases.
    """

    def __init__(self, document: Document, end: int | None = None) -> None:
        last = list(enumerate(document.value))[:end][-_SAMPLE_SIZE:]
        super().__init__(document, _pointers(last))
        self.items = [self.value(index) for index, _ in last]
        self.models = {
            index: model
            for index, model in last
            if isinstance(model, dict) and model and not self.starts_with("*", index)
        }

    @property
    def blank_lines(self) -> int:
        """The number of blank lines between the last two models; 1 if there is only one model."""
        if len(self.items) == 1:
            return 1
        end = self.end_with_comments(self.items[-2])
        return len(re.findall(LINE_BREAK, self.text[end : match_end(_BLANK_LINES, self.text, end)]))

    def values_of_type(self, type_: type) -> Iterator[tuple[int, str, Any]]:
        """Yield the model's index, the key and the value of each value of a type, except YAML aliases."""
        for index, model in self.models.items():
            for key, value in model.items():
                if isinstance(value, type_) and not self.starts_with("*", index, key):
                    yield index, key, value

    def end_with_comments(self, item: Range) -> int:
        """Return the offset after a model's last line and the comments below that are indented as part of it."""
        end = next_line(self.text, item[1])
        dash = self.column(self.value()[0])
        while (comment := _COMMENT_LINE.match(self.text, end)) and len(comment[1]) > dash:
            end = comment.end()
        return end


def _pointers(models: Iterable[tuple[int, Any]]) -> Iterator[Pointer]:
    """Yield the pointers of the models, of their keys, and of everything within their mappings and lists."""
    for index, model in models:
        yield from pointers_within((index,), model)


def pointers_within(pointer: Pointer, value: Any) -> Iterator[Pointer]:
    """Yield the pointer of a value, and those of everything within it."""
    yield pointer
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from pointers_within((*pointer, key), item)

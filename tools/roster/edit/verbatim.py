"""Values that promotion copies as they are written: those of keys that the toolkit has no own form for."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from roster.edit.ranges import Ranges
from roster.model import comparable
from roster.yaml.document import Document
from roster.yaml.line_index import LINE_BREAK


class Verbatim(NamedTuple):
    """A value of any type, with its text in the file that it is copied from.

    Attributes:
        text: the text after the colon; further lines are indented relative to the key. Empty if it must not be copied.
    """

    value: Any
    text: str = ""

    def is_same(self, other: object) -> bool:
        """Return whether another value has the same meaning."""
        return comparable(self.value) == comparable(other)


def verbatim_values(document: Document, position: int) -> dict[str, Verbatim]:
    """Return the values of a model by key, with their texts."""
    model: Mapping[str, Any] = document.value[position]
    ranges = Ranges(document, [(position, key) for key in model])
    return {
        key: Verbatim(value, _text(ranges, (position, key)) if (position, key) in ranges else "")
        for key, value in model.items()
    }


def _text(ranges: Ranges, pointer: tuple[int, str]) -> str:
    start, end = ranges.key(*pointer)
    column = ranges.column(start)
    first, *others = re.split(LINE_BREAK, ranges.text[end : ranges.value(*pointer)[1]].partition(":")[2])
    return "\n".join([first, *(line[min(column, len(line) - len(line.lstrip())) :] for line in others)])

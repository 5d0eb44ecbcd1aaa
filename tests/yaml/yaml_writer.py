"""Writes values as YAML in random styles, and records the range of each key and value."""

from typing import Any

from hypothesis import strategies as some

from roster.findings import Pointer

Ranges = dict[Pointer, tuple[tuple[int, int], tuple[int, int]]]
"""For each pointer, the offsets of its key (or item) and of its value."""

words = some.text("abcdefgh XYZ日é", min_size=1, max_size=9).map(str.strip).filter(bool)
texts = words | some.sampled_from(
    ["no", "012", "a: b", "# x", "- y", "", " ", "it's", 'say "x"', "tab\there", "[", "*a"]
)
scalars = texts | some.none() | some.booleans() | some.integers(-999, 999)
values = some.recursive(
    scalars, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(words, inner, max_size=4), max_leaves=14
)


class Writer:
    """Writes one document; ``draw`` chooses the styles."""

    def __init__(self, draw: Any, line_break: str = "\n") -> None:
        self.text = ""
        self.ranges: Ranges = {}
        self._draw, self._break = draw, line_break

    def document(self, value: Any) -> str:
        """Write a value at the root and return the text."""
        if self._draw(some.booleans()):
            self._put("# a comment" + self._break)
        if isinstance(value, list | dict) and value and self._draw(some.booleans()):
            self.ranges[()] = ((0, 0), self._block(value, (), 0))
        else:
            self.ranges[()] = ((0, 0), self._inline(value, ()))
            self._end_line()
        return self.text

    def _block(self, value: Any, pointer: Pointer, indent: int) -> tuple[int, int]:
        start = end = len(self.text) + indent
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in entries:
            self._put(" " * indent)
            item_pointer = (*pointer, key)
            key_range = None
            if isinstance(value, dict):
                key_range = self._inline(key, None)
                self._put(":")
            else:
                self._put("-")
            item_range = self._child(item, item_pointer, indent)
            self.ranges[item_pointer] = (key_range or item_range, item_range)
            end = max(item_range[1], key_range[1] if key_range else 0)
        return start, end

    def _child(self, item: Any, pointer: Pointer, indent: int) -> tuple[int, int]:
        if isinstance(item, list | dict) and item and self._draw(some.booleans()):
            self._end_line()
            return self._block(item, pointer, indent + self._draw(some.integers(1, 4)))
        self._put(" " * self._draw(some.integers(1, 3)))
        item_range = self._inline(item, pointer)
        self._end_line()
        return item_range

    def _end_line(self) -> None:
        self._put(self._draw(some.sampled_from(["", "  # a comment", "   "])) + self._break)

    def _inline(self, value: Any, pointer: Pointer | None) -> tuple[int, int]:
        start = len(self.text)
        if isinstance(value, list | dict):
            self._flow(value, pointer or ())
        else:
            self._put(self._scalar(value))
        return start, len(self.text)

    def _flow(self, value: Any, pointer: Pointer) -> None:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        self._put(opening)
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for number, (key, item) in enumerate(entries):
            self._put(", " if number else "")
            key_range = None
            if isinstance(value, dict):
                key_range = self._inline(key, None)
                self._put(": ")
            item_range = self._inline(item, (*pointer, key))
            self.ranges[(*pointer, key)] = (key_range or item_range, item_range)
        self._put(closing)

    def _scalar(self, value: Any) -> str:
        if value is None:
            return str(self._draw(some.sampled_from(["null", "~"])))
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int):
            return str(value)
        return self._string(value)

    def _string(self, value: str) -> str:
        styles = ['"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"']
        if "\t" not in value:
            styles.append("'" + value.replace("'", "''") + "'")
        letters = value.replace(" ", "")
        if letters.isalpha() and value == value.strip() and value.lower() not in ("no", "y", "n"):
            styles.append(value)
        return str(self._draw(some.sampled_from(styles)))

    def _put(self, text: str) -> None:
        self.text += text

"""Edits of a model's retirements: a mapping, or a list of mappings, written like the file's other retirements."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.edit.ranges import ModelSample
from roster.edit.removal import remove_item, remove_key
from roster.edit.retirement_style import RETIREMENT, infer_retirement_style
from roster.edit.splice import Splice
from roster.edit.style import FlowStyle, Style
from roster.edit.value_edits import ValueEdits, insert
from roster.findings import Pointer
from roster.model import Retirement
from roster.yaml.document import Document
from roster.yaml.line_index import LINE_BREAK, line_end

_INDENT = "  "
_LINE_START = re.compile(rf"{LINE_BREAK}(?=[ \t]*[^ \t\r\n])")

_Entry = Mapping[str, Any]


class RetirementEdits:
    """The edits of the retirements of the model at a position; ``in_flow``: the model is in braces."""

    def __init__(self, document: Document, ranges: ModelSample, style: Style, position: int, *, in_flow: bool) -> None:
        self._ranges, self._text, self._in_flow = ranges, ranges.text, in_flow
        self._style, in_braces = infer_retirement_style(document, position, style)
        self._in_braces = in_braces or in_flow
        self._values = ValueEdits(ranges, self._style, in_flow=in_flow)

    def pair(self, value: Any) -> str:
        """Return the key with its first retirement, or with a list of several."""
        key = f"{self._style.key_quotes}{RETIREMENT}{self._style.key_quotes}:"
        margin = self._style.indent + _INDENT
        if isinstance(value, list):
            if self._in_flow:
                return f"{key} [{', '.join(map(self._braces, value))}]"
            items = (f"{self._line(margin)}- {self._item(item, margin + _INDENT)}" for item in value)
            return key + "".join(items)
        return (
            f"{key} {self._braces(value)}"
            if self._in_braces
            else f"{key}{self._line(margin)}{self._block(value, margin)}"
        )

    def update(self, position: int, old: Any, new: Any) -> Iterator[tuple[Splice, ...]]:
        """Yield the edits that bring the retirements closer to new ones, which are a list if the old ones are."""
        pointer = (position, RETIREMENT)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._update_entry(pointer, old, new)
        elif isinstance(old, dict):
            yield self._wrap(pointer)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._update_items(pointer, old, new)

    def _update_items(
        self, pointer: Pointer, old: Sequence[_Entry], new: Sequence[_Entry]
    ) -> Iterator[tuple[Splice, ...]]:
        if removed := len(old) - len(new) if len(old) > len(new) else 0:
            for index in [index for index, item in enumerate(old) if item not in new][-removed:]:
                yield remove_item(self._ranges, (*pointer, index))
            return
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from self._update_entry((*pointer, index), before, after)
        if len(new) > len(old):
            yield self._append(pointer, len(old), new[len(old)])

    def _update_entry(self, pointer: Pointer, old: _Entry, new: _Entry) -> Iterator[tuple[Splice, ...]]:
        for key in dict.fromkeys([*old, *new]):
            before, after = old.get(key), new.get(key)
            if key not in new:
                yield remove_key(self._ranges, old, (*pointer, key))
            elif key not in old:
                yield self._add_key(pointer, old, key, after)
            elif isinstance(before, list) and isinstance(after, list):
                yield from self._values.update_list((*pointer, key), before, after)
            elif before != after:
                in_flow = self._ranges.starts_with("{", *pointer)
                yield self._values.replace((*pointer, key), str(after), in_flow=in_flow)

    def _add_key(self, pointer: Pointer, entry: _Entry, key: str, value: Any) -> tuple[Splice, ...]:
        """Return the addition of a key after the one that it follows in a retirement."""
        keys = Retirement._fields
        before = [other for other in keys[: keys.index(key)] if other in entry] or list(entry)
        start, end = self._ranges.pair(*pointer, before[-1])
        if self._ranges.starts_with("{", *pointer):
            return insert(end, f", {self._flow_pair(key, value)}")
        margin = " " * self._ranges.column(start)
        return insert(line_end(self._text, end), self._line(margin) + self._block({key: value}, margin))

    def _append(self, pointer: Pointer, size: int, entry: _Entry) -> tuple[Splice, ...]:
        """Return the addition of a retirement at the end of the list, like the last one."""
        outer, last = self._ranges.value(*pointer), self._ranges.value(*pointer, size - 1)
        if self._ranges.starts_with("[", *pointer):
            return insert(last[1], f", {self._braces(entry)}")
        dash = " " * self._ranges.column(outer[0])
        margin = " " * self._ranges.column(last[0])
        bullet = f"-{margin[len(dash) + 1 :] or ' '}"
        in_braces = self._ranges.starts_with("{", *pointer, size - 1)
        item = self._braces(entry) if in_braces else self._block(entry, margin)
        return insert(line_end(self._text, last[1]), f"{self._line(dash)}{bullet}{item}")

    def _wrap(self, pointer: Pointer) -> tuple[Splice, ...]:
        """Return the change of a mapping to a list that contains it."""
        start, end = self._ranges.value(*pointer)
        if self._in_flow:
            return (*insert(start, "["), *insert(end, "]"))
        first, extra = insert(start, "- "), _INDENT
        if self._text.startswith("{", start):
            key_end, margin = self._ranges.key(*pointer)[1], self._style.indent + _INDENT
            colon = self._text.index(":", key_end)
            if self._text[colon + 1 : start].strip():
                return ()
            first, extra = (Splice(colon + 1, start, f"{self._line(margin)}- "),), _INDENT * 2
        starts = (match.end() for match in _LINE_START.finditer(self._text, start, end))
        return (*first, *(Splice(offset, offset, extra) for offset in starts))

    def _item(self, entry: _Entry, margin: str) -> str:
        return self._braces(entry) if self._in_braces else self._block(entry, margin)

    def _braces(self, entry: _Entry) -> str:
        return "{" + FlowStyle().join([self._flow_pair(key, value) for key, value in entry.items()]) + "}"

    def _flow_pair(self, key: str, value: Any) -> str:
        return replace(self._style, flow=FlowStyle(), lists={}).pair(key, value)

    def _block(self, entry: _Entry, margin: str) -> str:
        """Return a retirement with a line for each key, the first without its indentation."""
        style = replace(self._style, indent=margin, flow=None)
        return self._line(margin).join(style.pair(key, value) for key, value in entry.items())

    def _line(self, margin: str) -> str:
        return f"{self._style.line_break}{margin}"

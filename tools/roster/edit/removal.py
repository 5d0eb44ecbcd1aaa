"""Removal of an item from a list, or of a key from a model.

In brackets and braces, its comma is removed with it; elsewhere, its lines, and the comment on the last of them unless
the caller keeps it.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from roster.edit.ranges import Ranges
from roster.edit.splice import Splice
from roster.findings import Pointer
from roster.yaml.line_index import LINE_BREAK, Range, line_start, match_end

_DASH = re.compile(r"[ \t]*-[ \t]+")
_BLANK = re.compile(r"[ \t]*")
_COMMA, _COLON = re.compile(r"[ \t]*,"), re.compile(r"[ \t]*:")
_COMMA_ON_LINE = re.compile(r"[ \t]*,[ \t]*")
_COMMA_AND_LINE_BREAK = re.compile(rf"[ \t]*,[ \t]*{LINE_BREAK}[ \t]*")
_REST_OF_LINE = re.compile(rf"[ \t]*,?[ \t]*(?:#[^\r\n]*)?({LINE_BREAK}|\Z)")
_UP_TO_NEXT_KEY = re.compile(rf"[ \t]*(?:#[^\r\n]*)?{LINE_BREAK}\s*")


def remove_item(ranges: Ranges, pointer: Pointer, *, keeps_comment: bool = False) -> tuple[Splice, ...]:
    """Return the splices that remove an item from a list; none where they would affect something else.

    ``keeps_comment``: the comment on the item's line stays, on a line of its own.
    """
    *parent, index = pointer
    before, after = (*parent, int(index) - 1), (*parent, int(index) + 1)
    return _Removal(
        ranges.text,
        ranges.value(*pointer),
        ranges.value(*before) if before in ranges else None,
        ranges.value(*after) if after in ranges else None,
        ranges.value(*parent),
        ranges.key(*parent),
        keeps_comment,
    ).splices()


def remove_key(ranges: Ranges, container: Mapping[str, Any], pointer: Pointer) -> tuple[Splice, ...]:
    """Return the splices that remove a key and its value; none where they would affect something else."""
    *parent, key = pointer
    keys = list(container)
    index = keys.index(str(key))
    pair = ranges.pair(*pointer)
    before = ranges.pair(*parent, keys[index - 1]) if index else None
    after = ranges.pair(*parent, keys[index + 1]) if index + 1 < len(keys) else None
    splices = _Removal(ranges.text, pair, before, after, ranges.value(*parent)).splices()
    if splices or not after:
        return splices
    # it is on the line of the dash, where the next key has to be now
    gap = _UP_TO_NEXT_KEY.fullmatch(ranges.text, pair[1], after[0])
    return (Splice(pair[0], after[0]),) if gap else ()


class _Removal(NamedTuple):
    """The ranges of an item, of its neighbors, of the collection and of the list's key; without one, a key is removed.

    An item is a value of a list, or a key with its value.
    """

    text: str
    item: Range
    before: Range | None
    after: Range | None
    collection: Range
    list_key: Range | None = None
    keeps_comment: bool = False

    def splices(self) -> tuple[Splice, ...]:
        in_flow = self.text.startswith(("[", "{"), self.collection[0])
        is_only = self.before is None and self.after is None
        if in_flow and is_only:
            return self._only_item_in_flow()
        line = self._line(_BLANK if in_flow or self.list_key is None else _DASH)
        if line and not in_flow and is_only:
            return self._empty_list(line)
        if line:
            return (line, *self._comma_before())
        return self._within_line() if in_flow else ()

    def _line(self, start: re.Pattern[str]) -> Splice | None:
        """Return the removal of the item's line if it contains nothing else but a comma and a comment."""
        first = line_start(self.text, self.item[0])
        rest = _REST_OF_LINE.match(self.text, self.item[1])
        if not rest or not start.fullmatch(self.text, first, self.item[0]):
            return None
        if self.keeps_comment and (comment := self.text.find("#", self.item[1], rest.end())) >= 0:
            indent = match_end(_BLANK, self.text, first)
            return Splice(indent, comment)
        if not rest[1] and first:  # the last line remains without a line break
            first -= 2 if self.text.startswith("\r\n", first - 2) else 1
        return Splice(first, rest.end())

    def _empty_list(self, line: Splice) -> tuple[Splice, ...]:
        """Return the replacement of a block list's only item by ``[]``."""
        colon = _COLON.match(self.text, self.list_key[1]) if self.list_key else None
        if colon and colon.end() == line.start:  # the list ends the file, and the splice starts at the line break
            return (line._replace(text=" []"),)
        return (Splice(colon.end(), colon.end(), " []"), line) if colon else ()

    def _comma_before(self) -> tuple[Splice, ...]:
        """Return the removal of the comma before the last item, if the item has none itself."""
        if self.before is None or self.after is not None or _COMMA.match(self.text, self.item[1]):
            return ()
        comma = _COMMA.match(self.text, self.before[1])
        return (Splice(self.before[1], comma.end()),) if comma else ()

    def _within_line(self) -> tuple[Splice, ...]:
        start, end = self.item
        if self.before and _COMMA_ON_LINE.fullmatch(self.text, self.before[1], start):
            return (Splice(self.before[1], end),)
        if self.after and _COMMA_ON_LINE.fullmatch(self.text, end, self.after[0]):
            return (Splice(start, self.after[0]),)
        if comma := _COMMA.match(self.text, end):
            return (Splice(start, comma.end()),)
        if self.before and _COMMA_AND_LINE_BREAK.fullmatch(self.text, self.before[1], start):
            return (Splice(self.before[1], end),)
        return (Splice(start, end),)

    def _only_item_in_flow(self) -> tuple[Splice, ...]:
        comma = _COMMA.match(self.text, self.item[1])
        end = comma.end() if comma else self.item[1]
        if (self.text[self.collection[0] + 1 : self.item[0]] + self.text[end : self.collection[1] - 1]).strip(" \t"):
            return (Splice(self.item[0], end),)
        return (Splice(*self.collection, "[]"),)

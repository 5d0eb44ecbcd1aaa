"""Taking an item out of a list, or a key out of a model.

In brackets and braces its comma goes with it, elsewhere its lines and their last comment.
"""

import re
from typing import NamedTuple

from roster.edit.splice import Splice

Range = tuple[int, int]
"""A stretch of the text: the offsets of its start and its end."""

_BREAK = r"(?:\r\n|\n|\r)"
_DASH = re.compile(r"[ \t]*-[ \t]+")
_BLANK = re.compile(r"[ \t]*")
_COMMA, _COLON = re.compile(r"[ \t]*,"), re.compile(r"[ \t]*:")
_BETWEEN = re.compile(r"[ \t]*,[ \t]*")
_BETWEEN_LINES = re.compile(rf"[ \t]*,[ \t]*{_BREAK}[ \t]*")
_REST_OF_LINE = re.compile(rf"[ \t]*,?[ \t]*(?:#[^\r\n]*)?({_BREAK}|\Z)")


class Item(NamedTuple):
    """An item of a list in a text, and where its list and its neighbours stand; None where it has none.

    Attributes:
        key: where the list's key stands.
        is_pair: it is a key with its value, in what is no list but a model.
    """

    text: str
    at: Range
    before: Range | None
    after: Range | None
    items: Range
    key: Range
    is_pair: bool = False

    def removed(self) -> tuple[Splice, ...]:
        """Return what takes the item out of its list; nothing where it is tied to something else."""
        in_brackets = self.text.startswith(("[", "{"), self.items[0])
        if in_brackets and self.before is None and self.after is None:
            return self._last_in_brackets()
        line = self._line(_BLANK if in_brackets or self.is_pair else _DASH)
        if line and not in_brackets and self.before is None and self.after is None:
            colon = _COLON.match(self.text, self.key[1])
            if colon and colon.end() == line.start:  # the list ends the file, and so does its line's break
                return (line._replace(text=" []"),)
            return (Splice(colon.end(), colon.end(), " []"), line) if colon else ()
        if line:
            return (line, *self._needless_comma())
        return self._within_a_line() if in_brackets else ()

    def _line(self, start: re.Pattern[str]) -> Splice | None:
        """Return what removes the item's line, where nothing else but a comma and a comment stands on it."""
        first = max(self.text.rfind("\n", 0, self.at[0]), self.text.rfind("\r", 0, self.at[0])) + 1
        rest = _REST_OF_LINE.match(self.text, self.at[1])
        if not rest or not start.fullmatch(self.text, first, self.at[0]):
            return None
        if not rest[1] and first:  # the last line stays without a line break
            first -= 2 if self.text.startswith("\r\n", first - 2) else 1
        return Splice(first, rest.end())

    def _needless_comma(self) -> tuple[Splice, ...]:
        """Return what removes the comma before an item, where none was after it and no item follows."""
        if self.before is None or self.after is not None or _COMMA.match(self.text, self.at[1]):
            return ()
        comma = _COMMA.match(self.text, self.before[1])
        return (Splice(self.before[1], comma.end()),) if comma else ()

    def _within_a_line(self) -> tuple[Splice, ...]:
        start, end = self.at
        if self.before and _BETWEEN.fullmatch(self.text, self.before[1], start):
            return (Splice(self.before[1], end),)
        if self.after and _BETWEEN.fullmatch(self.text, end, self.after[0]):
            return (Splice(start, self.after[0]),)
        if comma := _COMMA.match(self.text, end):
            return (Splice(start, comma.end()),)
        if self.before and _BETWEEN_LINES.fullmatch(self.text, self.before[1], start):
            return (Splice(self.before[1], end),)
        return (Splice(start, end),)

    def _last_in_brackets(self) -> tuple[Splice, ...]:
        comma = _COMMA.match(self.text, self.at[1])
        end = comma.end() if comma else self.at[1]
        if (self.text[self.items[0] + 1 : self.at[0]] + self.text[end : self.items[1] - 1]).strip(" \t"):
            return (Splice(self.at[0], end),)
        return (Splice(*self.items, "[]"),)

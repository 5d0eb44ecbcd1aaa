"""A model's values set, added or taken out where it stands in a roster: every other byte stays."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from roster.edit import quoting
from roster.edit.infer_style import brackets, learn
from roster.edit.list_item import Item
from roster.edit.neighbours import BREAK, Neighbours, Range
from roster.edit.splice import Splice, apart, spliced
from roster.edit.style import Value
from roster.findings import ConfigurationError
from roster.roster import DATE_KEYS
from roster.schema.model_keys import model_keys
from roster.yaml.document import Document, read

Changes = Mapping[str, Value | None]
"""New values of a model by their key; None for a key that the model is not to have."""

_ROUNDS = 100
"""How often what a round left is tried again, because another edit was in its way."""
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_TO_THE_NEXT_KEY = re.compile(rf"[ \t]*(?:#[^\r\n]*)?{BREAK}\s*")


def update(path: str, text: str, position: int, changes: Changes) -> str:
    """Return a roster's text with a model changed; what a list has already keeps its place in it.

    ``position``: the model's place in the roster, from 0.

    Raises:
        ConfigurationError: the model is written in such a way that it has to be changed by hand.
    """
    before = _read(path, text)
    changed, after = text, before
    for _ in range(_ROUNDS):
        splices = _splices(after, position, changes)
        if not splices:
            break
        start = len(changed) - len(after.text)  # after a byte order mark, if there is one
        changed = changed[:start] + spliced(after.text, splices)
        after = _read(path, changed)
    if not _is_as_asked_for(before, after, position, changes):
        raise ConfigurationError(
            f"{path} is written in a way that {' and '.join(changes)} cannot be changed safely: change it by hand"
        )
    return changed


def same(one: object, other: object) -> bool:
    """Say whether two values of a model mean the same: the order of a list means nothing."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(item in other for item in one) and all(item in one for item in other)
    return one == other


def _read(path: str, text: str) -> Document:
    return read(path, text.encode(), dates=DATE_KEYS)


def _splices(document: Document, position: int, changes: Changes) -> list[Splice]:
    """Return what brings a model nearer to the changes: all edits that are not in each other's way."""
    if not document.readable:
        return []
    neighbours, done = Neighbours(document, position + 1), list[Splice]()
    if position in neighbours.models:
        for edit in _Entry(neighbours, position).edits(changes):
            if apart([*done, *edit]):
                done += edit
    return done


def _is_as_asked_for(before: Document, after: Document, position: int, changes: Changes) -> bool:
    """Say whether a roster says what it said, but for the changes of one model."""
    if not after.readable or not isinstance(after.value, list) or len(after.value) != len(before.value):
        return False
    expected, found = list(before.value), list(after.value)
    was, became, open_ = expected.pop(position), found.pop(position), dict.fromkeys(changes)
    return (
        expected == found
        and isinstance(became, dict)
        and was | open_ == became | open_
        and all(same(became.get(key), value) for key, value in changes.items())
    )


class _Entry:
    """A model in a roster's text, and what edits it."""

    def __init__(self, neighbours: Neighbours, position: int) -> None:
        self._neighbours, self._position, self._text = neighbours, position, neighbours.text
        self._model: dict[str, Any] = neighbours.models[position]
        self._style = learn(neighbours)
        self._in_braces = neighbours.starts_with("{", (position,))

    def edits(self, changes: Changes) -> Iterator[tuple[Splice, ...]]:
        """Yield what each change that is not made yet does to the text, as far as it can be done now."""
        for key, value in changes.items():
            if value is None and key in self._model:
                yield self._without(key)
            elif value is not None and key not in self._model:
                yield self._with(key, value, changes)
            elif isinstance(value, str) and value != self._model[key]:
                yield self._replaced(key, value)
            elif isinstance(value, tuple) and isinstance(self._model[key], list):
                yield from self._list(key, value)

    def _at(self, *keys: str | int) -> Range:
        return self._neighbours.at(self._position, *keys)

    def _pair(self, key: str) -> Range:
        """Return where a key and its value stand."""
        return self._neighbours.key(self._position, key)[0], self._at(key)[1]

    def _replaced(self, key: str, value: str, *items: int, in_brackets: bool = False) -> tuple[Splice, ...]:
        """Return what writes another value, in the quotes of the one that is there."""
        start, end = self._at(key, *items)
        first = self._text[start : start + 1]
        mark = first if first in (quoting.SINGLE, quoting.DOUBLE) else quoting.PLAIN
        new = quoting.written(value, mark, needed=self._style.needed, in_brackets=in_brackets or self._in_braces)
        return (Splice(start, end, new),)

    def _list(self, key: str, new: tuple[str, ...]) -> Iterator[tuple[Splice, ...]]:
        """Yield what exchanges, removes or appends an item; one that stays keeps its place and its comment."""
        old, in_brackets = self._model[key], self._text.startswith("[", self._at(key)[0])
        gone = [index for index, item in enumerate(old) if item not in new]
        fresh = [item for item in new if item not in old]
        for index, item in zip(gone, fresh, strict=False):
            yield self._replaced(key, item, index, in_brackets=in_brackets)
        for index in gone[len(fresh) :]:
            yield self._without_item(key, index)
        for item in fresh[len(gone) :][:1]:
            yield self._appended(key, item, in_brackets=in_brackets)

    def _without_item(self, key: str, index: int) -> tuple[Splice, ...]:
        items = range(len(self._model[key]))
        before, after = (self._at(key, near) if near in items else None for near in (index - 1, index + 1))
        around, at_key = self._at(key), self._neighbours.key(self._position, key)
        return Item(self._text, self._at(key, index), before, after, around, at_key).removed()

    def _appended(self, key: str, item: str, *, in_brackets: bool) -> tuple[Splice, ...]:
        items = [self._at(key, index) for index in range(len(self._model[key]))]
        new = self._style.scalar(key, item, in_brackets=in_brackets or self._in_braces)
        if in_brackets and not items:
            start = self._at(key)[0] + 1
            return (Splice(start, start, new),)
        if in_brackets:
            end = items[-1][1]
            return (Splice(end, end, brackets(self._neighbours, self._at(key), items).between + new),)
        dash = self._at(key)[0]
        end, margin = self._end_of_line(items[-1][1]), " " * self._neighbours.column(dash)
        return (Splice(end, end, f"{self._style.line_break}{margin}{self._text[dash : items[0][0]]}{new}"),)

    def _without(self, key: str) -> tuple[Splice, ...]:
        keys = list(self._model)
        index = keys.index(key)
        before, after = (self._pair(near[0]) if near else None for near in (keys[:index][-1:], keys[index + 1 :]))
        place = self._pair(key)
        gone = Item(self._text, place, before, after, self._at(), place, is_pair=True).removed()
        if gone or not after:
            return gone
        # it stands beside the dash, where the next one has to stand now
        between = _TO_THE_NEXT_KEY.fullmatch(self._text, place[1], after[0])
        return (Splice(place[0], after[0]),) if between else ()

    def _with(self, key: str, value: Value, changes: Changes) -> tuple[Splice, ...]:
        """Return what adds a key after the one that it follows in the schema's order."""
        kept = [other for other in self._model if changes.get(other, "") is not None]
        keys = model_keys()
        before = [other for other in keys[: keys.index(key)] if other in kept] or kept
        if not before:
            return ()
        pair, end = self._style.pair(key, value), self._at(before[-1])[1]
        if self._in_braces:
            braces = self._style.braces
            return (Splice(end, end, (braces.between if braces else ", ") + pair),)
        end = self._end_of_line(end)
        return (Splice(end, end, f"{self._style.line_break}{self._style.indent}{pair}"),)

    def _end_of_line(self, offset: int) -> int:
        rest = _REST_OF_LINE.match(self._text, offset)
        return rest.end() if rest else offset

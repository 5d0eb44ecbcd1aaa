"""Changes of one model's keys and values, as splices of the roster's text."""

from collections.abc import Iterator, Mapping
from typing import Any

from roster.edit import quoting
from roster.edit.infer_style import infer_flow_style, infer_style
from roster.edit.ranges import ModelSample
from roster.edit.removal import remove_item, remove_key
from roster.edit.splice import Splice, disjoint
from roster.edit.style import WrittenValue
from roster.edit.verbatim import Verbatim
from roster.schema.model_keys import model_keys
from roster.yaml.document import Document
from roster.yaml.line_index import line_end

ModelChanges = Mapping[str, WrittenValue | None]
"""New values of a model by key; None removes the key."""


def same_value(one: object, other: object) -> bool:
    """Return whether two values of a model are equal; the order of a list of texts does not matter."""
    if isinstance(other, Verbatim):
        return other.is_same(one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(item in other for item in one) and all(item in one for item in other)
    return one == other


def is_model_updated(before: Document, after: Document, position: int, changes: ModelChanges) -> bool:
    """Return whether a roster differs only in the changes of one model."""
    if not after.readable or not isinstance(after.value, list) or len(after.value) != len(before.value):
        return False
    expected, actual = list(before.value), list(after.value)
    old, new, ignored = expected.pop(position), actual.pop(position), dict.fromkeys(changes)
    return (
        expected == actual
        and isinstance(new, dict)
        and old | ignored == new | ignored
        and all(same_value(new.get(key), value) for key, value in changes.items())
    )


def update_model(document: Document, position: int, changes: ModelChanges) -> list[Splice]:
    """Return splices that bring a model closer to some changes: all edits that do not touch each other.

    The result is empty once the model has the changes, or where it cannot be edited further.
    """
    if not document.readable:
        return []
    sample, splices = ModelSample(document, position + 1), list[Splice]()
    if position in sample.models:
        for edit in _ModelText(sample, position).edits(changes):
            if disjoint([*splices, *edit]):
                splices += edit
    return splices


class _ModelText:
    """A model in a roster's text."""

    def __init__(self, sample: ModelSample, position: int) -> None:
        self._sample, self._position, self._text = sample, position, sample.text
        self._model: dict[str, Any] = sample.models[position]
        self._style = infer_style(sample)
        self._in_flow = sample.starts_with("{", position)

    def edits(self, changes: ModelChanges) -> Iterator[tuple[Splice, ...]]:
        """Yield the splices of each change that is still to be made, as far as it can be made now."""
        for key, value in changes.items():
            if value is None and key in self._model:
                yield remove_key(self._sample, self._model, (self._position, key))
            elif value is not None and key not in self._model:
                yield self._add_key(key, value, changes)
            elif isinstance(value, Verbatim):
                if not value.text and is_flat(value.value) and is_flat(self._model[key]):
                    yield from self._update_mapping(key, value.value)
                elif not value.is_same(self._model[key]):
                    yield self._replace_verbatim(key, value)
            elif isinstance(value, str) and value != self._model[key]:
                yield self._replace(value, key)
            elif isinstance(value, tuple) and isinstance(self._model[key], list):
                yield from self._update_list(key, value)

    def _replace(self, value: str, *pointer: str | int, in_flow: bool = False) -> tuple[Splice, ...]:
        start, end = self._sample.value(self._position, *pointer)
        quotes, required = quoting.quotes_at(self._text, start), self._style.required_quotes
        text = quoting.format_scalar(value, quotes, required=required, in_flow=in_flow or self._in_flow)
        return (Splice(start, end, text),)

    def _replace_verbatim(self, key: str, value: Verbatim) -> tuple[Splice, ...]:
        (_, key_end), (_, end) = self._sample.key(self._position, key), self._sample.value(self._position, key)
        colon = self._text.index(":", key_end)
        return (Splice(colon + 1, end, self._style.value(key, value)),)

    def _update_list(self, key: str, new: tuple[str, ...]) -> Iterator[tuple[Splice, ...]]:
        """Yield the replacement, removal or addition of items; other items keep their position and comment."""
        old, in_brackets = self._model[key], self._sample.starts_with("[", self._position, key)
        removed = [index for index, item in enumerate(old) if item not in new]
        added = [item for item in new if item not in old]
        for index, item in zip(removed, added, strict=False):
            yield self._replace(item, key, index, in_flow=in_brackets)
        for index in removed[len(added) :]:
            yield remove_item(self._sample, (self._position, key, index))
        for item in added[len(removed) :][:1]:
            yield self._append(key, item, in_brackets=in_brackets)

    def _update_mapping(self, key: str, new: Mapping[str, int]) -> Iterator[tuple[Splice, ...]]:
        """Yield the replacement, removal or addition of numbers by name; the others keep their comments."""
        old = self._model[key]
        for name in old:
            if name not in new:
                yield remove_key(self._sample, old, (self._position, key, name))
            elif old[name] != new[name]:
                yield (Splice(*self._sample.value(self._position, key, name), str(new[name])),)
        for name in [name for name in new if name not in old][:1]:
            pair = f"{quoting.format_scalar(name, self._style.key_quotes, in_flow=True)}: {new[name]}"
            last = self._sample.pair(self._position, key, list(old)[-1])
            if self._sample.starts_with("{", self._position, key):
                yield _insert(last[1], f", {pair}")
            else:
                margin = " " * self._sample.column(last[0])
                yield _insert(line_end(self._text, last[1]), f"{self._style.line_break}{margin}{pair}")

    def _append(self, key: str, item: str, *, in_brackets: bool) -> tuple[Splice, ...]:
        outer = self._sample.value(self._position, key)
        items = [self._sample.value(self._position, key, index) for index in range(len(self._model[key]))]
        new = self._style.scalar(key, item, in_flow=in_brackets or self._in_flow)
        if in_brackets and not items:
            return _insert(outer[0] + 1, new)
        if in_brackets:
            return _insert(items[-1][1], infer_flow_style(self._sample, outer, items).separator + new)
        margin, bullet = " " * self._sample.column(outer[0]), self._text[outer[0] : items[0][0]]
        return _insert(line_end(self._text, items[-1][1]), f"{self._style.line_break}{margin}{bullet}{new}")

    def _add_key(self, key: str, value: WrittenValue, changes: ModelChanges) -> tuple[Splice, ...]:
        """Return the addition of a key after the one that it follows in the schema's order, or else at the end."""
        keys = model_keys()
        remaining = [other for other in self._model if changes.get(other, "") is not None]
        preceding = keys[: keys.index(key)] if key in keys else ()
        before = [other for other in preceding if other in remaining] or remaining
        if not before:
            return ()
        pair, end = self._style.pair(key, value), self._sample.value(self._position, before[-1])[1]
        if self._in_flow:
            return _insert(end, (self._style.flow.separator if self._style.flow else ", ") + pair)
        return _insert(line_end(self._text, end), f"{self._style.line_break}{self._style.indent}{pair}")


def is_flat(value: object) -> bool:
    """Return whether a value is a mapping of names to numbers, such as shares of defaults."""
    return isinstance(value, dict) and bool(value) and all(type(item) is int for item in value.values())


def _insert(offset: int, text: str) -> tuple[Splice, ...]:
    return (Splice(offset, offset, text),)

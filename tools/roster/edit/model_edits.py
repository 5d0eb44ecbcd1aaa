"""Changes of one model's keys and values, as splices of the roster's text."""

from collections.abc import Iterator, Mapping
from typing import Any

from roster.edit import quoting
from roster.edit.infer_style import infer_style
from roster.edit.ranges import ModelSample
from roster.edit.removal import remove_key
from roster.edit.retirement_edits import RetirementEdits
from roster.edit.retirement_style import RETIREMENT
from roster.edit.splice import Splice, disjoint
from roster.edit.style import WrittenValue
from roster.edit.value_edits import ValueEdits, insert
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
        for edit in _ModelText(document, sample, position).edits(changes):
            if disjoint([*splices, *edit]):
                splices += edit
    return splices


class _ModelText:
    """A model in a roster's text."""

    def __init__(self, document: Document, sample: ModelSample, position: int) -> None:
        self._document, self._sample, self._position, self._text = document, sample, position, sample.text
        self._model: dict[str, Any] = sample.models[position]
        self._style = infer_style(sample)
        self._in_flow = sample.starts_with("{", position)
        self._values = ValueEdits(sample, self._style, in_flow=self._in_flow)

    def edits(self, changes: ModelChanges) -> Iterator[tuple[Splice, ...]]:
        """Yield the splices of each change that is still to be made, as far as it can be made now."""
        for key, value in changes.items():
            if value is None and key in self._model:
                yield remove_key(self._sample, self._model, (self._position, key))
            elif value is not None and key not in self._model:
                yield self._add_key(key, value, changes)
            elif isinstance(value, Verbatim):
                yield from self._update_value(key, value)
            elif isinstance(value, str) and value != self._model[key]:
                yield self._values.replace((self._position, key), value)
            elif isinstance(value, tuple) and isinstance(self._model[key], list):
                yield from self._values.update_list((self._position, key), self._model[key], value)

    def _update_value(self, key: str, value: Verbatim) -> Iterator[tuple[Splice, ...]]:
        """Yield the edits of a value of any type; the parts that remain keep their comments where that is possible."""
        old = self._model[key]
        if value.is_same(old):
            return
        if key == RETIREMENT:
            yield from self._retirements().update(self._position, old, value.value)
        elif not value.text and is_flat(value.value) and is_flat(old):
            yield from self._update_mapping(key, value.value)
        else:
            yield self._replace_verbatim(key, value)

    def _retirements(self) -> RetirementEdits:
        return RetirementEdits(self._document, self._sample, self._style, self._position, in_flow=self._in_flow)

    def _replace_verbatim(self, key: str, value: Verbatim) -> tuple[Splice, ...]:
        (_, key_end), (_, end) = self._sample.key(self._position, key), self._sample.value(self._position, key)
        colon = self._text.index(":", key_end)
        return (Splice(colon + 1, end, self._style.value(key, value)),)

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
                yield insert(last[1], f", {pair}")
            else:
                margin = " " * self._sample.column(last[0])
                yield insert(line_end(self._text, last[1]), f"{self._style.line_break}{margin}{pair}")

    def _add_key(self, key: str, value: WrittenValue, changes: ModelChanges) -> tuple[Splice, ...]:
        """Return the addition of a key after the one that it follows in the schema's order, or else at the end."""
        keys = model_keys()
        remaining = [other for other in self._model if changes.get(other, "") is not None]
        preceding = keys[: keys.index(key)] if key in keys else ()
        before = [other for other in preceding if other in remaining] or remaining
        if not before:
            return ()
        pair, end = self._pair(key, value), self._sample.value(self._position, before[-1])[1]
        if self._in_flow:
            return insert(end, (self._style.flow.separator if self._style.flow else ", ") + pair)
        return insert(line_end(self._text, end), f"{self._style.line_break}{self._style.indent}{pair}")

    def _pair(self, key: str, value: WrittenValue) -> str:
        if key == RETIREMENT and isinstance(value, Verbatim):
            return self._retirements().pair(value.value)
        return self._style.pair(key, value)


def is_flat(value: object) -> bool:
    """Return whether a value is a mapping of names to numbers, such as shares of defaults."""
    return isinstance(value, dict) and bool(value) and all(type(item) is int for item in value.values())

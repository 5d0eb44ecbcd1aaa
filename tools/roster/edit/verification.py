"""Verification of edits: the parsed file differs from the one before in exactly the requested edits."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from roster.edit.model_edits import ModelChanges
from roster.findings import Edit, Pointer, Remove, Replace
from roster.yaml.document import Document

_ByPlace = Mapping[tuple[Pointer, bool], Edit]
"""Edits by the pointer of their place and whether they are of its key."""


def same_value(one: object, other: object) -> bool:
    """Say whether two values of a model are equal; the order of a list does not matter."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(item in other for item in one) and all(item in one for item in other)
    return one == other


def is_model_updated(before: Document, after: Document, position: int, changes: ModelChanges) -> bool:
    """Say whether a roster differs only in the changes of one model."""
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


def has_edits(before: Document, after: Document, edits: Iterable[Edit], replaced: Set[str]) -> bool:
    """Say whether a file differs only in some edits, and in space and the characters ``replaced`` by edits of spans."""
    if not before.readable or not after.readable:
        return not before.readable  # the meaning of an invalid file is unknown; the findings after the edit decide
    by_place: dict[tuple[Pointer, bool], Edit] = {
        (edit.place.pointer, edit.place.at_key): edit for edit in edits if not edit.place.span
    }
    touched = {pointer[:length] for pointer, _ in by_place for length in range(len(pointer) + 1)}
    expected = _edited(before.value, (), by_place, touched)
    return bool(_without(replaced, expected) == _without(replaced, after.value))


def _edited(value: Any, pointer: Pointer, edits: _ByPlace, touched: Set[Pointer]) -> Any:
    """Return a value with the edits; ``touched``: the pointers of the edited values and their parents."""
    if pointer not in touched:
        return value
    if isinstance(value, dict):
        return {
            _replaced(key, edits.get(((*pointer, key), True))): _edited(item, (*pointer, key), edits, touched)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _edited(item, (*pointer, index), edits, touched)
            for index, item in enumerate(value)
            if not isinstance(edits.get(((*pointer, index), False)), Remove)
        ]
    return _replaced(value, edits.get((pointer, False)))


def _replaced(value: Any, edit: Edit | None) -> Any:
    return edit.value if isinstance(edit, Replace) else value


def _without(characters: Set[str], value: Any) -> Any:
    """Return a value without some characters, and without space if there are any, in its keys and texts."""
    if not characters:
        return value
    if isinstance(value, dict):
        return {_without(characters, key): _without(characters, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(characters, item) for item in value]
    if isinstance(value, str):
        return "".join(char for char in value if char not in characters and not char.isspace())
    return value

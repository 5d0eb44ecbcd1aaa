"""A source in JSON, read strictly, and the positions of values in it for messages."""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from json import JSONDecoder
from typing import Any, NoReturn

from roster.findings import Pointer
from roster.naming import quote
from roster.provider_sources.interface import SourceError
from roster.yaml.line_index import LineIndex

MAX_BYTES = 32 * 1024 * 1024
"""Ten times the size of the largest source."""
_MAX_DIGITS = 20
"""Longer integers are read as floating-point numbers: Python rejects very long ones, and no fact is that large."""
_MAX_LEVELS = 8
"""In which to look for an unreadable value: more than a catalogue has. Each takes as long as reading the value."""
_SPACE = re.compile(r"[ \t\n\r]*")


class _UnreadableValue(ValueError):
    """A value that JSON parsers read differently: its message says why."""


class JsonSource:
    """A source in JSON.

    Attributes:
        name: its path or URL.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data

    @cached_property
    def value(self) -> Any:
        """What the source contains.

        Raises:
            SourceError: it is not JSON, not UTF-8, has a duplicate key or NaN, or is nested deeply.
        """
        try:
            return _DECODER.decode(self._text)
        except json.JSONDecodeError as error:
            message = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at").removesuffix(" starting")
            raise SourceError(f"{self.name}:{error.lineno}:{error.colno}: this is not JSON: {message}") from None
        except _UnreadableValue:
            raise self._unreadable() from None
        except RecursionError:
            raise self._nested() from None

    def error(self, message: str, *pointer: str | int) -> SourceError:
        """Return the error for something wrong with the value at a pointer."""
        try:
            return self._error_at(_locate(self._text, pointer), message)
        except RecursionError:  # by another value, which was just not too deep when it was read
            return self._nested()

    @cached_property
    def _text(self) -> str:
        try:
            text = self._data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{self.name} is not UTF-8: byte {error.start + 1} is 0x{self._data[error.start]:02X}"
            ) from None
        if text.startswith("\ufeff"):
            raise SourceError(f"{self.name}:1:1: it starts with a byte order mark, which JSON must not have (RFC 8259)")
        return text

    def _unreadable(self) -> SourceError:
        try:
            return self._error_at(*_locate_unreadable(self._text))
        except RecursionError:
            return self._nested()

    def _nested(self) -> SourceError:
        return SourceError(f"{self.name} is nested too deeply")

    def _error_at(self, at: int, message: str) -> SourceError:
        span = LineIndex(self._text).span(at, at)
        return SourceError(f"{self.name}:{span.line}:{span.column}: {message}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _UnreadableValue("")
    return value


def _reject_constant(name: str) -> NoReturn:
    raise _UnreadableValue(f"{name} is not a JSON number")


def _parse_int(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


_DECODER = JSONDecoder(object_pairs_hook=_object, parse_constant=_reject_constant, parse_int=_parse_int)


def _locate(text: str, pointer: Pointer) -> int:
    """Return the offset of the value at a pointer; of its nearest parent if there is none."""
    at = _skip_space(text, 0)
    for step in pointer:
        members = _members(text, at)
        at = next((start for key, _key_start, start in members if key == step), at)
    return at


def _locate_unreadable(text: str) -> tuple[int, str]:
    """Return the offset of the innermost value that JSON parsers read differently, and what is wrong with it."""
    at, message = _skip_space(text, 0), "it has a duplicate key, deep inside this value"
    for _ in range(_MAX_LEVELS):
        seen = set[str | int]()
        for key, key_start, start in _members(text, at):
            if key in seen:
                return key_start, f"the key {quote(key)} is duplicated"
            seen.add(key)
            try:
                _DECODER.raw_decode(text, start)
            except _UnreadableValue as error:
                at, message = start, str(error) or message
                break
        else:
            break
    return at, message


def _members(text: str, at: int) -> Iterator[tuple[str | int, int, int]]:
    """Yield the members of the object or list at an offset: key or index, and the offsets of key and value."""
    kind, index = text[at], 0
    at = _skip_space(text, at + 1)
    while kind in "{[" and text[at] not in "}]":
        key: str | int = index
        key_start = at
        if kind == "{":
            key, at = _LENIENT.raw_decode(text, at)
            at = _skip_space(text, _skip_space(text, at) + 1)  # the colon
        yield key, key_start, at
        at = _skip_space(text, _LENIENT.raw_decode(text, at)[1])
        index += 1
        if text[at] == ",":
            at = _skip_space(text, at + 1)


_LENIENT = JSONDecoder(parse_int=_parse_int)


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at

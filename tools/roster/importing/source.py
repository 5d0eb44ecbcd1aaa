"""A file of another program, read as that program reads it: YAML 1.1, as PyYAML does, or JSON."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any

import yaml

from roster.findings import Finding, Place, Pointer
from roster.naming import printable, quote
from roster.rules.credentials import secrets_in
from roster.schema.foreign_files import recognize
from roster.secret_redaction import redact_message
from roster.yaml.block_writer import BlockFormat, block_lines
from roster.yaml.comments import find_comments
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex
from roster.yaml.plain_scalars import AmbiguousScalarError, resolve_scalar

_DATES = frozenset({"deprecation_date"})
"""Keys whose value may be a plain date."""
_ONLY_NOT_IN_ROSTERS = re.compile(r"<<|\t|%YAML 1\.[12][ \t]*(?:#.*)?|!!(?:str|int|float|bool|null|map|seq)")
"""Merge keys, tabs, directives and tags of JSON's types."""


class SourceError(Exception):
    """A file that cannot be imported: one sentence, with the position in the file where there is one."""


class Source:
    """A file to import.

    Attributes:
        name: its path or URL, as the user gave it.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data

    @cached_property
    def value(self) -> Any:
        """What the file contains. Keys are texts, and dates are texts such as ``2026-08-05``.

        Raises:
            SourceError: it is not YAML, has a duplicate key, or contains a secret, which would go to the roster.
        """
        document = self._document
        problems = [finding for finding in document.findings if not self._is_read_by_pyyaml(finding)]
        if not document.readable:
            problems = problems or [document.findings[-1]]  # the one that ended the reading
        for finding in problems or secrets_in(document):
            raise self._error(finding)
        value = self._read_by_pyyaml() if document.findings else document.value
        for number, pointer in _unportable_numbers(value, ()):
            message = f"YAML parsers read the number {number} differently; put it in quotes or remove it"
            raise self.error(message, *pointer)
        return value

    @property
    def has_comments(self) -> bool:
        """Whether it has comments, which no value contains."""
        return any(find_comments(self._document.text, "#"))

    def error(self, message: str, *pointer: str | int) -> SourceError:
        """Return the error for something wrong at a pointer in the file."""
        return self._error(Finding(Place(self.name, pointer), message))

    def line(self, *pointer: str | int) -> int:
        """Return the line of the value at a pointer."""
        place = Place(self.name, pointer)
        return self._document.spans([place])[place].line

    def require_mapping(self, key: str, title: str) -> dict[str, Any]:
        """Return the file's value if it is a mapping with a key whose value is a list.

        Raises:
            SourceError: it is something else; the message names the format that it seems to be.
        """
        value = self.value
        kind = recognize(value, self._document.text)
        if isinstance(value, dict) and isinstance(value.get(key), list) and kind in ("", title):
            return value
        reason = f"it seems to be {kind}" if kind not in ("", title) else f"it has no list {quote(key)}"
        items = value.items() if isinstance(value, dict) else ()
        if above := next(
            (name for name, item in items if isinstance(item, dict) and isinstance(item.get(key), list)), ""
        ):
            reason = f"its list {quote(key)} is below {quote(above)}: put what is there into a file of its own"
        raise SourceError(f"{self.name} is not {title}: {reason}")

    @cached_property
    def _document(self) -> Document:
        return parse(self.name, self._data, dates=_DATES)

    def _read_by_pyyaml(self) -> Any:
        try:
            return _plain(yaml.load(self._document.text, yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError) as error:  # such as the date 2026-02-31
            raise SourceError(f"{self.name} cannot be read as YAML: {printable(str(error).splitlines()[0])}") from None

    def _is_read_by_pyyaml(self, finding: Finding) -> bool:
        """Return whether a finding is about something that only rosters must not contain."""
        is_mark = finding.rule == "yaml-encoding" and self._document.readable
        if finding.rule == "yaml-ambiguous-scalar" or is_mark:  # a byte order mark
            return True
        return _ONLY_NOT_IN_ROSTERS.fullmatch(self._text_at(finding)) is not None

    def _text_at(self, finding: Finding) -> str:
        if finding.place.span is None:
            return ""
        start, end = LineIndex(self._document.text).offsets(finding.place.span)
        return self._document.text[start:end]

    def _error(self, finding: Finding) -> SourceError:
        span = self._document.spans([finding.place])[finding.place]
        message = f"{finding.message}; {finding.hint}" if finding.hint else finding.message
        return SourceError(f"{self.name}:{span.line}:{span.column}: {redact_message(message)}")


def _unportable_numbers(value: Any, pointer: Pointer) -> Iterator[tuple[str, Pointer]]:
    """Yield numbers that a roster or a registry cannot contain, such as infinity, with their pointers."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _unportable_numbers(item, (*pointer, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        (line,) = block_lines(value, BlockFormat())
        try:
            resolve_scalar(line)
        except AmbiguousScalarError:
            yield line, pointer


def _plain(value: Any) -> Any:
    """Return a value that PyYAML read with texts instead of dates, and texts as keys."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value

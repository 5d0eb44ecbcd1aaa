"""Findings: what rules report, where, and the edits that fix it.

Data passed between packages is a named tuple: immutable, fast to create, and its class is defined four times as fast
as a frozen dataclass, which matters at every start of the command.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

Pointer = tuple[str | int, ...]
"""The path from a file's root to a value: list indexes (from 0) and keys."""


class Severity(StrEnum):
    """An error fails a check; a warning fails it only with ``--strict``."""

    ERROR = "error"
    WARNING = "warning"


class Span(NamedTuple):
    """A range in a file. Lines and columns count from 1, columns in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


FILE_START = Span(1, 1, 1, 1)
"""Where findings about a file as a whole, or about something that it no longer has, are reported."""


class Place(NamedTuple):
    """The location of a key or a value in a file, by pointer; its span is looked up only for reports.

    ``span`` is set for places without a pointer: a comment, an invalid byte, a duplicate key.
    """

    path: str
    pointer: Pointer = ()
    at_key: bool = False
    span: Span | None = None


class Replace(NamedTuple):
    """An edit that replaces a value or a key, in its style; if the place has a span, that text is replaced verbatim.

    ``value``: a text, or the items of a list.
    """

    place: Place
    value: str | tuple[str, ...]


class Remove(NamedTuple):
    """An edit that removes an item from its list."""

    place: Place


Edit = Replace | Remove


class Finding(NamedTuple):
    """Something wrong at a place, as a rule reports it.

    Attributes:
        hint: what to write instead; shown at the caret.
        note: what is allowed; shown below.
        fix: the edits that fix it, if there is exactly one correction; all in the finding's own file.
        rule: the name of the rule; set by the rule's decorator.
        first: the place of what this duplicates; its line is added to the message.
        implied_by: other findings, by rule and place, that explain this one. It is reported only if none of them is,
            because a comment suppresses them.
    """

    place: Place
    message: str
    hint: str = ""
    note: str = ""
    fix: tuple[Edit, ...] = ()
    rule: str = ""
    first: Place | None = None
    implied_by: tuple[tuple[str, Place], ...] = ()

    def message_with_line(self, spans: Mapping[Place, Span]) -> str:
        """Return the message, with the line of the first place if there is one."""
        if self.first is None:
            return self.message
        line = spans[self.first].line
        if self.first.path != self.place.path:
            return f"{self.message} (line {line} of {self.first.path})"
        order = "first" if line <= spans[self.place].line else "also"
        return f"{self.message} ({order} defined on line {line})"


class Diagnostic(NamedTuple):
    """A finding for reports: with its severity and exact span, and without secrets. Sorts by file and position.

    Rules report findings; ``roster.check.locate`` makes a diagnostic of each.

    Attributes:
        model: the id of the model that it is in, if any.
        key: the keys from the model to its place, joined by dots; empty for the model itself.
        implied_by: other diagnostics, by rule, path and span, that explain this one.
    """

    path: str
    span: Span
    severity: Severity
    rule: str
    message: str
    hint: str = ""
    note: str = ""
    model: str = ""
    key: str = ""
    implied_by: tuple[tuple[str, str, Span], ...] = ()

    @property
    def sentence(self) -> str:
        """The message with the hint in parentheses, for formats that show one text."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigurationError(Exception):
    """A repository, option or environment that the command cannot work with: one sentence with what to do."""

"""What a rule finds, and where: places, spans, findings with the edits that mend them, and diagnostics.

What moves between rooms is a named tuple: it cannot change, 20,000 of them are soon built, and at every start of the
command the interpreter makes its class four times as fast as that of a frozen dataclass.
"""

from enum import StrEnum
from typing import NamedTuple

Pointer = tuple[str | int, ...]
"""The way from a file's root to one of its values: list indexes from 0, and keys."""


class Severity(StrEnum):
    """How much a finding matters: an error fails a check, a warning fails it only under ``--strict``."""

    ERROR = "error"
    WARNING = "warning"


class Span(NamedTuple):
    """A stretch of a file. Lines and columns count from 1, columns in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Place(NamedTuple):
    """A key or a value of a file, by pointer; its span is looked up only when somebody has to be told.

    ``span`` is set for places that no pointer reaches: a comment, a stray byte, the second of two equal keys.
    """

    path: str
    pointer: Pointer = ()
    at_key: bool = False
    span: Span | None = None


class Replace(NamedTuple):
    """Write another value, or another key, in the style of the one that is there.

    Where the place has a span, the text that stands there gives way to ``value`` as it is.
    """

    place: Place
    value: str


class Remove(NamedTuple):
    """Take an item out of its list."""

    place: Place


Edit = Replace | Remove


class Finding(NamedTuple):
    """What a rule has to say about a place.

    ``hint`` says what to write instead and is drawn at the caret; ``note`` says what is allowed and is drawn below.
    ``fix`` mends it, where there is one right answer; all its edits are in the finding's own file.
    ``rule`` is the name of the rule that reports it; a rule's decorator sets it.
    """

    place: Place
    message: str
    hint: str = ""
    note: str = ""
    fix: tuple[Edit, ...] = ()
    rule: str = ""


class Diagnostic(NamedTuple):
    """A finding with its rule, its severity and its exact span, as every report prints it; sorts by file and place.

    Attributes:
        model: the id of the model it is about; empty where it is about none, or the model has none.
        key: the keys that lead to its place within the model, joined by dots; empty for the model itself.
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

    @property
    def sentence(self) -> str:
        """The message with the hint in parentheses, for formats that show one text."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigurationError(Exception):
    """The repository cannot be worked with at all: one sentence that says what is wrong and what to do."""

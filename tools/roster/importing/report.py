"""The report of an import: which values it carried, which it changed and why, and which it could not carry and why."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

MODEL, FEATURE, SETTING, FILE = "model", "feature", "setting", "file"
CONTRADICTS = "the roster's values contradict it, and roster render writes what they say"


class Outcome(StrEnum):
    """What became of a value."""

    CARRIED = "carried"
    CHANGED = "changed"
    NOT_CARRIED = "not carried"


class ReportLine(NamedTuple):
    """One outcome, the same for some models or features.

    Attributes:
        key: the key in the source, with dots: ``params.max_tokens``.
        target: the key in the roster or registry; empty if the value is not carried.
        reason: why it was changed or is not carried, as a clause after a colon; empty if it was carried unchanged.
        noun: what the subjects are: models, features, or settings of the other program.
        subjects: their ids or names, in order.
    """

    outcome: Outcome
    key: str
    target: str
    reason: str
    noun: str
    subjects: tuple[str, ...]


class Report:
    """Collects outcomes; those that differ only in their subject become one line."""

    def __init__(self) -> None:
        self._subjects: dict[tuple[Outcome, str, str, str, str], dict[str, None]] = {}

    def carried(self, key: str, target: str, subject: str, noun: str = MODEL) -> None:
        """Record that a value has the same meaning in the roster."""
        self._add(Outcome.CARRIED, key, target, "", noun, subject)

    def changed(self, key: str, target: str, reason: str, subject: str, noun: str = MODEL) -> None:
        """Record that a value is different in the roster, and why."""
        self._add(Outcome.CHANGED, key, target, reason, noun, subject)

    def not_carried(self, key: str, reason: str, subject: str, noun: str = MODEL) -> None:
        """Record that the roster does not have a value, and why."""
        self._add(Outcome.NOT_CARRIED, key, "", reason, noun, subject)

    def lines(self, outcome: Outcome) -> Iterator[ReportLine]:
        """Yield the lines with an outcome, in the order in which they were first recorded."""
        for line, subjects in self._subjects.items():
            if line[0] is outcome:
                yield ReportLine(*line, tuple(subjects))

    def _add(self, outcome: Outcome, key: str, target: str, reason: str, noun: str, subject: str) -> None:
        self._subjects.setdefault((outcome, key, target, reason, noun), {})[subject] = None

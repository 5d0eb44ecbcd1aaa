"""What a comparison found, as reports tell it: no place without a line, no secret."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from roster.diff.kinds import Impact
from roster.findings import Diagnostic

SIDES = ("base", "head")


class Told(NamedTuple):
    """A change with where it is; the rest is as in ``roster.diff.changes.Change``.

    Attributes:
        line: the line in the file at ``path``, from 1.
        side: which of ``SIDES`` the file is of.
    """

    kind: str
    impact: Impact
    environment: str
    model: str
    feature: str
    old: Any
    new: Any
    summary: str
    effect: str
    path: str
    line: int
    side: str


class Comparison(NamedTuple):
    """What there is to tell of two sides.

    Attributes:
        names: what each of ``SIDES`` is called.
        changes: by environment, and in each the worst first.
        errors: what a check finds wrong with each side, and what may be missing among the changes for it.
        not_compared: the environments whose roster cannot be read on one of the sides.
    """

    names: Mapping[str, str]
    changes: tuple[Told, ...]
    errors: Mapping[str, tuple[Diagnostic, ...]]
    not_compared: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing can be missing among the changes."""
        return not (self.not_compared or any(self.errors.values()))

    def impacts(self) -> Counter[Impact]:
        """Return how many changes there are of each impact."""
        return Counter(change.impact for change in self.changes)

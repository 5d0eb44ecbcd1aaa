"""A model on its way into rosters, and what a check says of it before anything is written."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from roster.check.finding_identity import new_findings_after_edit
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.edit.insert import insert
from roster.edit.style import Value
from roster.findings import ConfigurationError
from roster.repository import ROSTER_SCHEMA, Repository, roster_path

_FIRST_LINE = f"# yaml-language-server: $schema=../../{ROSTER_SCHEMA}\n"
"""How a roster starts that nobody has written yet: editors find its schema there."""


class Outcome(NamedTuple):
    """What adding a model makes of a repository.

    Attributes:
        repository: as it would be; its overlay holds the changed rosters.
        brought: a check's result with what it finds only because of the model.
        others: how many findings there are besides.
    """

    repository: Repository
    brought: CheckResult
    others: int


class Draft(NamedTuple):
    """A model, whole or in part, and the environments whose rosters it is to be added to."""

    repository: Repository
    today: date
    environments: tuple[str, ...]
    model: Mapping[str, Value]

    def outcome(self) -> Outcome:
        """Add the model to the rosters in memory, and check all that there is with and without it.

        Raises:
            ConfigurationError: one of the rosters cannot be read or added to.
        """
        before = {path: self.text(path) for path in map(roster_path, self.environments)}
        after = {path: insert(path, text, self.model) for path, text in before.items()}
        old, new = (check(self._with(texts), self.today) for texts in (before, after))
        brought = tuple(new_findings_after_edit(old.diagnostics, new.diagnostics))
        others = len(new.diagnostics) - len(brought)
        return Outcome(self._with(after), new._replace(diagnostics=brought), others)

    def _with(self, texts: Mapping[str, str]) -> Repository:
        return self.repository._replace(overlay={path: text.encode() for path, text in texts.items()})

    def text(self, path: str) -> str:
        """Return a roster's text; of one that is missing, how it is to start.

        Raises:
            ConfigurationError: it is no text.
        """
        if not self.repository.has(path):
            return _FIRST_LINE if self.repository.has(ROSTER_SCHEMA) else ""
        try:
            return self.repository.read(path).decode()
        except UnicodeDecodeError:
            raise ConfigurationError(
                f"{path} is not UTF-8 text, so nothing can be added to it: roster check says what is wrong"
            ) from None

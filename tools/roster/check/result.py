"""What a check hands to those who report it, render from it or compare it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from roster.findings import ConfigurationError, Diagnostic, Edit, Severity
from roster.registries import Registries
from roster.repository import roster_path
from roster.roster import Roster
from roster.yaml.line_index import Lines


class CheckResult(NamedTuple):
    """What a check found.

    Attributes:
        files: the files that were checked: every roster, the registries and the roster's schema.
        diagnostics: every finding, once, sorted by file and place.
        lines: the lines of each file that has findings, without the secrets in them.
        rosters: the rosters that could be read, by environment.
        fixes: the edits that mend a finding, for each that has one right answer.
    """

    registries: Registries
    files: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    lines: Mapping[str, Lines]
    rosters: Mapping[str, Roster]
    fixes: Mapping[Diagnostic, tuple[Edit, ...]] = MappingProxyType({})

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(diagnostic.severity is severity for diagnostic in self.diagnostics)

    def within(self, paths: Iterable[str]) -> "CheckResult":
        """Return what was found in some files and folders only; "." is the whole repository.

        Raises:
            ConfigurationError: a path leads to no file that was checked.
        """
        chosen: set[str] = set()
        for path in paths:
            below = {file for file in self.files if file == path or path == "." or file.startswith(f"{path}/")}
            if not below:
                raise ConfigurationError(f"{path} holds nothing to check: rosters are {roster_path('<environment>')}")
            chosen |= below
        found = tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.path in chosen)
        return self._replace(files=tuple(file for file in self.files if file in chosen), diagnostics=found)

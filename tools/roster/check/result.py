"""The result of a check, for reports, rendering and comparison."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from roster.findings import ConfigurationError, Diagnostic, Edit, Severity
from roster.registries import Registries
from roster.roster import ROSTER_FILE, Roster, roster_path
from roster.yaml.line_index import LineIndex

if TYPE_CHECKING:  # only changes need these
    from roster.rules.base.identity import FormerModels
    from roster.rules.base.promotion_path import TrialStart


class CheckResult(NamedTuple):
    """The result of a check.

    Attributes:
        files: the checked files: every roster, the registries and the roster's schema.
        diagnostics: the findings, each once, sorted by file and position.
        lines: the lines of each file with findings, without secrets.
        rosters: the rosters that could be read, by environment.
        fixes: the edits that fix a finding, for each finding with exactly one correction.
        texts: the text of each roster and of the repository's own features, with secrets, to look up positions in.
    """

    registries: Registries
    files: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    lines: Mapping[str, LineIndex]
    rosters: Mapping[str, Roster]
    fixes: Mapping[Diagnostic, tuple[Edit, ...]] = MappingProxyType({})
    texts: Mapping[str, str] = MappingProxyType({})

    @property
    def environments(self) -> list[str]:
        """The environments with a roster file, readable or not."""
        return [path.split("/")[1] for path in self.files if path.endswith(f"/{ROSTER_FILE}")]

    def count(self, severity: Severity) -> int:
        """Return the number of findings with a severity."""
        return sum(diagnostic.severity is severity for diagnostic in self.diagnostics)

    def errors_in(self, environments: Iterable[str]) -> "CheckResult":
        """Return the result with the errors in the rosters of some environments as its only findings."""
        paths = {roster_path(name) for name in environments}
        errors = (each for each in self.diagnostics if each.severity is Severity.ERROR and each.path in paths)
        return self._replace(diagnostics=tuple(errors))

    def relocated(self, name: Callable[[str], str]) -> "CheckResult":
        """Return the result for a report that has other names of files, by path."""
        return self._replace(
            files=tuple(dict.fromkeys(map(name, self.files))),  # links can give two files one name
            diagnostics=tuple(each._replace(path=name(each.path)) for each in self.diagnostics),
            lines={name(path): lines for path, lines in self.lines.items()},
        )

    def joined(self, other: "CheckResult") -> "CheckResult":
        """Return the result with the files and findings of another repository, for a report."""
        return self._replace(
            files=self.files + other.files,
            diagnostics=self.diagnostics + other.diagnostics,
            lines={**self.lines, **other.lines},
        )

    def within(self, paths: Iterable[str]) -> "CheckResult":
        """Return the result for some files and folders only; ``.`` is the whole repository.

        Raises:
            ConfigurationError: a path contains no checked file.
        """
        selected: set[str] = set()
        for path in paths:
            matches = {file for file in self.files if file == path or path == "." or file.startswith(f"{path}/")}
            if not matches:
                raise ConfigurationError(
                    f"{path} contains no file to check; rosters are {roster_path('<environment>')}"
                )
            selected |= matches
        diagnostics = tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.path in selected)
        return self._replace(files=tuple(file for file in self.files if file in selected), diagnostics=diagnostics)


class Base(NamedTuple):
    """The version before a change.

    Attributes:
        result: the result of its check.
        trial_start: looks up when trial periods started, in its history.
        today: the date to judge the change for; never later than the actual one, so that a trial cannot be shortened.
        former_models: looks up the models that had an id, in its history.
    """

    result: CheckResult
    trial_start: "TrialStart"
    today: date
    former_models: "FormerModels" = lambda *_: {}

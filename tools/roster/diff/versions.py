"""One of the two versions that are compared."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from roster.check.result import Base, CheckResult
from roster.findings import Diagnostic, Severity
from roster.roster import ROSTER_FILE, Roster, roster_path


class CheckedVersion(NamedTuple):
    """A version of the rosters.

    Attributes:
        name: the display name.
        environment: the environment of a single roster; empty for all rosters of a repository.
        file: the path of a single roster, as the user named it.
        as_base: the version with its history; None for files that are not in a commit.
    """

    name: str
    result: CheckResult
    environment: str = ""
    file: str = ""
    as_base: Base | None = None

    @property
    def environments(self) -> list[str]:
        """The environments with a roster file, readable or not."""
        return self.result.environments

    def display_path(self, path: str) -> str:
        """Return the path of a file as the user knows it."""
        return self.file if self.file and path == roster_path(self.environment) else path

    def rosters(self, environments: Iterable[str]) -> dict[str, Roster]:
        """Return the readable rosters of some environments."""
        return {name: self.result.rosters[name] for name in environments if name in self.result.rosters}

    def errors(self, environments: Collection[str]) -> tuple[Diagnostic, ...]:
        """Return the errors in the rosters of some environments and in the files that all environments share."""
        paths = {roster_path(name) for name in environments}
        return tuple(
            finding._replace(path=self.display_path(finding.path))
            for finding in self.result.diagnostics
            if finding.severity is Severity.ERROR
            and (finding.path in paths or not finding.path.endswith(f"/{ROSTER_FILE}"))
        )

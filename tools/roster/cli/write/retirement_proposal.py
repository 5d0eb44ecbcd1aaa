"""Retirements that are not written yet: the changed rosters, their check and their impact."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

import click

from roster.authoring.draft import introduced_findings
from roster.authoring.retirement import Request, RetiringModel
from roster.authoring.useless_comments import without_useless_comments
from roster.check.pipeline import check
from roster.check.result import Base, CheckResult
from roster.cli.terminal import file_changes
from roster.cli.write.retiring_models import resolved
from roster.diff import diff_report
from roster.diff.compare import compare
from roster.diff.versions import CheckedVersion
from roster.naming import join_names
from roster.repository import Repository
from roster.roster import Roster

_RETIRING_DEFAULT = ("default-retiring", "retired-model-still-default")


class Proposal(NamedTuple):
    """Changes to the rosters of a repository.

    Attributes:
        files: the new contents by path.
        before: the result of the check without the changes.
        after: that with them.
    """

    repository: Repository
    today: date
    files: Mapping[str, bytes]
    before: CheckResult
    after: CheckResult

    @classmethod
    def unchanged(cls, repository: Repository, today: date) -> "Proposal":
        """Return a proposal without changes."""
        result = check(repository, today)
        return cls(repository, today, {}, result, result)

    @property
    def changed_repository(self) -> Repository:
        """The repository with the changes."""
        return self.repository._replace(overlay=self.files)

    def retire(self, targets: Iterable[RetiringModel], request: Request) -> "Proposal":
        """Return the proposal with models retired in addition."""
        files = dict(self.files)
        for target in targets:
            path = target.roster.path
            data = self.changed_repository.read(path)
            new = target.write(resolved(request, target), data)
            files |= {path: new} if new != data else {}
        return self if files == self.files else self._with_files(files)

    def _with_files(self, files: Mapping[str, bytes]) -> "Proposal":
        """Return the proposal with new contents, without the suppression comments that these make useless."""
        after = self._check(files)
        findings = introduced_findings(self.before, after).diagnostics
        cleaned = {path: without_useless_comments(path, data, findings) for path, data in files.items()}
        if cleaned != files:
            after = self._check(cleaned)
        return self._replace(files=cleaned, after=after)

    def _check(self, files: Mapping[str, bytes]) -> CheckResult:
        """Check the repository with new contents, also as a change; it brings no model to another environment."""
        base = Base(self.before, lambda _: None, self.today)
        return check(self.repository._replace(overlay=files), self.today, base=base)

    def introduced(self, since: CheckResult) -> CheckResult:
        """Return the findings that were introduced since an earlier result."""
        return introduced_findings(since, self.after)

    def print_impact(self, *, dry_run: bool) -> None:
        """Print the changes of the files, and what they mean for customers."""
        file_changes.print_diff(file_changes.diff_lines(self.repository, self.files))
        before, after = CheckedVersion("", self.before), CheckedVersion("", self.after)
        comparison = compare(before, after, self.today)
        file_changes.print_report(partial(diff_report.write_text, comparison), dry_run=dry_run)

    def print_findings(self, *, dry_run: bool) -> bool:
        """Print the findings that the changes introduce; return whether there are any."""
        introduced = self.introduced(self.before)
        file_changes.print_findings(self.repository, introduced, dry_run=dry_run)
        return bool(introduced.diagnostics)

    def leaves_default_retiring(self) -> bool:
        """Return whether the changes introduce a default that should move before it retires."""
        return any(finding.rule in _RETIRING_DEFAULT for finding in self.introduced(self.before).diagnostics)

    def write(self, ids: Mapping[str, Iterable[str]]) -> None:
        """Write the files, all or none, and print the places of the changed models, given their ids by environment."""
        file_changes.write_changes(self.changed_repository, self.files)
        for environment, changed in ids.items():
            for id_ in changed:
                self._print_change(self.after.rosters[environment], id_)

    def _print_change(self, roster: Roster, id_: str) -> None:
        before = self.before.rosters[roster.environment].by_id[id_].entry
        after = roster.by_id[id_].entry
        if keys := [key for key in ("retirement", "default_for") if before.get(key) != after.get(key)]:
            place = file_changes.location(self.changed_repository, roster, id_)
            click.echo(f"changed {place}: {join_names(keys)}", err=True)

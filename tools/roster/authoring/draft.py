"""Drafts of models, and the findings that adding one to rosters would introduce."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

from roster.check.finding_identity import new_findings_after_edit
from roster.check.pipeline import check
from roster.check.result import Base, CheckResult
from roster.check.trial_period import base_version
from roster.edit.editor import Editor
from roster.edit.style import Answer
from roster.findings import ConfigurationError
from roster.git.file_history import file_versions
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA, roster_path
from roster.rules.base.identity import FormerModel

SCHEMA_COMMENT = f"# yaml-language-server: $schema=../../{ROSTER_SCHEMA}\n"
"""The first line of a new roster, with the path of its JSON Schema for editors."""


class DraftPreview(NamedTuple):
    """The effect of adding a draft.

    Attributes:
        repository: the repository with the changed rosters in its overlay.
        introduced: the check result, with only the findings that the model introduces.
        others: the number of other findings.
    """

    repository: Repository
    introduced: CheckResult
    others: int


class Draft(NamedTuple):
    """A model, complete or in part, and the environments to add it to."""

    repository: Repository
    today: date
    environments: tuple[str, ...]
    model: Mapping[str, Answer]

    def preview(self) -> DraftPreview:
        """Add the model to the rosters in memory, and check the repository with and without it.

        Raises:
            ConfigurationError: a roster cannot be read, or the model cannot be added to it.
        """
        before = {path: read_roster(self.repository, path) for path in map(roster_path, self.environments)}
        after = {path: Editor(path, data).insert_model(self.model) for path, data in before.items()}
        repository = self.repository._replace(overlay=after)
        old = check(self.repository._replace(overlay=before), self.today)
        history = partial(file_versions, self.repository.root)
        base = base_version(old, history, self.today)
        base = base._replace(former_models=partial(_former_models, base))
        new = check(repository, self.today, base=base)
        introduced = introduced_findings(old, new)
        return DraftPreview(repository, introduced, len(new.diagnostics) - len(introduced.diagnostics))


def _former_models(base: Base, path: str, ids: Collection[str]) -> Mapping[str, FormerModel]:
    """Look up the models that had ids; none without a readable history, which the pipeline has."""
    try:
        return base.former_models(path, ids)
    except ConfigurationError:
        return {}


def read_roster(repository: Repository, path: str) -> bytes:
    """Return a roster's content; if it is missing, the start of a new one."""
    if repository.has(path):
        return repository.read(path)
    return SCHEMA_COMMENT.encode() if repository.has(ROSTER_SCHEMA) else b""


def introduced_findings(before: CheckResult, after: CheckResult) -> CheckResult:
    """Return the result of a check after an edit, with only the findings that the edit introduces."""
    empty = {finding.path for finding in before.diagnostics if finding.rule == "empty-roster"}
    introduced = (
        finding
        for finding in new_findings_after_edit(before.diagnostics, after.diagnostics)
        if finding.rule != "feature-without-model" or finding.path not in empty  # it served none before, either
    )
    return after._replace(diagnostics=tuple(introduced))

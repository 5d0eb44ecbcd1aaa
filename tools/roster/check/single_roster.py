"""The check of a version that is compared: a repository, a commit, or a single roster file."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from roster.check.pipeline import Progress, check
from roster.check.result import CheckResult
from roster.findings import ConfigurationError
from roster.git.commit_tree import CommitTree
from roster.naming import printable
from roster.repository import Tree
from roster.roster import ROSTER_FILE, Roster, roster_path


class SingleRoster(NamedTuple):
    """A tree with one roster.

    Attributes:
        file: the roster's path as the user named it.
        registries: the tree with the registries and schemas.
    """

    environment: str
    file: str
    data: bytes
    registries: Tree

    def environment_folders(self) -> Iterator[str]:
        return iter((self.environment,))

    def has(self, path: str) -> bool:
        if path.endswith(f"/{ROSTER_FILE}"):
            return path == roster_path(self.environment)
        return self.registries.has(path)

    def read(self, path: str) -> bytes:
        return self.data if path == roster_path(self.environment) else self.registries.read(path)


def check_version(name: str, tree: Tree, today: date, progress: Progress | None = None) -> CheckResult:
    """Check a version that is compared with another one.

    Args:
        name: the display name of the version.

    Raises:
        ConfigurationError: the check cannot run, or a single file is not a roster.
    """
    try:
        result = check(tree, today, progress)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name} cannot be compared: {error}") from None
    except Exception as error:  # the toolkit need not support the schemas of every past commit
        if not isinstance(tree, CommitTree):
            raise
        raise ConfigurationError(f"{name} cannot be compared: {type(error).__name__} in its check") from None
    return _single_result(tree, result) if isinstance(tree, SingleRoster) else result


def _single_result(single: SingleRoster, result: CheckResult) -> CheckResult:
    """Return the result for the roster alone, without doubts about its environment's name, which may be a guess."""
    findings = result.within([roster_path(single.environment)]).diagnostics
    findings = tuple(finding for finding in findings if finding.rule != "unknown-environment")
    roster = result.rosters.get(single.environment)
    if not _lists_models(roster):
        reasons = (finding.message for finding in findings if finding.rule == "wrong-type" or not roster)
        reason = next(reasons, "it lists no model")
        raise ConfigurationError(f"{printable(single.file)} is not a roster: {reason}")
    return result._replace(diagnostics=findings)


def _lists_models(roster: Roster | None) -> bool:
    """Return whether there is a model. Entries with only a name do not count: other lists have those, too."""
    return roster is not None and any(model.identifier or model.endpoint or model.features for model in roster)

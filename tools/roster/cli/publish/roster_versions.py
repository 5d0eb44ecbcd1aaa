"""The committed versions of rosters, for the catalogue's history."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from roster.catalogue.source import Version
from roster.check.earlier_roster import complete_roster
from roster.check.loading import load_schema
from roster.findings import ConfigurationError
from roster.git import git_command
from roster.git.file_history import FileHistory
from roster.git.history import commit_time
from roster.registries import Registries
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA, roster_path

Commits = Mapping[str, tuple[int, datetime]]
_MAX_VERSIONS = 40
"""How many versions of each roster are read, so that the time is bounded."""
_MAX_BYTES = 20_000_000
"""The size of all versions together."""


def roster_versions(
    repository: Repository, commit: str, commits: Commits, environments: Iterable[str], registries: Registries
) -> Mapping[str, tuple[tuple[Version, ...], bool]]:
    """Return the versions of rosters that consumers could get, newest first, and whether these are all of them.

    They are those of the commits on the branch itself, with the registries of today.
    """
    schema, budget = load_schema(repository, ROSTER_SCHEMA), _MAX_BYTES
    found: dict[str, tuple[tuple[Version, ...], bool]] = {}
    with FileHistory(repository.root, commit) as history:
        for environment in environments:
            path, versions, is_complete = roster_path(environment), list[Version](), True
            with suppress(ConfigurationError):  # folders that were moved outside git's view
                for version in history.newest_first(path):
                    budget -= len(version.content)
                    if len(versions) == _MAX_VERSIONS or budget < 0:
                        is_complete = False
                        break
                    roster = complete_roster(path, environment, version.content, schema, registries)
                    if roster and version.commit in commits:
                        number, time = commits[version.commit]
                        versions.append(Version(number, version.commit, time, roster))
            found[environment] = tuple(versions), is_complete
    return found


def branch_commits(repository: Repository, commit: str) -> Commits:
    """Return the number and time of each commit of a branch by hash, the first commit first."""
    lines = git_command.output(repository.root, "rev-list", "--first-parent", "--timestamp", commit).splitlines()
    pairs = (line.split() for line in reversed(lines))
    return {name: (number, commit_time(seconds)) for number, (seconds, name) in enumerate(pairs, start=1)}

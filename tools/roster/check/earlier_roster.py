"""Rosters of earlier commits. Only complete ones count: the others were never rendered."""

from collections.abc import Mapping

from roster.git.file_history import FileHistory
from roster.model import DATE_KEYS
from roster.registries import Registries
from roster.roster import Roster
from roster.schema.validator import Schema
from roster.yaml.document import parse

ParsedVersions = Mapping[tuple[str, str], Roster]
"""Complete versions of rosters by path and commit."""


def complete_roster(
    path: str, environment: str, data: bytes, schema: Schema, registries: Registries | None = None
) -> Roster | None:
    """Return a version of a roster; None if one of its models cannot be read.

    ``schema`` decides which values are valid; its lists of names do not matter. ``registries`` has the providers that
    supply keys which models leave out.
    """
    document = parse(path, data, dates=DATE_KEYS)
    if not document.readable:
        return None
    invalid = {finding.place.pointer for finding in document.findings if finding.place.pointer}
    if not schema.is_valid(document.value):
        invalid |= schema.explain(path, document.value)[1]
    roster = Roster.of(path, environment, document.value, invalid, registries)
    return roster if roster.complete else None


def last_complete_roster(
    history: FileHistory, path: str, environment: str, schema: Schema, registries: Registries
) -> Roster | None:
    """Return the newest version of a roster that is complete and lists models, which consumers have; None without one.

    Raises:
        ConfigurationError: git fails, or this clone is too shallow to have the versions.
    """
    for version in history.newest_first(path):
        if not version.content:
            continue
        roster = complete_roster(path, environment, version.content, schema, registries)
        if roster and roster.models:
            return roster
    return None

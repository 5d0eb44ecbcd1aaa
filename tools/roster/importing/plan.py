"""The files that an import changes, and the findings in them: nothing is written here."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from roster.authoring.draft import SCHEMA_COMMENT
from roster.check.loading import load_registries, load_schema
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.findings import ConfigurationError
from roster.importing.interface import Imported
from roster.importing.registry_edits import with_entries
from roster.importing.roster_text import roster_text
from roster.importing.source import SourceError
from roster.model import entry_id
from roster.naming import quote
from roster.registries import FAMILIES, FEATURES, GATEWAY_MODELS
from roster.repository import Repository, copied_registry
from roster.roster import ROSTER_SCHEMA, roster_path
from roster.rules.credentials import secrets_in_settings
from roster.schema.list_rewriting import rewrite_lists
from roster.schema.validator import registered_names

_SECRET_ADVICE = "remove it from the file, and set it as an environment variable of the gateway"
_TOGETHER = (FEATURES, FAMILIES)
"""Registries that a repository has both or neither."""
_GATEWAY_MODELS_COMMENT = (
    b"# The models of GitLab's AI gateway that no roster offers: templates and models of its proxy.\n"
)


class Plan(NamedTuple):
    """What an import would write.

    Attributes:
        files: the new content of each changed or new file, by path: the roster first.
        result: the check of the repository with these files.
    """

    files: Mapping[str, bytes]
    result: CheckResult


def plan(repository: Repository, environment: str, imported: Imported, today: date) -> Plan:
    """Return the files of an import in a repository, with the result of a check.

    Raises:
        SourceError: the files name no model that is offered.
        ConfigurationError: a registry of the repository cannot be edited, or would be invalid.
    """
    if not imported.models:
        raise SourceError("the files offer no model, so there is nothing to import")
    _reject_secrets(imported)
    comment = SCHEMA_COMMENT if repository.has(ROSTER_SCHEMA) else ""
    files = {roster_path(environment): roster_text(comment, imported.models)} | _registries(repository, imported)
    changed = repository._replace(overlay=files)
    _require_valid_registries(changed)
    if len(files) > 1 and repository.has(ROSTER_SCHEMA):
        files |= _schema(changed)
        changed = repository._replace(overlay=files)
    files = {path: data for path, data in files.items() if not (repository.has(path) and repository.read(path) == data)}
    return Plan(files, check(changed, today))


def _reject_secrets(imported: Imported) -> None:
    """Reject secrets that only the names of their keys show; the sources have been searched for known formats."""
    for entry in imported.models:
        values = {key: entry[key] for key in ("endpoint", "gateway") if key in entry}
        for pointer, message in secrets_in_settings(values):
            name = ".".join(map(str, pointer)).removeprefix("gateway.")
            raise SourceError(f"{name} of the model {quote(entry_id(entry))}: {message}; {_SECRET_ADVICE}")


def _require_valid_registries(changed: Repository) -> None:
    """Reject names and values that a registry cannot have; those of the repository itself were loaded before."""
    try:
        load_registries(changed)
    except ConfigurationError as error:
        raise SourceError(f"the imported names and values do not fit into the registries: {error}") from None


def _registries(repository: Repository, imported: Imported) -> dict[str, bytes]:
    """Return the changed registries; a repository without own ones gets copies of the toolkit's to change."""
    additions = {path: entries for path, entries in imported.registries.items() if entries}
    changed = {path: with_entries(path, _registry(repository, path), entries) for path, entries in additions.items()}
    missing = [path for path in _TOGETHER if changed and path not in changed and not repository.has(path)]
    return changed | {path: copied_registry(path) for path in missing}


def _registry(repository: Repository, path: str) -> bytes:
    """Return a registry's content; of one that neither the repository nor the toolkit has, the start of a new one."""
    if repository.has(path):
        return repository.read(path)
    if path != GATEWAY_MODELS:
        return copied_registry(path)
    schema = path.rpartition("/")[2].replace(".yaml", ".schema.json")
    has_schema = repository.has(f"schemas/{schema}")
    return (f"# yaml-language-server: $schema={schema}\n#\n" if has_schema else "").encode() + _GATEWAY_MODELS_COMMENT


def _schema(repository: Repository) -> dict[str, bytes]:
    """Return the JSON Schema of rosters with the names in the registries."""
    load_schema(repository, ROSTER_SCHEMA)
    text = repository.read(ROSTER_SCHEMA).decode()
    return {ROSTER_SCHEMA: rewrite_lists(ROSTER_SCHEMA, text, registered_names(load_registries(repository))).encode()}

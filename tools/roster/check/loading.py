"""Loading of registries and schemas, without which no roster can be checked."""

from collections.abc import Iterator
from typing import Any

from roster.findings import ConfigurationError, Finding, Place
from roster.naming import quote
from roster.registries import ENVIRONMENTS, FAMILIES, FEATURES, Registries
from roster.repository import Tree
from roster.schema.validator import Schema
from roster.secret_redaction import redact_message
from roster.yaml.document import Document, parse


def load_registries(repository: Tree) -> Registries:
    """Read the registries.

    Raises:
        ConfigurationError: a registry is missing, invalid under its schema, or has a duplicate name.
    """
    return Registries.of(*(load_registry(repository, path) for path in (FEATURES, FAMILIES, ENVIRONMENTS)))


def load_registry(repository: Tree, path: str) -> list[Any]:
    """Read one registry.

    Raises:
        ConfigurationError: it is missing, invalid under its schema, or has a duplicate name.
    """
    document = parse(path, repository.read(path))
    findings = list(document.findings)
    if not findings:
        name = path.rpartition("/")[2].replace(".yaml", ".schema.json")
        schema = load_schema(repository, f"schemas/{name}")
        findings = [] if schema.is_valid(document.value) else schema.explain(path, document.value)[0]
    findings = findings or list(_duplicate_names(path, document.value))
    if findings:
        raise ConfigurationError(_sentence(document, findings[0]))
    value: list[Any] = document.value
    return value


def load_schema(repository: Tree, path: str, registries: Registries | None = None) -> Schema:
    """Read a JSON Schema; that of rosters with the names of the registries.

    Raises:
        ConfigurationError: it is missing or broken.
    """
    try:
        return Schema(repository.read(path), registries)
    except ValueError as error:
        raise ConfigurationError(f"{path} is not a JSON Schema: {str(error).splitlines()[0]}") from None


def _duplicate_names(path: str, entries: list[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        names = [entry] if isinstance(entry, str) else [entry["name"], *entry.get("aliases", ())]
        for name in names:
            if name in seen:
                yield Finding(Place(path, (index,)), f"{quote(name)} is in this registry twice")
            seen.add(name)


def _sentence(document: Document, finding: Finding) -> str:
    """Return a finding in a registry as one sentence with its position."""
    span = document.spans([finding.place])[finding.place]
    advice = finding.hint or finding.note
    message = f"{finding.message}; {advice}" if advice else finding.message
    return f"{document.path}:{span.line}:{span.column}: {redact_message(message)}"

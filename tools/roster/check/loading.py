"""Loading of registries and schemas, without which no roster can be checked."""

import json
from collections.abc import Iterator
from typing import Any

from roster.findings import ConfigurationError, Finding, Place
from roster.naming import quote
from roster.registries import ENVIRONMENTS, FAMILIES, FEATURES, Registries
from roster.repository import Tree, toolkit_file
from roster.roster import ROSTER_SCHEMA
from roster.rules.credentials import secrets_in
from roster.rules.texts import title_problem
from roster.schema.validator import MODEL, Schema, at_pointer
from roster.secret_redaction import redact_message
from roster.yaml.document import Document, parse

_ENVIRONMENTS_SCHEMA = "schemas/environments.schema.json"


def load_registries(repository: Tree) -> Registries:
    """Read the registries.

    Raises:
        ConfigurationError: a registry is missing, invalid under its schema, or has a duplicate name or a secret.
    """
    return Registries.of(*(load_registry(repository, path) for path in (FEATURES, FAMILIES, ENVIRONMENTS)))


def load_registry(repository: Tree, path: str) -> list[Any]:
    """Read one registry.

    Raises:
        ConfigurationError: it is missing, invalid under its schema, or has a duplicate name or a secret.
    """
    document = parse(path, repository.read(path))
    findings = [*document.findings] or [*secrets_in(document)]
    if not findings:
        name = path.rpartition("/")[2].replace(".yaml", ".schema.json")
        schema = load_schema(repository, f"schemas/{name}")
        findings = [] if schema.is_valid(document.value) else schema.explain(path, document.value)[0]
    findings = findings or [*_duplicate_names(path, document.value), *_unsuitable_titles(path, document.value)]
    if findings:
        raise ConfigurationError(_sentence(document, findings[0]))
    value: list[Any] = document.value
    return value


def load_schema(repository: Tree, path: str, registries: Registries | None = None) -> Schema:
    """Read a JSON Schema, paired with the toolkit's own if they differ; that of rosters with the registries' names.

    Raises:
        ConfigurationError: it is missing or broken.
    """
    text, toolkit_path = repository.read(path), toolkit_file(path.removeprefix("schemas/"))
    try:
        schema = Schema(text, registries)
    except ValueError as error:
        reason = str(error).splitlines()[0] if text.strip() else "it is empty"
        raise ConfigurationError(f"{path} is not a JSON Schema: {reason}") from None
    if text == (toolkit_text := toolkit_path.read_bytes()):
        return schema
    toolkit = Schema(_with_own_keys(repository, path, toolkit_text), registries)
    if schema.content == toolkit.content:
        return schema
    from roster.schema.paired_schema import PairedSchema  # most repositories have the toolkit's schemas

    return PairedSchema(path, text, toolkit, toolkit_path, registries, extensible=path == ROSTER_SCHEMA)


def _with_own_keys(repository: Tree, path: str, text: bytes) -> bytes:
    """Return the toolkit's schema of environments with a repository's own keys of models, which may differ, too."""
    if path != _ENVIRONMENTS_SCHEMA:
        return text
    content = json.loads(text)
    keys = at_pointer(content, ("$defs", "environment", "properties", "may_differ_in", "items", "enum"))
    keys += load_schema(repository, ROSTER_SCHEMA).at((*MODEL, "properties")) or ()
    return json.dumps(content).encode()


def _duplicate_names(path: str, entries: list[Any]) -> Iterator[Finding]:
    seen: dict[str, Place] = {}
    for index, entry in enumerate(entries):
        names = [entry] if isinstance(entry, str) else [entry["name"], *entry.get("aliases", ())]
        for name in names:
            if name in seen:
                yield Finding(Place(path, (index,)), f"{quote(name)} is in this registry twice", first=seen[name])
            seen.setdefault(name, Place(path, (index,)))


def _unsuitable_titles(path: str, entries: list[Any]) -> Iterator[Finding]:
    """Yield the titles that customers should not see."""
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and (problem := title_problem(entry.get("title", ""))):
            yield Finding(Place(path, (index, "title")), *problem)


def _sentence(document: Document, finding: Finding) -> str:
    """Return a finding in a registry as one sentence with its position."""
    spans = document.spans([place for place in (finding.place, finding.first) if place])
    span, message = spans[finding.place], finding.message_with_line(spans)
    advice = finding.hint or finding.note
    message = f"{message}; {advice}" if advice else message
    return f"{document.path}:{span.line}:{span.column}: {redact_message(message)}"

"""Loading of registries and schemas, without which no roster can be checked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roster.findings import ConfigurationError, Finding, Place
from roster.naming import quote
from roster.registries import (
    CAPABILITIES,
    ENVIRONMENTS,
    FACT_FILES,
    FAMILIES,
    FEATURES,
    GATEWAY_MODELS,
    PROVIDER_FACTS,
    PROVIDER_FACTS_SCHEMA,
    PROVIDERS,
    Registries,
    feature_setting,
)
from roster.repository import Repository, Tree, toolkit_file
from roster.roster import ROSTER_SCHEMA
from roster.rules.credentials import secrets_in, secrets_in_settings
from roster.rules.texts import title_problem
from roster.schema.validator import MODEL, Schema, at_pointer, with_schema_hints
from roster.secret_redaction import redact_message
from roster.yaml.document import Document, parse

PARSED_COPIES = Path(__file__).parent / "parsed_registries"
ENVIRONMENTS_SCHEMA = "schemas/environments.schema.json"


def load_registries(repository: Tree) -> Registries:
    """Read the registries.

    Raises:
        ConfigurationError: a registry is missing, invalid under its schema, or has a duplicate name or a secret.
    """
    paths = (FEATURES, FAMILIES, ENVIRONMENTS, PROVIDERS, CAPABILITIES)
    registries = Registries.of(*(load_registry(repository, path) for path in paths))
    for finding in _unknown_requirements(registries):
        raise ConfigurationError(_sentence(parse(FEATURES, repository.read(FEATURES)), finding))
    if repository.has(GATEWAY_MODELS):
        registries.gateway_models = {
            each["name"]: each["gateway"] for each in load_registry(repository, GATEWAY_MODELS)
        }
    if repository.has(PROVIDER_FACTS):
        from roster.check.facts_loading import load_provider_facts  # not every repository has them

        registries.provider_facts = load_provider_facts(repository, PROVIDER_FACTS)
    return registries


def load_registry(repository: Tree, path: str, dates: frozenset[str] = frozenset()) -> list[Any]:
    """Read one registry.

    Args:
        dates: the keys whose value may be a plain date.

    Raises:
        ConfigurationError: it is missing, invalid under its schema, or has a duplicate name or a secret.
    """
    data = repository.read(path)
    schema_path = PROVIDER_FACTS_SCHEMA if path in FACT_FILES else f"schemas/{_stem(path)}.schema.json"
    if all(_is_unchanged(repository, each) for each in (path, schema_path)):
        return parsed_copy(path, data) or list(parse(path, data, dates=dates).value)
    document = parse(path, data, dates=dates)
    _validate(repository, document, schema_path)
    return list(document.value)


def parsed_copy(path: str, data: bytes) -> list[Any]:
    """Return the value of a registry of the toolkit from a JSON file, which is read in a tenth of the time.

    Empty if that file was made from other bytes: it has those bytes, too, and ``make fixtures`` writes it.
    """
    file = PARSED_COPIES / f"{_stem(path)}.json"
    text, value = json.loads(file.read_bytes()) if file.is_file() else ("", [])
    return list(value) if text.encode() == data else []


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yaml")


def _is_unchanged(repository: Tree, path: str) -> bool:
    """Return whether a file is the toolkit's own, or a copy of it: the toolkit's tests have validated that."""
    if not path.startswith("schemas/"):
        return False
    if not repository.has(path):
        return True
    toolkit_path = toolkit_file(path.removeprefix("schemas/"))
    if not toolkit_path.is_file():  # that of gateway models
        return False
    own_path = repository.root / path if isinstance(repository, Repository) else None
    is_original = own_path is not None and own_path.exists() and own_path.samefile(toolkit_path)
    return not is_original and repository.read(path) == toolkit_path.read_bytes()


def _validate(repository: Tree, document: Document, schema_path: str) -> None:
    path, value = document.path, document.value
    findings = [*document.findings] or [*secrets_in(document)]
    if document.readable and (document.findings or not findings):
        schema = load_schema(repository, schema_path)
        schema_findings = [] if schema.is_valid(value) else schema.explain(path, value)[0]
        findings = with_schema_hints(findings, schema_findings) or schema_findings
    checks = (_duplicate_names, _duplicate_settings, _unsuitable_titles, _secrets_in_gateway)
    findings = findings or [finding for check in checks for finding in check(path, value)]
    if path == PROVIDERS and not findings:
        from roster.check.provider_endpoints import unsuitable_endpoints  # most repositories have the toolkit's

        findings = [*unsuitable_endpoints(value)]
    if findings:
        raise ConfigurationError(_sentence(document, findings[0]))


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
    if path != ENVIRONMENTS_SCHEMA:
        return text
    content = json.loads(text)
    keys = at_pointer(content, ("$defs", "environment", "properties", "may_differ_in", "items", "enum"))
    keys += load_schema(repository, ROSTER_SCHEMA).at((*MODEL, "properties")) or ()
    return json.dumps(content).encode()


def _duplicate_names(path: str, entries: list[Any]) -> Iterator[Finding]:
    names: dict[str, Place] = {}
    for index, entry in enumerate(entries):
        name_key = "identifier" if path in FACT_FILES else "name"
        name, pointer = (entry, (index,)) if isinstance(entry, str) else (entry[name_key], (index, name_key))
        place = Place(path, pointer)
        if (first := names.setdefault(name, place)) is not place:
            yield Finding(place, f"{quote(name)} is in this registry twice", first=first)
    others: dict[str, Place] = {}
    for place, name in _other_names(path, entries):
        first = names.get(name) or others.setdefault(name, place)
        *_, key, _position = place.pointer
        is_own_name = key == "prefixes" and first.pointer == (place.pointer[0], "name")
        if first is not place and not is_own_name:
            yield Finding(place, f"{quote(name)} is in this registry twice", "remove it here", first=first)


def _other_names(path: str, entries: list[Any]) -> Iterator[tuple[Place, str]]:
    """Yield the aliases of features and providers, and the prefixes of providers, with their places."""
    for index, entry in enumerate(entries):
        for key in ("aliases", "prefixes") if isinstance(entry, dict) else ():
            for position, name in enumerate(entry.get(key, ())):
                yield Place(path, (index, key, position)), name


def _duplicate_settings(path: str, entries: list[Any]) -> Iterator[Finding]:
    """Yield the features without a setting whose name is the setting of another one: GitLab could not tell them apart.

    Two features may have the same setting on purpose, so only a derived one is a probable slip.
    """
    if path != FEATURES:
        return
    first_with: dict[str, int] = {}
    for index, entry in enumerate(entries):
        setting = feature_setting(entry)
        first = first_with.setdefault(setting, index)
        if first != index and not ("setting" in entry and "setting" in entries[first]):
            message = f"the setting {quote(setting)} of {quote(entry['name'])} is also that of"
            message = f"{message} {quote(entries[first]['name'])}"
            yield Finding(Place(path, (index, "name")), message, 'add another "setting:"', first=Place(path, (first,)))


def _secrets_in_gateway(path: str, entries: list[Any]) -> Iterator[Finding]:
    for index, entry in enumerate(entries):
        settings = entry.get("gateway") if isinstance(entry, dict) else None
        for pointer, message in secrets_in_settings(settings) if settings else ():
            yield Finding(Place(path, (index, "gateway", *pointer)), message, "revoke it and treat it as exposed")


def _unknown_requirements(registries: Registries) -> Iterator[Finding]:
    """Yield the capabilities that a feature requires and that are not registered."""
    for index, feature in enumerate(registries.features.values()):
        for position, name in enumerate(feature.requires):
            if name not in registries.capabilities:
                hint = registries.capability_suggestions.did_you_mean(name) or f"add it to {CAPABILITIES}"
                message = f"{quote(feature.name)} requires the unknown capability {quote(name)}"
                yield Finding(Place(FEATURES, (index, "requires", position)), message, hint)


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

"""The pipeline: from a repository's files to diagnostics."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date
from itertools import pairwise
from typing import Any

from roster import repository as files
from roster.check.loading import load_registries, load_schema
from roster.check.result import CheckResult
from roster.findings import Diagnostic, Edit, Finding, Place, Pointer, Span
from roster.naming import nearest
from roster.registries import Registries
from roster.repository import Tree
from roster.roster import DATE_KEYS, Roster
from roster.rules.all_rules import RULES
from roster.rules.ignore_comments import MARK
from roster.rules.rule import ChangeView, Context, RepositoryView, Subject
from roster.schema.validator import Schema, generated_lists
from roster.secret_patterns import masked, masked_sentence, without_value
from roster.yaml import limits
from roster.yaml.document import Document, read
from roster.yaml.line_index import Lines

Progress = Callable[[int, int], object]
"""Is told how many steps of a check are done, and how many there are."""


class _Reading:
    """What was read of one repository so far, and what was found in it."""

    at_most = limits.FINDINGS

    def __init__(self, repository: Tree, context: Context, schema: Schema, progress: Progress | None) -> None:
        self.repository, self.context, self.schema, self.progress = repository, context, schema, progress
        self.documents: dict[str, Document] = {}
        self.rosters: dict[str, Roster] = {}
        self.findings: list[Finding] = []

    def tell(self, done: int, total: int) -> None:
        if self.progress:
            self.progress(done, total)

    def document(self, path: str) -> Document:
        if path not in self.documents:
            self.documents[path] = read(path, self.repository.read(path), dates=DATE_KEYS)
        return self.documents[path]

    def apply(self, subject: Subject, to: Any, *, valid: bool = False) -> list[Finding]:
        return [
            finding
            for rule in RULES.values()
            if rule.subject is subject and not (valid and rule.schema_decides)
            for finding in rule.check(to, self.context)
        ]


def check(
    repository: Tree,
    today: date,
    progress: Progress | None = None,
    *,
    whole: bool = False,
    base: CheckResult | None = None,
) -> CheckResult:
    """Check every roster of a repository, all of them together, and the change that led here from a ``base``.

    Of a roster with very many mistakes some are told, or all (``whole``).

    A roster is two steps of progress: it is searched, and the places of its findings are looked up.

    Raises:
        ConfigurationError: a registry or a schema is broken, or a file cannot be read.
    """
    registries = load_registries(repository)
    schema = load_schema(repository, files.ROSTER_SCHEMA)
    stale = tuple(pointer for pointer, known in generated_lists(registries).items() if schema.at(pointer) != known)
    own_schema = f"../../{files.ROSTER_SCHEMA}" if repository.has(files.ROSTER_SCHEMA) else ""
    context = Context(registries, today, own_schema)
    reading = _Reading(repository, context, schema.with_names(registries), progress)
    if whole:
        reading.at_most = sys.maxsize
    known = registries.environments
    unknown = [name for name in repository.environment_folders() if name not in known]
    present = [name for name in [*known, *unknown] if repository.has(files.roster_path(name))]
    for done, environment in enumerate(present, start=1):
        _check_roster(reading, environment)
        reading.tell(done, 2 * len(present))
    steps = tuple(
        (reading.rosters[before], reading.rosters[after])
        for before, after in pairwise(known)
        if before in reading.rosters and after in reading.rosters
    )
    misnamed = {nearest(name, known) for name in unknown}
    missing = {name: index for index, name in enumerate(known) if name not in present and name not in misnamed}
    reading.findings += reading.apply(Subject.REPOSITORY, RepositoryView(steps, missing, stale))
    if base:
        removed = [name for name in base.rosters if name not in {*known, *present}]
        change = ChangeView(base.rosters, base.registries.environments, reading.rosters, removed)
        reading.findings += reading.apply(Subject.CHANGE, change)
    return _result(reading, [files.roster_path(name) for name in present])


def check_document(document: Document, environment: str, registries: Registries, today: date) -> CheckResult:
    """Check a roster that stands alone, under registries that are handed in and the toolkit's own JSON Schema.

    Rules across rosters do not run: there is only one. ``document``: readable, and has the path of a roster.
    """
    toolkit = files.toolkit_repository()
    schema = load_schema(toolkit, files.ROSTER_SCHEMA).with_names(registries)
    reading = _Reading(toolkit, Context(registries, today), schema, None)
    reading.documents[document.path] = document
    _check_roster(reading, environment)
    return _result(reading, [document.path])


def _check_roster(reading: _Reading, environment: str) -> None:
    path = files.roster_path(environment)
    document = reading.document(path)
    findings = [without_value(finding) for finding in document.findings]
    on_text = reading.apply(Subject.DOCUMENT, document)
    if document.readable:
        valid = reading.schema.accepts(document.value)
        misread, unclean = _pointers(findings), _pointers(on_text)
        explained, useless = ([], set()) if valid else reading.schema.explain(path, document.value, reading.at_most)
        roster = Roster.of(path, environment, document.value, misread | unclean | useless)
        reading.rosters[environment] = roster
        unknown = _pointers(finding for finding in explained if finding.rule == "unknown-key")
        told = misread - unknown | unclean
        found = explained + reading.apply(Subject.ROSTER, roster, valid=valid)
        findings = [finding for finding in findings if not _is_below(finding.place.pointer, unknown)]
        findings += [finding for finding in found if not _is_below(finding.place.pointer, told)]
    reading.findings += findings + on_text


def _pointers(findings: Iterable[Finding]) -> set[Pointer]:
    return {finding.place.pointer for finding in findings if finding.place.pointer}


def _is_below(pointer: Pointer, roots: set[Pointer]) -> bool:
    return bool(roots) and any(pointer[:length] in roots for length in range(1, len(pointer) + 1))


def _result(reading: _Reading, rosters: Sequence[str]) -> CheckResult:
    found = _located(reading, reading.findings, len(rosters))
    diagnostics: Set[Diagnostic] = found.keys()
    speaking = [document for document in map(reading.document, rosters) if MARK in document.text]
    if speaking:
        from roster.check import suppressions  # few rosters ignore anything

        diagnostics, findings = suppressions.apply(speaking, diagnostics)
        diagnostics |= _located(reading, findings).keys()
    lines = {path: Lines(masked(_text(reading, path))) for path in {diagnostic.path for diagnostic in diagnostics}}
    checked = (*rosters, files.FEATURES, files.FAMILIES, files.ENVIRONMENTS, files.ROSTER_SCHEMA)
    fixes = {diagnostic: fix for diagnostic, fix in found.items() if fix}
    return CheckResult(reading.context.registries, checked, tuple(sorted(diagnostics)), lines, reading.rosters, fixes)


def _located(reading: _Reading, findings: Iterable[Finding], steps: int = 0) -> dict[Diagnostic, tuple[Edit, ...]]:
    """Return findings as diagnostics, each with its exact span and without the secrets that it quotes, and its fix.

    ``steps``: how many of the check's steps were done before and are done here.
    """
    places = defaultdict(list)
    for finding in findings:
        places[finding.place.path].append(finding.place)
    spans: dict[Place, Span] = {}
    for done, (path, wanted) in enumerate(places.items(), start=1):
        spans |= reading.document(path).spans(wanted)
        if steps:
            reading.tell(steps + min(done, steps), 2 * steps)
    ids: dict[tuple[str, Pointer], str] = {
        (roster.path, (model.position,)): model.id if masked_sentence(model.name or "") == (model.name or "") else ""
        for roster in reading.rosters.values()
        if roster.path in places
        for model in roster
    }
    return {
        Diagnostic(
            finding.place.path,
            spans[finding.place],
            RULES[finding.rule].severity,
            finding.rule,
            masked_sentence(finding.message),
            masked_sentence(finding.hint),
            masked_sentence(finding.note),
            *_about(finding.place, ids),
        ): finding.fix
        for finding in findings
    }


def _text(reading: _Reading, path: str) -> str:
    return reading.document(path).text or reading.repository.read(path).decode("utf-8", "replace")


def _about(place: Place, ids: Mapping[tuple[str, Pointer], str]) -> tuple[str, str]:
    """Return the id of the model that a place belongs to, and the keys that lead to it within the model."""
    keys = ".".join(key for key in place.pointer[1:] if isinstance(key, str))
    return ids.get((place.path, place.pointer[:1]), ""), masked_sentence(keys)

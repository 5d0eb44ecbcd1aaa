"""The check of a repository: read its files, apply the schema and the rules, apply suppression comments."""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from datetime import date
from itertools import pairwise
from typing import Any

from roster.check.loading import load_registries, load_schema
from roster.check.result import Base, CheckResult
from roster.findings import Diagnostic, Edit, Finding, Pointer, Severity
from roster.model import DATE_KEYS
from roster.naming import closest_name
from roster.registries import (
    ENVIRONMENTS,
    FAMILIES,
    FEATURES,
    GATEWAY_MODELS,
    OPTIONAL_REGISTRIES,
    PROVIDER_FACTS,
    Registries,
)
from roster.repository import Tree, toolkit_repository
from roster.roster import ROSTER_SCHEMA, Roster, roster_path
from roster.rules.all_rules import RULES
from roster.rules.base.rule import ChangeView, Context, RepositoryView, Rule, Subject
from roster.rules.model_shape import missing_key
from roster.rules.suppression_comments import MARK
from roster.rules.texts import CONTENT_RULES
from roster.schema.validator import Schema, with_schema_hints
from roster.secret_redaction import redact_text, redact_value
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex
from roster.yaml.parser import MAX_FINDINGS

Progress = Callable[[int, int], object]
"""Receives how many steps of a check are done, and how many there are."""


class _Run:
    """The state of a check: the parsed files of a repository, and the findings so far."""

    def __init__(
        self,
        repository: Tree,
        context: Context,
        schema: Schema,
        progress: Progress | None = None,
        limit: int = MAX_FINDINGS,
    ) -> None:
        self.repository, self.context, self.schema, self.limit = repository, context, schema, limit
        self._progress = progress
        self.documents: dict[str, Document] = {}
        self.rosters: dict[str, Roster] = {}
        self.findings: list[Finding] = []

    def report_progress(self, done: int, total: int) -> None:
        if self._progress:
            self._progress(done, total)

    def document(self, path: str) -> Document:
        if path not in self.documents:
            self.documents[path] = parse(path, self.repository.read(path), dates=DATE_KEYS)
        return self.documents[path]

    def apply_rules(self, subject: str, target: Any) -> list[Finding]:
        rules = (rule for rule in RULES.values() if rule.subject is subject and not rule.schema_decides)
        return [finding for rule in rules for finding in self.apply(rule, target)]

    def apply_roster_rules(self, roster: Roster, invalid: Collection[int]) -> list[Finding]:
        """Apply the rules on a roster, those that repeat the schema only to the models that are invalid under it."""
        rejected = roster.with_models(model for model in roster if model.position in invalid)
        targets = {True: rejected, False: roster}
        rules = (rule for rule in RULES.values() if rule.subject is Subject.ROSTER)
        return [finding for rule in rules for finding in self.apply(rule, targets[rule.schema_decides])]

    def apply(self, rule: Rule, target: Any) -> Iterator[Finding]:
        """Yield a rule's findings, up to the limit for each file; one more says that the others are not reported."""
        counts: Counter[str] = Counter()
        for finding in rule.check(target, self.context):
            path = finding.place.path
            counts[path] += 1
            if counts[path] <= self.limit:
                yield finding
            elif counts[path] == self.limit + 1:
                from roster.schema.violations import too_many  # few files have so many findings

                more = too_many(path, self.limit, f"findings of {rule.name}")
                yield more if rule.severity is Severity.ERROR else more._replace(rule=rule.name)
            if counts[path] > self.limit and rule.subject in (Subject.DOCUMENT, Subject.ROSTER):
                return  # these have a single file


def check(
    repository: Tree,
    today: date,
    progress: Progress | None = None,
    *,
    unlimited: bool = False,
    base: Base | None = None,
) -> CheckResult:
    """Check all rosters of a repository, each and together, and the change from ``base``.

    Args:
        progress: is called twice for each roster: after its check, and after its findings were located.
        unlimited: whether to report all findings rather than a thousand of each rule, and of the schema, in a file.
        base: the version to compare with; without it, rules on changes do not run.

    Raises:
        ConfigurationError: a registry or a schema is broken, or a file cannot be read.
    """
    registries = load_registries(repository)
    schema = load_schema(repository, ROSTER_SCHEMA, registries)
    limit = sys.maxsize if unlimited else MAX_FINDINGS
    schema_link = f"../../{ROSTER_SCHEMA}" if repository.has(ROSTER_SCHEMA) else ""
    context = Context(registries, today, schema_link, before=base.result.rosters if base else {})
    run = _Run(repository, context, schema, progress, limit)
    undeclared = [name for name in repository.environment_folders() if name not in registries.environments]
    present = [name for name in [*registries.environments, *undeclared] if repository.has(roster_path(name))]
    for done, environment in enumerate(present, start=1):
        _check_roster(run, environment)
        run.report_progress(done, 2 * len(present))
    run.findings += run.apply_rules(Subject.REPOSITORY, _repository_view(run, present, undeclared))
    if base:
        run.findings += run.apply_rules(Subject.CHANGE, _change_view(run, base, present))
    return _result(run, [roster_path(name) for name in present])


def check_document(document: Document, environment: str, registries: Registries, today: date) -> CheckResult:
    """Check a single roster under the given registries and the toolkit's own JSON Schema, without rules across rosters.

    ``document`` must be readable and have the path of a roster.
    """
    toolkit = toolkit_repository()
    schema = load_schema(toolkit, ROSTER_SCHEMA, registries)
    run = _Run(toolkit, Context(registries, today), schema)
    run.documents[document.path] = document
    _check_roster(run, environment)
    return _result(run, [document.path])


def _check_roster(run: _Run, environment: str) -> None:
    path = roster_path(environment)
    document = run.document(path)
    reader_findings = [redact_value(finding) for finding in document.findings]
    valid = document.readable and run.schema.is_valid(document.value)
    if not valid and (foreign := _foreign_file(document)):
        _report_foreign_file(run, document, environment, foreign)
        return
    invalid_items = set(run.schema.invalid_items(document.value)) if document.readable and not valid else set()
    run.context = run.context._replace(invalid=invalid_items)
    text_findings = run.apply_rules(Subject.DOCUMENT, document)
    if document.readable:
        text_findings = _without_misread(text_findings, _pointers(reader_findings))
        misread, unclean = _pointers(reader_findings), _pointers(text_findings)
        explain = run.schema.explain
        schema_findings, invalid = ([], set()) if valid else explain(path, document.value, run.limit, misread)
        reader_findings = with_schema_hints(reader_findings, schema_findings)
        unusable = misread | unclean | invalid
        roster = Roster.of(path, environment, document.value, unusable, run.context.registries)
        run.rosters[environment] = roster
        required = {(each.place, each.message) for each in schema_findings}  # by a repository's own schema
        missing = run.apply(missing_key, roster)
        schema_findings += (each for each in missing if (each.place, each.message) not in required)
        findings = schema_findings + run.apply_roster_rules(roster, invalid_items)
        # one cause, one finding: below an unknown key the schema's counts, below other reported values the reader's
        unknown = _pointers(finding for finding in schema_findings if finding.rule == "unknown-key")
        run.findings += _outside(unknown, reader_findings) + _outside(misread - unknown | unclean, findings)
    else:
        run.findings += reader_findings
    run.findings += text_findings


def _foreign_file(document: Document) -> Finding | None:
    from roster.schema.foreign_files import foreign_file, foreign_text  # most rosters are valid

    if document.readable:
        return foreign_file(document.path, document.value, document.text)
    return foreign_text(document.path, document.text)


def _report_foreign_file(run: _Run, document: Document, environment: str, finding: Finding) -> None:
    """Report what a file is instead of a roster; of other findings, only secrets matter."""
    roster = Roster(document.path, environment, (), complete=False)
    if document.readable:
        run.rosters[environment] = roster
    run.findings += [finding, *RULES["secret-in-roster"].check(document, run.context)]
    run.findings += RULES["unknown-environment"].check(roster, run.context)


def _pointers(findings: Iterable[Finding]) -> set[Pointer]:
    return {finding.place.pointer for finding in findings if finding.place.pointer}


def _without_misread(findings: Iterable[Finding], misread: Set[Pointer]) -> list[Finding]:
    """Return the findings of rules on texts without those on the content of a text that was not read as intended."""
    return [each for each in findings if each.rule not in CONTENT_RULES or each.place.pointer not in misread]


def _outside(roots: Set[Pointer], findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are neither at one of the pointers nor below it."""
    return [finding for finding in findings if not _is_below(finding.place.pointer, roots)]


def _is_below(pointer: Pointer, roots: Set[Pointer]) -> bool:
    return bool(roots) and any(pointer[:length] in roots for length in range(1, len(pointer) + 1))


def _repository_view(run: _Run, present: Sequence[str], undeclared: Iterable[str]) -> RepositoryView:
    path = run.context.registries.environments
    steps = tuple(
        (run.rosters[before], run.rosters[after])
        for before, after in pairwise(path)
        if before in run.rosters and after in run.rosters
    )
    misnamed = {closest_name(name, path) for name in undeclared}
    missing = {name: index for index, name in enumerate(path) if name not in present and name not in misnamed}
    stale = run.schema.stale_lists if run.repository.has(ROSTER_SCHEMA) else ()  # the toolkit's has its own names
    return RepositoryView(steps, missing, stale)


def _change_view(run: _Run, base: Base, present: Sequence[str]) -> ChangeView:
    remaining = {*run.context.registries.environments, *present}
    before = {
        name: base.result.rosters.get(name) or Roster(roster_path(name), name, (), complete=False)
        for name in base.result.environments
    }
    removed = [name for name in before if name not in remaining]
    policies = base.result.registries.environments
    return ChangeView(before, policies, run.rosters, removed, base.trial_start, base.former_models, base.today)


def _result(run: _Run, rosters: Sequence[str]) -> CheckResult:
    with_comments = [document for document in map(run.document, rosters) if MARK in document.text]
    diagnostics = _diagnostics(run, len(rosters), with_comments) if run.findings or with_comments else {}
    lines = {path: LineIndex(redact_text(_text(run, path))) for path in {diagnostic.path for diagnostic in diagnostics}}
    own = [path for path in (*OPTIONAL_REGISTRIES, GATEWAY_MODELS, PROVIDER_FACTS) if run.repository.has(path)]
    checked = (*rosters, FEATURES, FAMILIES, *own, ENVIRONMENTS, ROSTER_SCHEMA)
    fixes = {diagnostic: edits for diagnostic, edits in diagnostics.items() if edits}
    texts = {path: run.document(path).text for path in rosters}
    if run.repository.has(FEATURES):
        texts[FEATURES] = run.repository.read(FEATURES).decode(
            "utf-8-sig", "replace"
        )  # parsed already, or in the cache
    return CheckResult(run.context.registries, checked, tuple(sorted(diagnostics)), lines, run.rosters, fixes, texts)


def _diagnostics(run: _Run, total: int, with_comments: Collection[Document]) -> dict[Diagnostic, tuple[Edit, ...]]:
    """Return the findings that no suppression comment suppresses as diagnostics, each with its fix."""
    from roster.check.locate import located  # most checks find nothing

    def report_located(done: int) -> None:
        run.report_progress(total + min(done, total), 2 * total)

    diagnostics = located(run.findings, run.document, run.rosters.values(), report_located)
    if with_comments:
        from roster.check import suppressions  # few rosters have suppression comments

        remaining, findings = suppressions.apply(with_comments, diagnostics.keys())
        diagnostics = {diagnostic: diagnostics[diagnostic] for diagnostic in remaining}
        diagnostics |= located(findings, run.document, run.rosters.values())
    return _without_consequences(diagnostics)


def _without_consequences(diagnostics: dict[Diagnostic, tuple[Edit, ...]]) -> dict[Diagnostic, tuple[Edit, ...]]:
    """Leave out what another finding explains: one cause, one finding."""
    reported = {(each.rule, each.path, each.span) for each in diagnostics}
    return {each: fix for each, fix in diagnostics.items() if reported.isdisjoint(each.implied_by)}


def _text(run: _Run, path: str) -> str:
    return run.document(path).text or run.repository.read(path).decode("utf-8", "replace")

"""From findings to diagnostics: exact spans, the model and the key concerned, and no secrets."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from functools import lru_cache

from roster.findings import Diagnostic, Edit, Finding, Place, Pointer, Span
from roster.roster import Roster
from roster.rules.all_rules import RULES
from roster.secret_redaction import redact_message
from roster.yaml.document import Document


def located(
    findings: Collection[Finding],
    document: Callable[[str], Document],
    rosters: Collection[Roster],
    progress: Callable[[int], None] = lambda _: None,
) -> dict[Diagnostic, tuple[Edit, ...]]:
    """Return the findings as diagnostics, each with its fix.

    Args:
        document: returns the file at a path.
        progress: receives how many files are done.
    """
    spans = _spans(findings, document, progress)
    ids = _model_ids(rosters, {(place.path, *place.pointer[:1]) for place in spans})
    redact = lru_cache(maxsize=1024)(redact_message)  # most findings of a rule have the same key, hint and note
    return {
        Diagnostic(
            finding.place.path,
            spans[finding.place],
            RULES[finding.rule].severity,
            finding.rule,
            redact(finding.message_with_line(spans)),
            redact(finding.hint),
            redact(finding.note),
            model=ids.get((finding.place.path, *finding.place.pointer[:1]), ""),
            key=redact(_key(finding.place.pointer)),
            implied_by=tuple((rule, place.path, spans[place]) for rule, place in finding.implied_by),
        ): finding.fix
        for finding in findings
    }


def _spans(
    findings: Iterable[Finding], document: Callable[[str], Document], progress: Callable[[int], None]
) -> dict[Place, Span]:
    places = defaultdict(list)
    for finding in findings:
        for place in filter(None, (finding.place, finding.first, *(place for _, place in finding.implied_by))):
            places[place.path].append(place)
    spans: dict[Place, Span] = {}
    for done, (path, in_file) in enumerate(places.items(), start=1):
        spans |= document(path).spans(in_file)
        progress(done)
    return spans


def _model_ids(rosters: Iterable[Roster], items: Set[tuple[str | int, ...]]) -> Mapping[tuple[str | int, ...], str]:
    """Return the ids of models by file and position; an id that is derived from a secret is empty."""
    return {
        (roster.path, model.position): model.id if redact_message(model.name or "") == (model.name or "") else ""
        for roster in rosters
        for model in roster
        if (roster.path, model.position) in items
    }


def _key(pointer: Pointer) -> str:
    """Return the keys from a model to a value in it, joined by dots."""
    return ".".join(key for key in pointer[1:] if isinstance(key, str))

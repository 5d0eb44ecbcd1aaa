"""Acceptance of a roster: loaded, validated against schema and rules as in CI, and rendered in memory.

Errors reject the roster, with these exceptions:

- errors that a suppression comment in the roster covers, if the rule can be suppressed;
- ``unknown-feature`` and ``unknown-family`` for well-formed names, which may be newer than this gateway;
- ``feature-without-model`` and the policies of environments: only the repository knows which features are required;
- ``retired-model-still-default``: an accepted roster must not become invalid because a day passes. Like the artifacts,
  the list continues without the model and without the default;
- rules across rosters, because there is only one; rules on providers, because only the repository has their registry.
  A roster must have every ``endpoint`` and ``api-key`` for the same reason: a provider of the toolkit's registry might
  supply others than the repository's.

Unknown keys reject a roster, because it has no ``format`` that says whether they can be ignored.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from roster.accept.accepted_list import AcceptedList
from roster.accept.artifact_schema import validate_schema
from roster.accept.toolkit_registries import ENVIRONMENT, registries_for
from roster.check.pipeline import check_document
from roster.download.rejection import Rejected
from roster.findings import Diagnostic, Severity
from roster.model import DATE_KEYS, SUPPLIED_KEYS
from roster.publishing.sequence import UNVERSIONED
from roster.render import gateway_json
from roster.roster import roster_path
from roster.secret_redaction import redact_message
from roster.yaml.document import Document, parse
from roster.yaml.parser import MAX_BYTES

_NOT_APPLIED = frozenset({"retired-model-still-default"})
_REASONS: Mapping[str, str] = MappingProxyType(
    {"yaml-encoding": "not-text", "empty-roster": "no-models", "no-model-left": "no-models"}
)
"""Rejection reasons by rule, for rules with a reason other than the usual one."""


def parse_document(body: bytes) -> Document:
    """Load a roster.

    Raises:
        Rejected: it is not the YAML of a roster.
    """
    if len(body) > MAX_BYTES:
        raise Rejected("too-large", f"it has {len(body):,} bytes, but a roster has at most {MAX_BYTES:,}")
    document = parse(roster_path(ENVIRONMENT), body, dates=DATE_KEYS)
    for finding in document.findings:
        span = document.spans([finding.place])[finding.place]
        message = f"line {span.line}: {redact_message(finding.message)} [{finding.rule}]"
        raise Rejected(_REASONS.get(finding.rule, "not-parsed"), message)
    return document


def accept_roster(body: bytes, document: Document, *, on: date, private_endpoints: bool) -> AcceptedList:
    """Accept a roster, with the retirements that are in effect on a date.

    Raises:
        Rejected: it is not a roster, or has an error.
    """
    if document.value is None:
        raise Rejected("empty", "it contains only whitespace and comments")
    if not isinstance(document.value, list):
        raise Rejected("wrong-shape", "it is not a list of models")
    result = check_document(document, ENVIRONMENT, registries_for(document.value), on)
    ignored = _NOT_APPLIED | ({"private-endpoint"} if private_endpoints else set())
    errors = [
        diagnostic
        for diagnostic in result.diagnostics
        if diagnostic.severity is Severity.ERROR and diagnostic.rule not in ignored
    ]
    if errors:
        raise _rejection(errors)
    envelope = gateway_json.build_envelope(result.rosters[ENVIRONMENT], on, UNVERSIONED, result.registries)
    validate_schema("gateway", envelope)
    unversioned = {key: value for key, value in envelope.items() if key not in ("environment", "revision", "sequence")}
    return AcceptedList.of("roster", unversioned, body)


def _rejection(errors: list[Diagnostic]) -> Rejected:
    first = errors[0]
    more = f", and {len(errors) - 1:,} more" if len(errors) > 1 else ""
    message = f"line {first.span.line}: {first.message} [{first.rule}]{more}"
    if first.rule == "missing-key" and first.message.endswith(tuple(f'"{key}"' for key in SUPPLIED_KEYS)):
        message += "; if its provider supplies it, download gateway.json instead of the roster"
    return Rejected(_REASONS.get(first.rule, "rule-broken"), message)

"""A roster as contents: read by the project's own loader, held to its JSON Schema and rules, rendered in memory.

Its errors refuse it, as in CI, but for these:

- what a comment in the roster ignores, where ``roster check`` lets it;
- ``unknown-feature`` and ``unknown-family``, where the name is well-formed: it may be newer than this gateway;
- ``feature-without-model``, and what environments allow: which features are required, and each policy, is the
  repository's to say, and a gateway has none;
- ``retired-model-still-default``: a day that passes must not turn what was accepted into what is refused. The list goes
  on without the model and without the default, as the artifacts do;
- rules across rosters, of which there is one.

An unknown key does refuse a roster: it has no ``format`` that would say whether the key can be left out.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from roster.accept.accepted_list import AcceptedList
from roster.accept.json_artifact import hold_to_schema
from roster.accept.toolkit_registries import ENVIRONMENT, registries_for
from roster.check.pipeline import check_document
from roster.download.rejection import Rejected
from roster.findings import Diagnostic, Severity
from roster.publishing.sequence import UNVERSIONED
from roster.render import gateway_json
from roster.render.offered_models_json import as_lines
from roster.repository import roster_path
from roster.roster import DATE_KEYS
from roster.secret_patterns import redact_message
from roster.yaml.document import Document, parse
from roster.yaml.parser import MAX_BYTES

_NOT_HERE = frozenset({"retired-model-still-default"})
_NAMES: Mapping[str, str] = MappingProxyType(
    {"yaml-encoding": "not-text", "empty-roster": "no-models", "no-model-left": "no-models"}
)
"""The names of refusals, by the rule that finds the cause, where they are not those of all others."""


def parse_document(body: bytes) -> Document:
    """Return a download as the project's own loader reads it.

    Raises:
        Rejected: it is not YAML as rosters are.
    """
    if len(body) > MAX_BYTES:
        raise Rejected("too-large", f"it has {len(body):,} bytes, and a roster has {MAX_BYTES:,} at most")
    document = parse(roster_path(ENVIRONMENT), body, dates=DATE_KEYS)
    for finding in document.findings:
        span = document.spans([finding.place])[finding.place]
        message = f"{redact_message(finding.message)}, in line {span.line} [{finding.rule}]"
        raise Rejected(_NAMES.get(finding.rule, "not-parsed"), message)
    return document


def accept_roster(body: bytes, document: Document, *, on: date, private_endpoints: bool) -> AcceptedList:
    """Return what a roster says on a day.

    Raises:
        Rejected: it is no roster, or a rule finds an error in it.
    """
    if document.value is None:
        raise Rejected("empty", "it holds nothing but white space and comments")
    if not isinstance(document.value, list):
        raise Rejected("wrong-shape", "it is not a list of models")
    result = check_document(document, ENVIRONMENT, registries_for(document.value), on)
    passing = _NOT_HERE | ({"private-endpoint"} if private_endpoints else set())
    errors = [found for found in result.diagnostics if found.severity is Severity.ERROR and found.rule not in passing]
    if errors:
        raise _refusal(errors)
    envelope = gateway_json.envelope(result.rosters[ENVIRONMENT], on, UNVERSIONED, result.registries)
    hold_to_schema("gateway", envelope)
    of_it = {key: value for key, value in envelope.items() if key not in ("environment", "revision", "sequence")}
    list_bytes = f"{as_lines(envelope['offered_models'])}\n".encode()
    return AcceptedList.of("roster", of_it, list_bytes, body)


def _refusal(errors: list[Diagnostic]) -> Rejected:
    first = errors[0]
    more = f", and {len(errors) - 1:,} more" if len(errors) > 1 else ""
    message = f"{first.message}, in line {first.span.line} [{first.rule}]{more}"
    return Rejected(_NAMES.get(first.rule, "rule-broken"), message)

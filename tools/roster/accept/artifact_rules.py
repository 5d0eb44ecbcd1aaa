"""Rules for downloaded artifacts: the rosters' rules that apply to artifacts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from roster.accept.toolkit_registries import registries_for
from roster.download.rejection import Rejected
from roster.findings import Finding, Severity
from roster.roster import Roster, roster_path
from roster.rules.all_rules import RULES
from roster.rules.base.rule import Context, Subject
from roster.secret_redaction import redact_message
from roster.yaml.document import Document

_TEXT_RULES = ("secret-in-roster", "invisible-character", "confusable-character")
_RULES_DESPITE_SUPPRESSION = ("default-not-offered", "private-endpoint")
"""Rules that a roster can suppress but that apply to artifacts. No renderer breaks the first; the operator's settings
decide about the second."""


def apply_rules(
    text: str, envelope: Mapping[str, Any], on: date, *, private_endpoints: bool = False, more: Sequence[Any] = ()
) -> None:
    """Apply the rules to an artifact.

    Args:
        text: the artifact.
        envelope: the keys of ``gateway.json`` that it has.
        more: further values with visible text, under the keys of a roster; those of suspensions are included.

    Raises:
        Rejected: a rule reports a finding.
    """
    for finding in _findings(text, envelope, on, more):
        if finding.rule != "private-endpoint" or not private_endpoints:
            raise Rejected("rule-broken", f"{redact_message(finding.message)} [{finding.rule}]")


def _findings(text: str, envelope: Mapping[str, Any], on: date, more: Sequence[Any]) -> Iterator[Finding]:
    models = models_as_in_roster(envelope)
    if "\\" in text:
        text = json.dumps(envelope, ensure_ascii=False)  # decode escapes, which hide characters
    path = roster_path("production")
    suspensions = [{"suspended": {"reason": each["reason"]}} for each in envelope.get("suspended", ())]
    document, roster = Document(path, text, [*models, *more, *suspensions], True), Roster.of(path, "production", models)
    context = Context(registries_for(models), on)
    for name in _TEXT_RULES:
        yield from RULES[name].check(document, context)
    for rule in RULES.values():
        applies = not rule.ignorable or rule.name in _RULES_DESPITE_SUPPRESSION
        if applies and rule.severity is Severity.ERROR and rule.subject is Subject.ROSTER:
            yield from rule.check(roster, context)


def models_as_in_roster(envelope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the models with the keys of a roster. Their name is their id, because display names need not be unique."""
    routes = envelope.get("routes", {})
    defaults: dict[str, list[str]] = {}
    for feature, id_ in envelope.get("defaults", {}).items():
        defaults.setdefault(id_, []).append(feature)
    return [
        {
            "name": model["id"],
            "id": model["id"],
            "display_name": model["name"],
            "release_state": model["release_state"],
            "features": model["features"],
            "default_for": defaults.get(model["id"], []),
        }
        | {key.replace("api_key", "api-key"): value for key, value in routes.get(model["id"], {}).items()}
        for model in envelope["offered_models"]
    ]

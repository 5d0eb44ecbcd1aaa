"""``gateway.json`` and ``offered_models.json`` as contents: each held to its JSON Schema, to itself, and to rules.

Keys that the schema does not know are left out, and never served: ``format`` grows when an older gateway could misread
the rest, so as long as it has not grown, nothing is lost that this gateway needs.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from roster.accept.accepted_list import AcceptedList, AcceptedModel
from roster.accept.toolkit_registries import registries_for, schema_part
from roster.download.rejection import Rejected
from roster.findings import Finding, Severity
from roster.naming import quote
from roster.render.definitions_json import definitions
from roster.render.gateway_json import FORMAT
from roster.render.offered_models_json import as_lines
from roster.repository import roster_path, toolkit_file
from roster.roster import Roster
from roster.rules.all_rules import RULES
from roster.rules.rule import Context, Subject
from roster.schema.validator import is_date
from roster.secret_patterns import redact_message
from roster.yaml.document import Document

_TEXT_RULES = ("secret-in-roster", "invisible-character", "confusable-character")
_SHOWS_IN_AN_ARTIFACT = ("default-not-offered", "private-endpoint")
"""Rules that a comment in a roster can ignore. No renderer writes the first; of the second the operator decides."""


def accept_artifact(body: bytes, text: str, value: Any, *, on: date, private_endpoints: bool) -> AcceptedList:
    """Return what an artifact says. ``text`` is the artifact, ``value`` what it parses to.

    Raises:
        Rejected: it is no artifact, or contradicts itself or a rule.
    """
    kind, envelope = ("gateway", value) if isinstance(value, dict) else ("offered_models", {"offered_models": value})
    if kind == "gateway" and type(value.get("format")) is int and value["format"] != FORMAT:
        raise Rejected("unknown-format", f"its format is {value['format']}, and this gateway reads {FORMAT}")
    if envelope.get("offered_models") == []:
        raise Rejected("no-models", "its list of models is empty")
    hold_to_schema(kind, value)
    for contradiction in _contradictions(envelope) if kind == "gateway" else ():
        raise Rejected("rule-broken", redact_message(contradiction))
    hold_to_rules(text, envelope, on, private_endpoints=private_endpoints)
    listed = [{key: model[key] for key in AcceptedModel._fields} for model in envelope["offered_models"]]
    as_published = kind == "offered_models" and listed == value
    list_bytes = (text if as_published else f"{as_lines(listed)}\n").encode()
    if "definitions" not in envelope:
        models = _as_in_a_roster(envelope)
        roster = Roster.of("", "", models)
        made = definitions(roster, on, registries_for(models))
        envelope = {**envelope, "definitions": made | {"retired": envelope.get("retired", [])}}
    return AcceptedList.of("gateway" if kind == "gateway" else "offered_models", envelope, list_bytes, body)


def hold_to_schema(kind: str, value: Any) -> None:
    """Hold a value to the JSON Schema of an artifact; no message quotes it, since what is misplaced may be a key.

    Raises:
        Rejected: it is not valid.
    """
    from jsonschema_rs import ValidationError

    try:
        _validator(kind).validate(value)
    except ValidationError as error:
        *_, last = ("it", *(quote(key) for key in error.instance_path if isinstance(key, str)))
        *place, keyword = error.schema_path
        part = schema_part(kind, tuple(place))
        expected = part.get("errorMessage") or part.get("title", keyword).lower()
        missing = getattr(error.kind, "property", None)
        told = f"{last} lacks {quote(missing)}" if missing else f"{last} is wrong; expected: {expected}"
        raise Rejected("wrong-shape", redact_message(told)) from None


def hold_to_rules(
    text: str, envelope: Mapping[str, Any], on: date, *, private_endpoints: bool = False, told: Sequence[Any] = ()
) -> None:
    """Hold an artifact to rules. ``told`` is what people read of it beside its models, under the keys of a roster.

    Raises:
        Rejected: one finds something.
    """
    for finding in _findings(text, envelope, on, told):
        if finding.rule != "private-endpoint" or not private_endpoints:
            raise Rejected("rule-broken", f"{redact_message(finding.message)} [{finding.rule}]")


@cache
def _validator(kind: str) -> Any:
    import jsonschema_rs

    schema = json.loads(toolkit_file(f"{kind}.schema.json").read_bytes(), object_hook=_open)
    if kind == "definitions":
        # GitLab's own gateway has a version of GitLab there, or no value
        schema["$defs"] |= {key: {"type": ["string", "null"]} for key in ("deprecation_date", "removal_version")}
    return jsonschema_rs.validator_for(schema, validate_formats=True, formats={"date": is_date})


def _open(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema so that it lets unknown keys pass."""
    return {key: value for key, value in part.items() if (key, value) != ("additionalProperties", False)}


def _contradictions(envelope: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each two parts of an envelope that do not fit together."""
    offered = {model["id"]: model["features"] for model in envelope["offered_models"]}
    routes = envelope["routes"]
    yield from (f"{quote(id_)} is offered, but has no route" for id_ in offered if id_ not in routes)
    yield from (f"{quote(id_)} has a route, but is not offered" for id_ in routes if id_ not in offered)
    for feature, id_ in envelope["defaults"].items():
        if id_ not in offered:
            yield f"the default of {quote(feature)} is {quote(id_)}, which is not offered"
    defined = {model["identifier"] for model in envelope.get("definitions", {"models": ()})["models"]}
    if "definitions" in envelope and defined != offered.keys():
        other = quote(sorted(defined ^ offered.keys())[0])
        yield f"{other} is in only one of the list and the definitions"
    yield from stones_that_contradict(envelope)
    if envelope.get("definitions", {}).get("retired", envelope["retired"]) != envelope["retired"]:
        yield "its definitions tell of other retired models than it does itself"


def stones_that_contradict(envelope: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each tombstone that does not fit what is offered."""
    offered = {model["id"]: model["features"] for model in envelope["offered_models"]}
    gone = {stone["id"] for stone in envelope["retired"]}
    for stone in envelope["retired"]:
        id_, heir = stone["id"], stone["replacement"]
        if heir == id_ or heir not in offered.keys() | gone:
            yield f"{quote(id_)} is retired, and its replacement {quote(heir)} is no other model of this list"
        served = offered.get(id_, ())
        if any(feature in served for feature in stone.get("features", served)):
            yield f"{quote(id_)} is retired, and still offered"


def _findings(text: str, envelope: Mapping[str, Any], on: date, told: Sequence[Any]) -> Iterator[Finding]:
    """Yield what rules find in an artifact.

    Those count that no comment in a roster can ignore, and two more that an artifact itself can break.
    """
    models = _as_in_a_roster(envelope)
    if "\\" in text:
        text = json.dumps(envelope, ensure_ascii=False)  # an escape hides what it makes
    path = roster_path("production")
    document, roster = Document(path, text, [*models, *told], True), Roster.of(path, "production", models)
    context = Context(registries_for(models), on)
    for name in _TEXT_RULES:
        yield from RULES[name].check(document, context)
    for rule in RULES.values():
        counts = rule.severity is Severity.ERROR and (not rule.ignorable or rule.name in _SHOWS_IN_AN_ARTIFACT)
        if rule.subject is Subject.ROSTER and counts:
            yield from rule.check(roster, context)


def _as_in_a_roster(envelope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an envelope's models as a roster has them. Each is named by its id: two may be shown by one name."""
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

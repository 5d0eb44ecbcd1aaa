"""Acceptance of ``gateway.json`` and ``offered_models.json``: schema, consistency and rules.

Keys that the schema does not know are ignored and never served. The ``format`` is raised when an older gateway could
misread a new version, so as long as it is not raised, ignoring unknown keys loses nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from roster.accept.accepted_list import AcceptedList, AcceptedModel
from roster.accept.artifact_rules import apply_rules, models_as_in_roster
from roster.accept.artifact_schema import validate_schema
from roster.accept.contradictions import list_contradictions, reject_contradictions
from roster.accept.toolkit_registries import registries_for
from roster.download.rejection import Rejected
from roster.naming import quote
from roster.render.definitions_json import build_definitions
from roster.render.gateway_json import FORMAT
from roster.render.unoffered_ids import UNOFFERED_ID_KEYS
from roster.roster import Roster

_KEY_NAMES = {
    "retired": "retired models",
    "retired_without_replacement": "retired models without a replacement",
    "suspended": "suspended models",
    "aliases": "aliases",
}


def accept_artifact(body: bytes, text: str, value: Any, *, on: date, private_endpoints: bool) -> AcceptedList:
    """Accept an artifact. ``text`` is the decoded body, ``value`` the parsed text.

    Raises:
        Rejected: it is not a valid artifact, contradicts itself or breaks a rule.
    """
    is_gateway = isinstance(value, dict)
    envelope = value if is_gateway else {"offered_models": value}
    if is_gateway and type(value.get("format")) is int and value["format"] != FORMAT:
        raise Rejected("unknown-format", f"its format is {value['format']}, but this version reads format {FORMAT}")
    if envelope.get("offered_models") == []:
        raise Rejected("no-models", "its list of models is empty")
    validate_schema("gateway" if is_gateway else "offered_models", value)
    if is_gateway:
        reject_contradictions(_contradictions(envelope))
    apply_rules(text, envelope, on, private_endpoints=private_endpoints)
    models = [{key: model[key] for key in AcceptedModel._fields} for model in envelope["offered_models"]]
    # The published bytes are served as they are, unless they have unknown keys.
    list_bytes = body if models == value else None
    if "definitions" not in envelope:
        envelope = {**envelope, "definitions": _render_definitions(envelope, on)}
    return AcceptedList.of("gateway" if is_gateway else "offered_models", envelope, body, list_bytes)


def _render_definitions(envelope: Mapping[str, Any], on: date) -> dict[str, Any]:
    models = models_as_in_roster(envelope)
    rendered = build_definitions(Roster.of("", "", models), on, registries_for(models))
    return rendered | {"retired": []} | {key: envelope[key] for key in UNOFFERED_ID_KEYS if key in envelope}


def _contradictions(envelope: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each contradiction within ``gateway.json``."""
    offered = {model["id"]: model for model in envelope["offered_models"]}
    routes = envelope["routes"]
    yield from (f"{quote(id_)} is offered, but has no route" for id_ in offered if id_ not in routes)
    yield from (f"{quote(id_)} has a route, but is not offered" for id_ in routes if id_ not in offered)
    for feature, id_ in envelope["defaults"].items():
        if id_ not in offered:
            yield f"the default of {quote(feature)} is {quote(id_)}, which is not offered"
    if "definitions" in envelope:
        defined = {model["identifier"] for model in envelope["definitions"]["models"]}
        for id_ in sorted(defined ^ offered.keys()):
            yield f"{quote(id_)} is not in both the list and the definitions"
    yield from list_contradictions(envelope)
    definitions = envelope.get("definitions", {})
    for key in UNOFFERED_ID_KEYS if "retired" in definitions else ():
        if definitions.get(key) != envelope.get(key):
            yield f"its {_KEY_NAMES[key]} differ from those of its definitions"

"""``gateway.json``: the list and what else a gateway needs, in one envelope."""

import json
from datetime import date
from typing import Any

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render.definitions_json import build_definitions
from roster.render.offered_models_json import format_json_list, offered_models
from roster.render.tombstones import tombstones
from roster.roster import Model, Roster

FORMAT = 1
"""The version of the envelope. Raise it when an older gateway could misread a new version."""


def render(roster: Roster, on: date, publication: Publication, registries: Registries) -> bytes:
    """Render the envelope, with one line per key and per offered model."""
    parts = build_envelope(roster, on, publication, registries).items()
    lines = (f"{json.dumps(key)}: {_format(key, value)}" for key, value in parts)
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def build_envelope(roster: Roster, on: date, publication: Publication, registries: Registries) -> dict[str, Any]:
    """Return the content of the artifact, as described by its JSON Schema."""
    return {
        "format": FORMAT,
        "environment": roster.environment,
        "revision": publication.revision,
        "sequence": publication.sequence,
        "offered_models": offered_models(roster, on),
        "routes": {model.id: _route(model) for model in roster if model.offered_features(on)},
        "defaults": roster.default_ids(on),
        "retired": tombstones(roster, on),
        "definitions": build_definitions(roster, on, registries),
    }


def _format(key: str, value: Any) -> str:
    return format_json_list(value) if key == "offered_models" else json.dumps(value, ensure_ascii=False)


def _route(model: Model) -> dict[str, Any]:
    return {
        "identifier": model.identifier,
        "endpoint": model.endpoint,
        "api_key": model.api_key,
        "family": model.family,
    }

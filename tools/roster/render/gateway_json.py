"""``gateway.json``: what a gateway needs beyond the list, in one envelope."""

import json
from datetime import date
from typing import Any

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render.definitions_json import definitions
from roster.render.offered_models_json import as_lines, offered
from roster.render.tombstones import retired
from roster.roster import Model, Roster

FORMAT = 1
"""The version of the envelope. It grows when an older gateway could misread the rest."""


def render(roster: Roster, on: date, publication: Publication, registries: Registries) -> bytes:
    """Return the envelope: one line for each of its keys, and for each model of the list."""
    parts = envelope(roster, on, publication, registries).items()
    lines = (f"{json.dumps(key)}: {_as_json(key, value)}" for key, value in parts)
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def envelope(roster: Roster, on: date, publication: Publication, registries: Registries) -> dict[str, Any]:
    """Return what the artifact says, as its JSON Schema describes it."""
    return {
        "format": FORMAT,
        "environment": roster.environment,
        "revision": publication.revision,
        "sequence": publication.sequence,
        "offered_models": offered(roster, on),
        "routes": {model.id: _route(model) for model in roster if model.offered_features(on)},
        "defaults": roster.default_ids(on),
        "retired": retired(roster, on),
        "definitions": definitions(roster, on, registries),
    }


def _as_json(key: str, value: Any) -> str:
    return as_lines(value) if key == "offered_models" else json.dumps(value, ensure_ascii=False)


def _route(model: Model) -> dict[str, Any]:
    return {
        "identifier": model.identifier,
        "endpoint": model.endpoint,
        "api_key": model.api_key,
        "family": model.family,
    }

"""``gateway.json``: the list and what else a gateway needs, in one envelope."""

from datetime import date
from typing import Any

from roster.model import Model
from roster.providers import AMBIENT
from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render.definitions_json import build_definitions, model_facts
from roster.render.offered_models_json import format_json_object, offered_models
from roster.render.unoffered_ids import UNOFFERED_ID_KEYS
from roster.roster import Roster

FORMAT = 1
"""The version of the envelope. Raise it when an older gateway could misread a new version."""
_ROUTE_FACTS = ("context_window", "max_output_tokens", "capabilities")


def render(roster: Roster, on: date, publication: Publication, registries: Registries) -> bytes:
    """Render the envelope, with one line per key and per offered model."""
    return format_json_object(build_envelope(roster, on, publication, registries), ["offered_models"]).encode()


def build_envelope(roster: Roster, on: date, publication: Publication, registries: Registries) -> dict[str, Any]:
    """Return the content of the artifact, as described by its JSON Schema."""
    definitions = build_definitions(roster, on, registries)
    shares = {feature: roster.default_shares(feature, on) for feature in sorted(roster.defaults)}
    shares = {feature: ids for feature, ids in shares.items() if len(ids) > 1}
    return {
        "format": FORMAT,
        "environment": roster.environment,
        "revision": publication.revision,
        "sequence": publication.sequence,
        "offered_models": offered_models(roster, on),
        "routes": {model.id: _route(model) for model in roster if model.offered_features(on)},
        "defaults": roster.default_ids(on),
        **({"default_shares": shares} if shares else {}),
        **{key: definitions[key] for key in UNOFFERED_ID_KEYS if key in definitions},
        "definitions": definitions,
    }


def _route(model: Model) -> dict[str, Any]:
    return {
        "identifier": model.identifier,
        "endpoint": model.endpoint,
        "api_key": None if model.api_key == AMBIENT else model.api_key,
        "family": model.family,
        **model_facts(model, _ROUTE_FACTS),
        **({"gateway": dict(model.gateway)} if model.gateway else {}),
    }

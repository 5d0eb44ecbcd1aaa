"""``definitions.json``: what GitLab requests from the AI gateway today, at ``GET /v1/models/definitions``.

The shape is that of GitLab's gateway: ai_gateway/api/v1/models/get_definitions.py, and docs/model_selection.md there.
Where a roster differs or has no such value:

- ``identifier`` is the model's public id; the provider's identifier is not published.
- The lists of models are those of ``feature_lists``, in the order of the AI gateway's files if these were imported.
- A model is deprecated from the notice of its retirement on: in ``deprecation`` if it retires for all of its features
  at once, otherwise in ``deprecated_models`` of the features that it retires for.
- ``removal_version`` is a version of GitLab, which rosters do not have; it contains the last day instead.

Instances read the same response and need more. The additional keys, which GitLab Rails ignores like every unknown key:
``release_state``, ``features``, ``release_state_for`` and the keys in ``MODEL_FACTS`` of a model; ``feature`` (its name
in rosters), ``title``, ``category`` and ``default_shares`` of a feature; ``replacement`` of a deprecation; and the keys
of ``unoffered_ids.py``.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from roster.model import Model
from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render.deprecations import deprecated_models, model_deprecation
from roster.render.feature_lists import FeatureLists, feature_lists
from roster.render.model_names import names_with_provider
from roster.render.offered_models_json import format_json_object
from roster.render.unoffered_ids import UnofferedIds
from roster.roster import Roster

MODEL_FACTS = (
    "context_window",
    "max_output_tokens",
    "capabilities",
    "processed_in",
    "data_retention_days",
    "documentation",
)
"""The optional keys of a roster's model that admins see, each left out if the model has no value."""


def render(roster: Roster, on: date, _: Publication, registries: Registries) -> bytes:
    """Render the models and features offered on a date, one per line, with the features in the registry's order."""
    content = build_definitions(roster, on, registries)
    return format_json_object(content, content.keys() - {"aliases"}).encode()


def build_definitions(roster: Roster, on: date, registries: Registries) -> dict[str, Any]:
    """Return the content of the artifact, as described by its JSON Schema."""
    offered = [model for model in roster if model.offered_features(on)]
    names, unoffered = names_with_provider(offered), UnofferedIds(roster, on)
    features = filter(None, (feature_lists(roster, feature, on) for feature in registries.features.values()))
    return {
        "models": [_model(model, names[model.position], unoffered) for model in offered],
        "unit_primitives": [_feature(lists, unoffered) for lists in features],
        **unoffered.keys,
    }


def _model(model: Model, name: str, unoffered: UnofferedIds) -> dict[str, Any]:
    features = model.offered_features(unoffered.on)
    states = {feature: state for feature in features if (state := model.state_for(feature)) != model.release_state}
    return {
        "name": name,
        "identifier": model.id,
        "provider": model.provider,
        "deprecation": model_deprecation(model, unoffered),
        "description": model.description,
        "cost_indicator": model.cost_indicator,
        "release_state": model.release_state,
        "features": list(features),
        **({"release_state_for": states} if states else {}),
        **model_facts(model, MODEL_FACTS),
    }


def model_facts(model: Model, keys: Iterable[str]) -> dict[str, Any]:
    """Return the values that a model has of some optional keys, as JSON."""
    values = {key: getattr(model, key) for key in keys}
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value is not None and value != ()
    }


def _feature(lists: FeatureLists, unoffered: UnofferedIds) -> dict[str, Any]:
    feature, defaults = lists.feature, lists.defaults
    return {
        "feature_setting": feature.setting,
        "feature": feature.name,
        "title": feature.title,
        "category": feature.category,
        "default_model": defaults[0] if defaults else None,
        "default_models": defaults,
        **({"default_shares": lists.shares} if len(defaults) > 1 else {}),
        "selectable_models": lists.selectable,
        "beta_models": lists.beta,
        "deprecated_models": list(deprecated_models(feature.name, lists.serving, unoffered)),
        "dev": {"selectable_models": lists.dev} if lists.dev else None,
        "unit_primitives": list(feature.unit_primitives),
    }

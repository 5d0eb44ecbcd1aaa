"""``definitions.json``: what GitLab asks the AI gateway for today, at ``GET /v1/models/definitions``.

The shape is the gateway's: ai_gateway/api/v1/models/get_definitions.py, and docs/model_selection.md there. What a
roster says otherwise, or does not know:

- ``identifier`` is the model's public id; what the inference provider calls it stays inside.
- A GA model is selectable, a BETA one is a beta model, an EXPERIMENT is for GitLab's own people (``dev``). The default
  is selectable in any state: GitLab insists on that. So each model stands in one of the three lists.
- A model is deprecated from the notice of its retirement on: in ``deprecation`` where it ends for all of its features,
  else in the ``deprecated_models`` of those that it ends for.
- ``removal_version`` is a version of GitLab, which no roster knows; it holds the last day on which it is offered.

An instance of ours reads the same answer and needs more, so there are keys that GitLab's gateway does not write, and
that GitLab Rails ignores like every key it does not know: of a model ``release_state`` and ``features``, of a feature
``feature`` (its name in rosters), ``title`` and ``category``, of what is deprecated ``replacement``, and ``retired``.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from roster.publishing.sequence import Publication
from roster.registries import Feature, Registries
from roster.render.offered_models_json import as_lines
from roster.render.tombstones import retired
from roster.roster import Model, ReleaseState, Roster


def render(roster: Roster, on: date, _: Publication, registries: Registries) -> bytes:
    """Return the models and features offered on a day, one a line; features stand in the registry's order."""
    parts = definitions(roster, on, registries).items()
    lines = (f"{json.dumps(key)}: {as_lines(value)}" for key, value in parts)
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def definitions(roster: Roster, on: date, registries: Registries) -> dict[str, Any]:
    """Return what the artifact says, as its JSON Schema describes it."""
    return {
        "models": [_model(model, on) for model in roster if model.offered_features(on)],
        "unit_primitives": list(_features(roster, on, registries)),
        "retired": retired(roster, on),
    }


def _model(model: Model, on: date) -> dict[str, Any]:
    return {
        "name": f"{model.api_name} - {model.provider}" if model.provider else model.api_name,
        "identifier": model.id,
        "provider": model.provider,
        "deprecation": _deprecation(model, on) if _ends_altogether(model) else None,
        "description": model.description,
        "cost_indicator": model.cost_indicator,
        "release_state": model.release_state,
        "features": list(model.offered_features(on)),
    }


def _features(roster: Roster, on: date, registries: Registries) -> Iterator[dict[str, Any]]:
    default_of = roster.default_ids(on)
    for feature in registries.features.values():
        serving = [
            model for model in roster.serving.get(feature.name, ()) if feature.name in model.offered_features(on)
        ]
        if serving:
            yield _feature(feature, serving, default_of.get(feature.name), on)


def _feature(feature: Feature, serving: list[Model], default: str | None, on: date) -> dict[str, Any]:
    def ids(state: ReleaseState) -> list[str]:
        return [
            model.id for model in serving if (model.release_state if model.id != default else ReleaseState.GA) == state
        ]

    experiments = ids(ReleaseState.EXPERIMENT)
    return {
        "feature_setting": feature.setting,
        "feature": feature.name,
        "title": feature.title,
        "category": feature.category,
        "default_model": default,
        "default_models": [default] if default else [],
        "selectable_models": ids(ReleaseState.GA),
        "beta_models": ids(ReleaseState.BETA),
        "deprecated_models": [
            {"identifier": model.id} | deprecation
            for model in serving
            if feature.name in model.retiring_features() and not _ends_altogether(model)
            if (deprecation := _deprecation(model, on))
        ],
        "dev": {"selectable_models": experiments} if experiments else None,
        "unit_primitives": list(feature.unit_primitives),
    }


def _ends_altogether(model: Model) -> bool:
    return set(model.features) <= set(model.retiring_features())


def _deprecation(model: Model, on: date) -> dict[str, str | None] | None:
    """Return what is told of a model's retirement on a day: nothing without one, and nothing before its notice."""
    end = model.retirement
    if end is None or end.notice is None or end.last_day is None or end.notice > on:
        return None
    return {
        "deprecation_date": end.notice.isoformat(),
        "removal_version": end.last_day.isoformat(),
        "replacement": end.replacement,
    }

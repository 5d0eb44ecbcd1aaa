"""``definitions.json``: what GitLab requests from the AI gateway today, at ``GET /v1/models/definitions``.

The shape is that of GitLab's gateway: ai_gateway/api/v1/models/get_definitions.py, and docs/model_selection.md there.
Where a roster differs or has no such value:

- ``identifier`` is the model's public id; the provider's identifier is not published.
- The lists of models are those of ``feature_lists``, in the order of the AI gateway's files if these were imported.
- A model is deprecated from the notice of its retirement on: in ``deprecation`` if it retires for all of its features,
  otherwise in ``deprecated_models`` of the features that it retires for.
- ``removal_version`` is a version of GitLab, which rosters do not have; it contains the last day instead.

Instances read the same response and need more. The additional keys, which GitLab Rails ignores like every unknown key:
``release_state`` and ``features`` of a model; ``feature`` (its name in rosters), ``title`` and ``category`` of a
feature; ``replacement`` of a deprecation; and ``retired``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render.feature_lists import FeatureLists, feature_lists
from roster.render.offered_models_json import format_json_object
from roster.roster import Model, Retirement, Roster

_WORD = re.compile(r"[^\W_]+")


def render(roster: Roster, on: date, _: Publication, registries: Registries) -> bytes:
    """Render the models and features offered on a date, one per line, with the features in the registry's order."""
    content = build_definitions(roster, on, registries)
    return format_json_object(content, content).encode()


def build_definitions(roster: Roster, on: date, registries: Registries) -> dict[str, Any]:
    """Return the content of the artifact, as described by its JSON Schema."""
    offered = [model for model in roster if model.offered_features(on)]
    names = _names(offered)
    return {
        "models": [_model(model, names[model.position], on) for model in offered],
        "unit_primitives": list(_features(roster, on, registries)),
        "retired": tombstones(roster, on),
    }


def tombstones(roster: Roster, on: date) -> list[dict[str, Any]]:
    """Return the tombstones on a date: of models in the file, in its order, then of removed models, by last day."""
    retired = [(model.id, each) for model in roster for each in model.retirements if each.is_over(on)]
    removed = sorted(roster.retired.items(), key=lambda item: (str(item[1].last_day), item[0]))
    return [
        {"id": id_, "last_day": str(retirement.last_day), "replacement": retirement.replacement}
        | ({"features": list(retirement.features)} if retirement.features else {})
        for id_, retirement in retired + removed
    ]


def _names(models: list[Model]) -> dict[int, str]:
    """Return the name of each model by position, with its provider, which people need to tell models apart.

    A name that already names the provider remains as it is, unless another model could have the same name then.
    """
    complete = {
        model.position: f"{model.api_name} - {model.provider}" if model.provider else model.api_name for model in models
    }
    short = {model.position: model.api_name if _names_provider(model) else complete[model.position] for model in models}
    counts = Counter(name for position in short for name in {short[position], complete[position]})
    return {position: name if counts[name] == 1 else complete[position] for position, name in short.items()}


def _names_provider(model: Model) -> bool:
    """Return whether a model's name ends with its provider, or has it in parentheses."""
    name, provider = model.api_name.casefold(), (model.provider or "").casefold()
    words = _WORD.findall(provider)
    return bool(words) and (_WORD.findall(name)[-len(words) :] == words or f"({provider})" in name)


def _model(model: Model, name: str, on: date) -> dict[str, Any]:
    return {
        "name": name,
        "identifier": model.id,
        "provider": model.provider,
        "deprecation": model_deprecation(model, on),
        "description": model.description,
        "cost_indicator": model.cost_indicator,
        "release_state": model.release_state,
        "features": list(model.offered_features(on)),
    }


def _features(roster: Roster, on: date, registries: Registries) -> Iterator[dict[str, Any]]:
    for feature in registries.features.values():
        if lists := feature_lists(roster, feature, on):
            yield _feature(lists, on)


def _feature(lists: FeatureLists, on: date) -> dict[str, Any]:
    feature = lists.feature
    return {
        "feature_setting": feature.setting,
        "feature": feature.name,
        "title": feature.title,
        "category": feature.category,
        "default_model": next(iter(lists.shares), None),
        "default_models": list(lists.shares),
        "selectable_models": lists.selectable,
        "beta_models": lists.beta,
        "deprecated_models": [
            {"identifier": model.id} | deprecation
            for model in lists.serving
            if (retirement := model.retirement_of(feature.name)) and not _retires_completely(model)
            if (deprecation := _deprecation(retirement, on))
        ],
        "dev": {"selectable_models": lists.dev} if lists.dev else None,
        "unit_primitives": list(feature.unit_primitives),
    }


def model_deprecation(model: Model, on: date) -> dict[str, str | None] | None:
    """Return the announcement that a whole model retires; None before its notice, or if some features remain."""
    return _deprecation(model.retirements[0], on) if _retires_completely(model) else None


def _retires_completely(model: Model) -> bool:
    """Return whether one retirement ends all features of a model."""
    return len(model.retirements) == 1 and set(model.features) <= set(model.retiring_features())


def _deprecation(retirement: Retirement, on: date) -> dict[str, str | None] | None:
    """Return the announcement of a retirement on a date; None before its notice."""
    if retirement.notice is None or retirement.last_day is None or retirement.notice > on:
        return None
    return {
        "deprecation_date": retirement.notice.isoformat(),
        "removal_version": retirement.last_day.isoformat(),
        "replacement": retirement.replacement,
    }

"""Tables for other people's Markdown documents."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from roster.catalogue.public_model import Ending, Offer, PublicModel, state_words
from roster.catalogue.view_model import Catalogue, EnvironmentView
from roster.markdown_text import code, escaped
from roster.model import ReleaseState
from roster.naming import fold

_BREAK = "<br />"
"""A line break within a cell, as all dialects of Markdown accept it."""


def models_by_feature(catalogue: Catalogue, environment: EnvironmentView) -> str:
    """Return the features that are served, with their defaults and the other models."""
    features, models = _feature_labels(catalogue), _model_labels(environment.models)
    rows = []
    for feature in environment.columns:
        serving = environment.serving(feature.name)
        defaults = [_offer(models[model.id], offer) for model, offer in serving if offer.share]
        others = [_offer(models[model.id], offer) for model, offer in serving if not offer.share]
        rows.append((features[feature.name], _BREAK.join(defaults) or "None", _BREAK.join(others)))
    return _table(("Feature", "Default", "Other models"), rows) if rows else "No models are offered.\n"


def retirements(catalogue: Catalogue, environment: EnvironmentView) -> str:
    """Return the retirements in the roster, those that are over included, by last day."""
    features, models = _feature_labels(catalogue), _model_labels(environment.models)
    endings = [(ending, model) for model in environment.models for ending in model.endings]
    rows = [
        (
            models[model.id],
            _BREAK.join(label for name, label in features.items() if name in ending.features) or "All",
            str(ending.last_day),
            _replacement(ending, models),
        )
        for ending, model in sorted(endings, key=lambda each: (each[0].last_day, each[1].id))
    ]
    return _table(("Model", "Features", "Last day", "Replacement"), rows) if rows else "No retirements announced.\n"


TABLES: Mapping[str, Callable[[Catalogue, EnvironmentView], str]] = {
    "models-by-feature": models_by_feature,
    "retirements": retirements,
}
"""The tables by their names in markers."""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _offer(label: str, offer: Offer) -> str:
    """Return a model with its share, if there are several defaults, and its release state unless that is GA."""
    notes = [f"{offer.share} %"] if 0 < offer.share < 100 else []
    notes += [state_words(offer.state)] if offer.state != ReleaseState.GA else []
    return f"{label} ({', '.join(notes)})" if notes else label


def _replacement(ending: Ending, models: Mapping[str, str]) -> str:
    if not ending.replacement:
        return "None: the default of each feature takes over"
    return models.get(ending.replacement, code(ending.replacement))


def _model_labels(models: Iterable[PublicModel]) -> dict[str, str]:
    """Return the names of models by id, with the provider or the id where several have the same name."""
    return dict(_unique({model.id: tuple(_model_names(model)) for model in models}))


def _model_names(model: PublicModel) -> Iterator[str]:
    name = escaped(model.name)
    yield name
    if model.provider:
        yield f"{name} ({escaped(model.provider)})"
    yield f"{name} ({code(model.id)})"


def _feature_labels(catalogue: Catalogue) -> dict[str, str]:
    """Return the titles of features by name, with the name where several have the same title."""
    titles = {feature.name: escaped(feature.title) for feature in catalogue.features}
    return dict(_unique({name: (title, f"{title} ({code(name)})") for name, title in titles.items()}))


def _unique(candidates: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield each key with the first of its candidates that no other key has, or else the last one."""
    counts = Counter(text for texts in candidates.values() for text in {fold(text) for text in texts})
    for key, texts in candidates.items():
        yield key, next((text for text in texts if counts[fold(text)] == 1), texts[-1])

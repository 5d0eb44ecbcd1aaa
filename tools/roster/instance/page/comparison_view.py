"""The view model of the comparison of models: their facts side by side, and the features that each can serve."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from roster.instance.page.models_view import ModelView, ServedFeature, view_models
from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.state import InstanceState

MIN_MODELS, MAX_MODELS = 2, 5
_FACTS: dict[str, Callable[[ModelView], Any]] = {
    "provider": lambda view: view.model.provider,
    "states": lambda view: view.states,
    "cost_indicator": lambda view: view.model.cost_indicator,
    "context_window": lambda view: view.model.context_window,
    "max_output_tokens": lambda view: view.model.max_output_tokens,
    "capabilities": lambda view: view.model.capabilities,
    "processed_in": lambda view: view.model.processed_in,
    "data_retention_days": lambda view: view.model.data_retention_days,
    "retirement": lambda view: next((feature.retirement for feature in view.retiring), None),
    "description": lambda view: view.model.description,
    "documentation": lambda view: view.model.documentation,
    "id": lambda view: view.model.id,
}
"""The rows of the comparison, from top to bottom."""


class ComparedFact(NamedTuple):
    """A fact of each model, as its value in the list; ``differs`` if the models do not have the same."""

    name: str
    values: tuple[Any, ...]
    differs: bool


class ComparedFeature(NamedTuple):
    """A feature, with how each model serves it; None for a model that cannot."""

    name: str
    title: str
    cells: tuple[ServedFeature | None, ...]

    @property
    def differs(self) -> bool:
        """Whether some of the models can serve it, or may be selected for it, and others not."""
        return len({cell and (cell.release_state, cell.is_allowed) for cell in self.cells}) > 1


class ComparisonView(NamedTuple):
    """The comparison; only of 2 to 5 known models.

    Attributes:
        unknown: the requested ids that no model has.
        only: for each model, the titles of the features that no other one of them can serve.
    """

    models: tuple[ModelView, ...]
    unknown: tuple[str, ...]
    facts: tuple[ComparedFact, ...] = ()
    features: tuple[ComparedFeature, ...] = ()
    only: tuple[tuple[str, ...], ...] = ()

    @property
    def status(self) -> int:
        """The status of the response: 200 if there is something to compare."""
        if self.unknown:
            return 404
        return 200 if MIN_MODELS <= len(self.models) <= MAX_MODELS else 400


def build_comparison(state: InstanceState, counts: NamespaceCounts, today: date, ids: Sequence[str]) -> ComparisonView:
    """Compare models, which may be given by earlier ids; an id that is repeated counts once."""
    known = {view.model.id: view for view in view_models(state, counts, today)}
    requested = dict.fromkeys(state.offered.current_id(id_) for id_ in ids)
    models = tuple(known[id_] for id_ in requested if id_ in known)
    comparison = ComparisonView(models, tuple(id_ for id_ in requested if id_ not in known))
    if comparison.status != 200:
        return comparison
    features = tuple(_features(state, models))
    return comparison._replace(facts=tuple(_facts(models)), features=features, only=_only(models, features))


def _facts(models: Sequence[ModelView]) -> Iterator[ComparedFact]:
    for name, fact in _FACTS.items():
        values = tuple(fact(view) for view in models)
        yield ComparedFact(name, values, any(value != values[0] for value in values))


def _features(state: InstanceState, models: Sequence[ModelView]) -> Iterator[ComparedFeature]:
    """Yield the features that at least one of the models can serve, in list order."""
    served = [{feature.name: feature for feature in view.features} for view in models]
    for name, feature in state.offered.features.items():
        cells = tuple(each.get(name) for each in served)
        if any(cells):
            yield ComparedFeature(name, feature.title, cells)


def _only(models: Sequence[ModelView], features: Sequence[ComparedFeature]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(each.title for each in features if each.cells[number] and sum(map(bool, each.cells)) == 1)
        for number in range(len(models))
    )

"""The view model of the page of models: their facts, what each can serve, and where it is the default or allowed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from roster.accept.accepted_list import SuspendedModel
from roster.instance.page.feature_view import RetirementView, view_retirement
from roster.instance.page.search_view import RETIRING, SUSPENDED, FilterChoices, facts_by_name, filter_choices
from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.offered_list import ListedModel, OfferedFeature
from roster.instance.selection.resolution import allowed_models, resolve
from roster.instance.selection.state import InstanceState


class ServedFeature(NamedTuple):
    """A feature that a model can serve.

    Attributes:
        release_state: the model's release state for the feature.
        is_serving: whether the model serves the feature now, for users without a selected model.
        is_own_default: whether it is the default of the instance's selection.
        is_roster_default: whether it is the roster's default, or one of several.
        share: its share of several roster defaults, in percent.
        is_allowed: whether namespaces can select it.
        namespaces: how many namespaces selected it for the feature.
    """

    name: str
    title: str
    category: str
    release_state: str
    is_serving: bool
    is_own_default: bool
    is_roster_default: bool
    share: int | None
    is_allowed: bool
    namespaces: int
    retirement: RetirementView | None


class ModelView(NamedTuple):
    """A model.

    Attributes:
        features: the features that it can serve, in list order.
        suspension: why it serves no feature at the moment, if it is suspended.
        is_selected: whether a selection of the instance names it.
        aliases: its earlier ids.
    """

    model: ListedModel
    features: tuple[ServedFeature, ...]
    suspension: SuspendedModel | None
    is_selected: bool
    aliases: tuple[str, ...]

    @property
    def serving(self) -> int:
        """For how many features it is the model that serves now."""
        return sum(feature.is_serving for feature in self.features)

    @property
    def allowed(self) -> int:
        """For how many features namespaces can select it."""
        return sum(feature.is_allowed for feature in self.features)

    @property
    def namespaces(self) -> int:
        """How many selections of namespaces name it, for a feature that it can serve."""
        return sum(feature.namespaces for feature in self.features)

    @property
    def retiring(self) -> tuple[ServedFeature, ...]:
        """The features for which its retirement is announced, the first to end first."""
        ending = [feature for feature in self.features if feature.retirement]
        return tuple(sorted(ending, key=lambda each: (each.retirement and each.retirement.last_day) or date.max))

    @property
    def common_retirement(self) -> RetirementView | None:
        """The retirement that is announced for all of its features; None if it differs or some features remain."""
        announced = {feature.retirement for feature in self.features}
        return announced.pop() if len(announced) == 1 else None

    @property
    def states(self) -> tuple[str, ...]:
        """Its release states, those for features included, and whether it retires or is suspended."""
        states = dict.fromkeys([feature.release_state for feature in self.features] or [self.model.release_state])
        return (*states, *((RETIRING,) if self.retiring else ()), *((SUSPENDED,) if self.suspension else ()))


class ProviderView(NamedTuple):
    """The models of a provider, in list order; an empty name for those without one."""

    name: str
    models: tuple[ModelView, ...]


class ModelsView(NamedTuple):
    """The page of all models, or of an open one.

    Attributes:
        open_model: the only model in ``providers``, with its features; None for the rows of all models.
        choices, data: the filters, and what they search; only of all models.
    """

    providers: tuple[ProviderView, ...]
    open_model: str | None
    choices: FilterChoices | None = None
    data: Mapping[str, Any] = {}


def build_models(
    state: InstanceState, counts: NamespaceCounts, today: date, open_model: str | None = None
) -> ModelsView:
    """Build the page. An open model may be given by an earlier id."""
    views = view_models(state, counts, today)
    if open_model is not None:
        id_ = state.offered.current_id(open_model)
        return ModelsView(_by_provider(view for view in views if view.model.id == id_), open_model)
    providers = _by_provider(views)
    if not views:
        return ModelsView(providers, None)
    states = {view.model.id: view.states for view in views}
    choices = filter_choices([view.model for view in views], set().union(*states.values()))
    facts = facts_by_name([view.model for view in views]) | {"states": [view.states for view in views]}
    return ModelsView(providers, None, choices, {"models": facts})


def view_models(state: InstanceState, counts: NamespaceCounts, today: date) -> list[ModelView]:
    """Return the models that are offered, or suspended, or in a selection of the instance."""
    offered = state.offered
    selected = {model for selection in state.instance.values() for model in selection.models}
    served: dict[str, list[ServedFeature]] = {}
    for feature in offered.features.values():
        for id_, each in _served(state, feature, counts.get(feature.name, {}), today):
            served.setdefault(id_, []).append(each)
    aliases: dict[str, list[str]] = {}
    for alias, id_ in offered.aliases.items():
        aliases.setdefault(id_, []).append(alias)
    return [
        ModelView(
            model,
            tuple(served.get(id_, ())),
            offered.suspended.get(id_),
            id_ in selected,
            tuple(aliases.get(id_, ())),
        )
        for id_, model in offered.models.items()
        if model.offered or id_ in offered.suspended or id_ in selected
    ]


def _served(
    state: InstanceState, feature: OfferedFeature, namespaces: Mapping[str, int], today: date
) -> Iterator[tuple[str, ServedFeature]]:
    """Yield how each model serves a feature, by id."""
    offered, selection = state.offered, state.instance.get(feature.name)
    serving = resolve(offered, feature.name, selection).model
    allowed = set(allowed_models(offered, feature.name, selection))
    total = sum(feature.shares.values())
    for id_, end in feature.models.items():
        yield (
            id_,
            ServedFeature(
                feature.name,
                feature.title,
                feature.category,
                offered.release_state(id_, feature.name) or "",
                is_serving=id_ == serving,
                is_own_default=selection is not None and id_ == selection.default_model,
                is_roster_default=id_ == feature.default or id_ in feature.shares,
                share=round(100 * feature.shares[id_] / total) if id_ in feature.shares else None,
                is_allowed=id_ in allowed,
                namespaces=namespaces.get(id_, 0),
                retirement=view_retirement(offered, end, today),
            ),
        )


def _by_provider(views: Iterable[ModelView]) -> tuple[ProviderView, ...]:
    providers: dict[str, list[ModelView]] = {}
    for view in views:
        providers.setdefault(view.model.provider or "", []).append(view)
    providers |= {"": providers.pop("", [])}  # models without a provider come last
    return tuple(ProviderView(name, tuple(models)) for name, models in providers.items() if models)

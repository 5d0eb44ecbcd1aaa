"""Builders of the GraphQL types from one state, without the database."""

from collections.abc import Iterable
from datetime import datetime

from strawberry import ID

from roster.instance.graphql import types
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList, OfferedRetirement
from roster.instance.selection.resolution import ResolutionStep, SelectionLevel, allowed_models, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.state import InstanceState, InstanceStatus


class ModelBuilder:
    """A builder of the models of one list. It caches them, because most of a response consists of models."""

    def __init__(self, offered: OfferedList) -> None:
        self.offered = offered
        self._cache: dict[tuple[str, str], types.AiModelSelectionOfferedModel] = {}

    def models(self, feature: str, ids: Iterable[str]) -> list[types.AiModelSelectionOfferedModel]:
        """Return models as offered for a feature."""
        return [self.model(feature, id_) for id_ in ids]

    def model(self, feature: str, id_: str) -> types.AiModelSelectionOfferedModel:
        """Return a model as offered for a feature."""
        key = feature, id_
        if key in self._cache:
            return self._cache[key]
        model = self._build(feature, id_)
        if feature in self.offered.features and id_ in self.offered.models:  # bounds the cache
            self._cache[key] = model
        return model

    def _build(self, feature: str, id_: str) -> types.AiModelSelectionOfferedModel:
        model = self.offered.models.get(id_)
        return types.AiModelSelectionOfferedModel(
            ref=ID(id_),
            name=self.offered.display_name(id_),
            release_state=types.AiModelSelectionReleaseState(model.release_state) if model else None,
            provider=model and model.provider,
            description=model and model.description,
            cost_indicator=model and model.cost_indicator,
            available=self.offered.serves(id_, feature),
            retirement=self._retirement(feature, id_),
        )

    def _retirement(self, feature: str, id_: str) -> types.AiModelSelectionRetirement | None:
        end: OfferedRetirement | None
        if self.offered.serves(id_, feature):
            end = self.offered.features[feature].models[id_]
        else:
            tombstone = self.offered.tombstone(id_, feature)
            end = tombstone and OfferedRetirement(None, tombstone.last_day, tombstone.replacement)
        if end is None:
            return None
        replacement = end.replacement and types.AiModelSelectionModelReference(
            ref=ID(end.replacement), name=self.offered.display_name(end.replacement)
        )
        return types.AiModelSelectionRetirement(
            notice=end.notice, last_day=end.last_day, replacement=replacement or None
        )


class SettingBuilder:
    """A builder of features with their settings. It keeps the models of the latest list between requests."""

    def __init__(self) -> None:
        self._model_builder = ModelBuilder(EMPTY_LIST)

    def settings(
        self, state: InstanceState, namespace_id: int | None, features: Iterable[str] | None
    ) -> types.AiFeatureSettingConnection:
        """Return the settings of the given features, or of all, for the instance or a namespace."""
        builder = self._builder_for(state.offered)
        names = feature_names(state) if features is None else dict.fromkeys(features)
        return types.AiFeatureSettingConnection(nodes=[_setting(state, builder, namespace_id, name) for name in names])

    def setting(self, state: InstanceState, namespace_id: int | None, feature: str) -> types.AiFeatureSetting | None:
        """Return the settings of one feature; None for a feature that was never offered or selected."""
        if feature not in state.offered.features and feature not in feature_names(state):
            return None
        return _setting(state, self._builder_for(state.offered), namespace_id, feature)

    def _builder_for(self, offered: OfferedList) -> ModelBuilder:
        builder = self._model_builder  # read once: another thread may replace it
        if builder.offered is not offered:
            self._model_builder = builder = ModelBuilder(offered)
        return builder


def feature_names(state: InstanceState) -> dict[str, None]:
    """Return the names of the offered features, then of those that have a selection but are no longer offered."""
    features = state.offered.features
    offered = [name for name, feature in features.items() if feature.offered]
    selected = state.instance.keys() | state.namespace.keys()
    return dict.fromkeys([*offered, *(name for name in features if name in selected), *sorted(selected)])


def build_sync(status: InstanceStatus, now: datetime) -> types.AiModelSelectionSync:
    """Return the sync state of the list."""
    run = status.failure
    return types.AiModelSelectionSync(
        version=status.list and status.list.version,
        replaced_at=status.list and status.list.replaced_at,
        checked_at=status.checked_at,
        age_seconds=max(0, int((now - status.last_contact_at).total_seconds()))
        if status.list and status.last_contact_at
        else None,
        last_failure=types.AiModelSelectionSyncFailure(reason=run.reason or "", message=run.message, at=run.finished_at)
        if run
        else None,
    )


def _setting(
    state: InstanceState, builder: ModelBuilder, namespace_id: int | None, name: str
) -> types.AiFeatureSetting:
    feature = state.offered.features.get(name)
    instance, namespace = state.instance.get(name), state.namespace.get(name)
    own = instance if namespace_id is None else namespace
    any_selection = own or instance or namespace
    default = feature.default if feature else None
    return types.AiFeatureSetting(
        feature=name,
        title=feature.title if feature else name,
        category=feature.category if feature else any_selection.category if any_selection else "",
        offered=feature is not None and feature.offered,
        default_model=builder.model(name, default) if default else None,
        selection=_selection(builder, own) if own else None,
        allowed_models=builder.models(name, allowed_models(state.offered, name, instance)),
        offered_models=builder.models(name, feature.models if feature else ()),
        resolution=_resolution(state, builder, namespace_id, name),
    )


def _selection(builder: ModelBuilder, selection: Selection) -> types.AiModelSelection:
    return types.AiModelSelection(
        id=ID(str(selection.id)),
        namespace_id=None if selection.namespace_id is None else ID(str(selection.namespace_id)),
        models=builder.models(selection.feature, selection.models),
        default_model=builder.model(selection.feature, selection.default_model),
        created_at=selection.created_at,
        updated_at=selection.updated_at,
    )


def _resolution(
    state: InstanceState, builder: ModelBuilder, namespace_id: int | None, feature: str
) -> types.AiModelSelectionResolution:
    start = SelectionLevel.INSTANCE if namespace_id is None else SelectionLevel.NAMESPACE
    resolution = resolve(state.offered, feature, state.instance.get(feature), state.namespace.get(feature), start)
    return types.AiModelSelectionResolution(
        model=builder.model(feature, resolution.model) if resolution.model else None,
        source=types.AiModelSelectionSource(resolution.level.value) if resolution.level else None,
        steps=[_step(builder, feature, step) for step in resolution.steps],
    )


def _step(builder: ModelBuilder, feature: str, step: ResolutionStep) -> types.AiModelSelectionResolutionStep:
    return types.AiModelSelectionResolutionStep(
        source=types.AiModelSelectionSource(step.level.value),
        outcome=types.AiModelSelectionOutcome(step.outcome.value),
        model=builder.model(feature, step.model) if step.model else None,
        explanation=step.describe(),
    )

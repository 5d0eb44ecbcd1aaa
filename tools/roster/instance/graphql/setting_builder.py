"""Builder of the GraphQL types of a feature from one state, without the database."""

from collections.abc import Iterable

from strawberry import ID

from roster.instance.graphql import types
from roster.instance.graphql.global_ids import global_id
from roster.instance.selection.offered_list import OfferedFeature, OfferedRetirement
from roster.instance.selection.resolution import Resolution, ResolutionStep, SelectionLevel, allowed_models, resolve
from roster.instance.selection.selections import Selection, SelectionMode
from roster.instance.selection.state import InstanceState


def feature_names(state: InstanceState) -> dict[str, None]:
    """Return the names of the offered features, then of those that have a selection but are no longer offered."""
    features = state.offered.features
    offered = [name for name, feature in features.items() if feature.offered]
    selected = state.instance.keys() | state.namespace.keys()
    return dict.fromkeys([*offered, *(name for name in features if name in selected), *sorted(selected)])


def is_known_feature(state: InstanceState, feature: str) -> bool:
    """Return whether a feature was offered before or has a selection."""
    return any(feature in known for known in (state.offered.features, state.instance, state.namespace))


class SettingBuilder:
    """A builder of a feature with its settings, for the instance or a namespace.

    The feature is one that was offered before or has a selection.
    """

    def __init__(self, state: InstanceState, namespace_id: int | None, feature: str) -> None:
        self._offered, self._name = state.offered, feature
        self._instance, self._namespace = state.instance.get(feature), state.namespace.get(feature)
        self._aliases: dict[str, list[str]] = {}
        for alias, id_ in self._offered.aliases.items():
            self._aliases.setdefault(id_, []).append(alias)
        self._key = (feature,) if namespace_id is None else (namespace_id, feature)
        self._version = state.versions.get((namespace_id, feature))
        self._level = SelectionLevel.INSTANCE if namespace_id is None else SelectionLevel.NAMESPACE

    def build(self) -> types.AiFeatureSetting:
        """Return the feature."""
        feature = self._offered.features.get(self._name)
        own = self._instance if self._level is SelectionLevel.INSTANCE else self._namespace
        categorized = feature or own or self._instance
        assert categorized
        return types.AiFeatureSetting(
            id=global_id("AiFeatureSetting", *self._key),
            feature=self._name,
            title=feature.title if feature else self._name,
            category=categorized.category,
            offered=feature is not None and feature.offered,
            default_model=self.model(feature.default) if feature and feature.default else None,
            default_models=self._default_models(feature),
            selection=self._selection(own) if own else None,
            mode=types.AiModelSelectionMode(own.mode if own else SelectionMode.ROSTER),
            version=self._version.number if self._version else 0,
            changed_by=self._version and self._version.changed_by,
            changed_at=self._version and self._version.changed_at,
            allowed_models=self._models(allowed_models(self._offered, self._name, self._instance)),
            offered_models=self._models(feature.models if feature else ()),
            resolution=self.resolution(
                resolve(self._offered, self._name, self._instance, self._namespace, self._level)
            ),
        )

    def _default_models(self, feature: OfferedFeature | None) -> list[types.AiModelSelectionDefaultModel]:
        if feature is None or feature.default is None:
            return []
        shares = feature.shares or {feature.default: 100}
        return [types.AiModelSelectionDefaultModel(model=self.model(id_), share=share) for id_, share in shares.items()]

    def _selection(self, selection: Selection) -> types.AiModelSelection:
        return types.AiModelSelection(
            id=global_id("AiModelSelection", selection.id),
            namespace_id=None if selection.namespace_id is None else ID(str(selection.namespace_id)),
            models=self._models(selection.models),
            default_model=self.model(selection.default_model),
            created_at=selection.created_at,
            updated_at=selection.updated_at,
        )

    def resolution(self, resolution: Resolution) -> types.AiModelSelectionResolution:
        """Return a resolution for the feature."""
        return types.AiModelSelectionResolution(
            model=self.model(resolution.model) if resolution.model else None,
            source=types.AiModelSelectionSource(resolution.level) if resolution.level else None,
            steps=[self._step(step) for step in resolution.steps],
        )

    def _step(self, step: ResolutionStep) -> types.AiModelSelectionResolutionStep:
        return types.AiModelSelectionResolutionStep(
            source=types.AiModelSelectionSource(step.level),
            outcome=types.AiModelSelectionOutcome(step.outcome),
            model=self.model(step.model) if step.model else None,
            explanation=step.describe(),
        )

    def _models(self, ids: Iterable[str]) -> list[types.AiModelSelectionOfferedModel]:
        return [self.model(id_) for id_ in ids]

    def model(self, id_: str) -> types.AiModelSelectionOfferedModel:
        """Return a model as offered for the feature."""
        model = self._offered.models.get(id_)
        state = self._offered.release_state(id_, self._name)
        suspension = self._offered.suspension(id_, self._name)
        return types.AiModelSelectionOfferedModel(
            feature=self._name,
            setting=self._key,
            ref=ID(id_),
            name=self._offered.display_name(id_),
            release_state=types.AiModelSelectionReleaseState(state) if state else None,
            provider=model and model.provider,
            description=model and model.description,
            cost_indicator=model and model.cost_indicator,
            context_window=model and model.context_window,
            max_output_tokens=model and model.max_output_tokens,
            capabilities=list(model.capabilities) if model else [],
            processed_in=list(model.processed_in) if model else [],
            data_retention_days=model and model.data_retention_days,
            documentation=model and model.documentation,
            aliases=[ID(alias) for alias in self._aliases.get(id_, ())],
            available=self._offered.serves(id_, self._name),
            suspension=suspension
            and types.AiModelSelectionSuspension(since=suspension.since, reason=suspension.reason),
            retirement=self._retirement(id_),
        )

    def _retirement(self, id_: str) -> types.AiModelSelectionRetirement | None:
        end: OfferedRetirement | None
        if self._offered.serves(id_, self._name):
            end = self._offered.features[self._name].models[id_]
        else:
            tombstone = self._offered.tombstone(id_, self._name)
            end = tombstone and OfferedRetirement(None, tombstone.last_day, tombstone.replacement)
        if end is None:
            return None
        replacement = end.replacement and types.AiModelSelectionModelReference(
            ref=ID(end.replacement), name=self._offered.display_name(end.replacement)
        )
        return types.AiModelSelectionRetirement(
            notice=end.notice, last_day=end.last_day, replacement=replacement or None
        )

"""What the instance knows, as the types of the API say it. All of it is made of one state, without the database."""

from collections.abc import Iterable
from datetime import datetime

from strawberry import ID

from roster.instance.graphql import types
from roster.instance.selection.offered_list import NOTHING, End, OfferedList
from roster.instance.selection.resolution import Level, Step, allowed, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.state import State, Status

Model = types.AiModelSelectionOfferedModel


class Models:
    """The models of one offered list as they are to its features, each made once: most of an answer are models."""

    def __init__(self, offered: OfferedList) -> None:
        self.offered = offered
        self._made: dict[tuple[str, str], Model] = {}

    def get(self, feature: str, ids: Iterable[str]) -> list[Model]:
        """Return models as they are to a feature."""
        return [self.one(feature, id_) for id_ in ids]

    def one(self, feature: str, id_: str) -> Model:
        """Return a model as it is to a feature."""
        key = feature, id_
        if key in self._made:
            return self._made[key]
        made = self._make(feature, id_)
        if feature in self.offered.features and id_ in self.offered.models:  # so there is an end to how many are kept
            self._made[key] = made
        return made

    def _make(self, feature: str, id_: str) -> Model:
        known = self.offered.models.get(id_)
        return Model(
            ref=ID(id_),
            name=self.offered.name_of(id_),
            release_state=types.AiModelSelectionReleaseState(known.release_state) if known else None,
            provider=known and known.provider,
            description=known and known.description,
            cost_indicator=known and known.cost_indicator,
            available=self.offered.serves(id_, feature),
            retirement=self._retirement(feature, id_),
        )

    def _retirement(self, feature: str, id_: str) -> types.AiModelSelectionRetirement | None:
        end: End | None
        if self.offered.serves(id_, feature):
            end = self.offered.features[feature].models[id_]
        else:
            stone = self.offered.tombstone(id_, feature)
            end = stone and End(None, stone.last_day, stone.replacement)
        if end is None:
            return None
        heir = end.replacement and types.AiModelSelectionModelReference(
            ref=ID(end.replacement), name=self.offered.name_of(end.replacement)
        )
        return types.AiModelSelectionRetirement(notice=end.notice, last_day=end.last_day, replacement=heir or None)


class Views:
    """Makes the types of states. The models of the newest list that was seen are kept."""

    def __init__(self) -> None:
        self._last = Models(NOTHING)

    def settings(
        self, state: State, namespace_id: int | None, features: Iterable[str] | None
    ) -> types.AiFeatureSettingConnection:
        """Return features, those that were asked for or else all, as they are to the instance or to a namespace."""
        models = self._models(state.offered)
        names = listed(state) if features is None else dict.fromkeys(features)
        return types.AiFeatureSettingConnection(nodes=[_setting(state, models, namespace_id, name) for name in names])

    def setting(self, state: State, namespace_id: int | None, feature: str) -> types.AiFeatureSetting | None:
        """Return one feature; None for one that is neither offered nor chosen, and never was."""
        if feature not in state.offered.features and feature not in listed(state):
            return None
        return _setting(state, self._models(state.offered), namespace_id, feature)

    def _models(self, offered: OfferedList) -> Models:
        models = self._last  # another thread may replace it
        if models.offered is not offered:
            self._last = models = Models(offered)
        return models


def listed(state: State) -> dict[str, None]:
    """Return the features that are offered, and then those that are not but were chosen."""
    known = state.offered.features
    offered = [name for name, feature in known.items() if feature.offered]
    chosen = state.instance.keys() | state.namespace.keys()
    return dict.fromkeys([*offered, *(name for name in known if name in chosen), *sorted(chosen)])


def sync(status: Status, now: datetime) -> types.AiModelSelectionSync:
    """Return how the copy of the list fares."""
    run = status.failure
    return types.AiModelSelectionSync(
        version=status.list and status.list.version,
        replaced_at=status.list and status.list.replaced_at,
        checked_at=status.checked_at,
        age_seconds=max(0, int((now - status.heard_at).total_seconds())) if status.list and status.heard_at else None,
        last_failure=types.AiModelSelectionSyncFailure(reason=run.reason or "", message=run.message, at=run.finished_at)
        if run
        else None,
    )


def _setting(state: State, models: Models, namespace_id: int | None, feature: str) -> types.AiFeatureSetting:
    known = state.offered.features.get(feature)
    instance, namespace = state.instance.get(feature), state.namespace.get(feature)
    chosen = instance if namespace_id is None else namespace
    any_ = chosen or instance or namespace
    default = known.default if known else None
    return types.AiFeatureSetting(
        feature=feature,
        title=known.title if known else feature,
        category=known.category if known else any_.category if any_ else "",
        offered=known is not None and known.offered,
        default_model=models.one(feature, default) if default else None,
        selection=_selection(models, chosen) if chosen else None,
        allowed_models=models.get(feature, allowed(state.offered, feature, instance)),
        offered_models=models.get(feature, known.models if known else ()),
        resolution=_resolution(state, models, namespace_id, feature),
    )


def _selection(models: Models, chosen: Selection) -> types.AiModelSelection:
    return types.AiModelSelection(
        id=ID(str(chosen.id)),
        namespace_id=None if chosen.namespace_id is None else ID(str(chosen.namespace_id)),
        models=models.get(chosen.feature, chosen.models),
        default_model=models.one(chosen.feature, chosen.default_model),
        created_at=chosen.created_at,
        updated_at=chosen.updated_at,
    )


def _resolution(
    state: State, models: Models, namespace_id: int | None, feature: str
) -> types.AiModelSelectionResolution:
    start = Level.INSTANCE if namespace_id is None else Level.NAMESPACE
    found = resolve(state.offered, feature, state.instance.get(feature), state.namespace.get(feature), start)
    return types.AiModelSelectionResolution(
        model=models.one(feature, found.model) if found.model else None,
        source=types.AiModelSelectionSource(found.level.value) if found.level else None,
        steps=[_step(models, feature, step) for step in found.steps],
    )


def _step(models: Models, feature: str, step: Step) -> types.AiModelSelectionResolutionStep:
    return types.AiModelSelectionResolutionStep(
        source=types.AiModelSelectionSource(step.level.value),
        outcome=types.AiModelSelectionOutcome(step.outcome.value),
        model=models.one(feature, step.model) if step.model else None,
        explanation=step.sentence(),
    )

"""Parts of the payloads of mutations: the features that were changed, and the conflicts with other changes."""

from collections.abc import Iterable, Iterator

from roster.instance.graphql.setting_builder import SettingBuilder, is_known_feature
from roster.instance.graphql.types import AiFeatureSetting, AiModelSelectionConflict, AiModelSelectionProblem
from roster.instance.selection.selection_changes import ChangeOutcome, SelectionError
from roster.instance.selection.state import InstanceState


def changed_settings(state: InstanceState, outcome: ChangeOutcome) -> Iterator[AiFeatureSetting]:
    """Yield the settings of the features that were to be changed, as far as they are known.

    The state is that of the instance, or of the namespace whose selections were to be changed.
    """
    for namespace_id, feature in dict.fromkeys(outcome.keys):
        if namespace_id == outcome.namespace_id and is_known_feature(state, feature):
            yield SettingBuilder(state, namespace_id, feature).build()


def conflicts_of(errors: Iterable[SelectionError]) -> Iterator[AiModelSelectionConflict]:
    """Yield the conflicts among the errors."""
    for error in errors:
        if version := error.conflict:
            yield AiModelSelectionConflict(
                feature=error.feature,
                version=version.number,
                changed_by=version.changed_by,
                changed_at=version.changed_at,
            )


def problems_of(errors: Iterable[SelectionError]) -> Iterator[AiModelSelectionProblem]:
    """Yield the errors with the words of the page."""
    for error in errors:
        yield AiModelSelectionProblem(feature=error.feature or None, message=error.problem or error.message)

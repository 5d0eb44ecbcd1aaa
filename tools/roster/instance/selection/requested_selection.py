"""A requested selection: what an admin wants to select for a feature."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.instance.selection.selections import Selection, SelectionMode


class RequestedSelection(NamedTuple):
    """A selection that an admin requests for a feature.

    Attributes:
        models: the models to allow; empty if the mode allows all.
        default_model: empty to follow the roster.
        namespace_id: the namespace that selects one model; None for the instance.
        version: the version that the request is based on, 0 before the first selection; None to change any version.
        undoes: whether it takes back the latest change. Models that are no longer available are restored then, as if
            they had been kept.
    """

    feature: str
    models: tuple[str, ...]
    default_model: str
    namespace_id: int | None = None
    mode: SelectionMode = SelectionMode.CHOSEN_MODELS
    version: int | None = None
    undoes: bool = False

    @property
    def key(self) -> tuple[int | None, str]:
        """The namespace and the feature."""
        return self.namespace_id, self.feature

    @property
    def stored_models(self) -> tuple[str, ...]:
        """The models to store: the allowed ones, or only the default if all are allowed."""
        return (self.default_model,) if self.mode is SelectionMode.OWN_DEFAULT else self.models

    def with_current_ids(self, aliases: Mapping[str, str]) -> "RequestedSelection":
        """Return the selection with current ids; a model that is listed by two of its ids is listed once."""
        if aliases.keys().isdisjoint({*self.models, self.default_model}):
            return self
        models: list[str] = []
        for model in self.models:
            current = aliases.get(model, model)
            if model == current or current not in {*self.models, *models}:
                models.append(current)
        default_model = aliases.get(self.default_model, self.default_model)
        return self._replace(models=tuple(models), default_model=default_model)

    def equals(self, stored: Selection | None) -> bool:
        """Return whether a stored selection is already as requested."""
        if stored is None or self.mode is SelectionMode.ROSTER:
            return stored is None and self.mode is SelectionMode.ROSTER
        found = stored.mode, stored.default_model, set(stored.models)
        return found == (self.mode, self.default_model, set(self.stored_models))


def follow_roster(feature: str, namespace_id: int | None = None, version: int | None = None) -> RequestedSelection:
    """Return the request to delete a selection, so that the next level decides."""
    return RequestedSelection(feature, (), "", namespace_id, SelectionMode.ROSTER, version)

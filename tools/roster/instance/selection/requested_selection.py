"""A requested selection: what an admin wants to select for a feature, and the errors that prevent it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.resolution import allowed_models
from roster.instance.selection.selections import Selection, SelectionMode
from roster.naming import did_you_mean, join_names, quote

_MAX_MODEL_ERRORS = 10
"""How many models get an error message of their own; finding near misses takes time."""
_MAX_CHOICES = 5
"""How many models an error message offers."""
NO_LIST = "there is no list of models yet: models can be selected after the first sync"


class RequestedSelection(NamedTuple):
    """A selection that an admin requests for a feature.

    Attributes:
        models: the models to allow; empty if the mode allows all.
        default_model: empty to follow the roster.
        namespace_id: the namespace that selects one model; None for the instance.
        version: the version that the request is based on, 0 before the first selection; None to change any version.
    """

    feature: str
    models: tuple[str, ...]
    default_model: str
    namespace_id: int | None = None
    mode: SelectionMode = SelectionMode.CHOSEN_MODELS
    version: int | None = None

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


def find_errors(
    offered: OfferedList, requested: RequestedSelection, instance: Selection | None, before: Selection | None
) -> Iterator[str]:
    """Yield the errors of a requested selection as messages for people, all at once.

    Args:
        instance: the instance's stored selection for the feature.
        before: the stored selection to change.
    """
    if requested.mode is SelectionMode.ROSTER:
        if before is None:
            yield from _unknown_feature(offered, requested.feature)
        if requested.models or requested.default_model:
            yield "models and a default cannot be selected with this mode, which follows the roster"
        return
    if not offered.features:
        yield NO_LIST
        return
    yield from _unknown_feature(offered, requested.feature)
    yield from _inconsistencies(requested)
    instance, before = (each and each.with_current_ids(offered.aliases) for each in (instance, before))
    if feature := offered.features.get(requested.feature):
        of_namespace = requested.namespace_id is not None
        selectable = allowed_models(offered, feature.name, instance if of_namespace else None)
        yield from _validate_models(offered, feature, requested, before, selectable)


def _inconsistencies(requested: RequestedSelection) -> Iterator[str]:
    models = requested.models
    if requested.mode is SelectionMode.OWN_DEFAULT:
        if models:
            yield "models must be empty with this mode, which allows all"
        if not requested.default_model:
            yield "a default must be selected"
        return
    if not models:
        yield "at least one model must be allowed"
    for model in sorted(model for model, count in Counter(models).items() if count > 1)[:_MAX_MODEL_ERRORS]:
        yield f"{quote(model)} is listed more than once"
    if models and requested.default_model not in models:
        hint = did_you_mean(requested.default_model, models)
        yield _with_hint(f"the default {quote(requested.default_model)} is not one of the allowed models", hint)


def _validate_models(
    offered: OfferedList,
    feature: OfferedFeature,
    requested: RequestedSelection,
    before: Selection | None,
    selectable: tuple[str, ...],
) -> Iterator[str]:
    reported = {""} if requested.mode is SelectionMode.OWN_DEFAULT else set()
    refused = set(requested.stored_models) - {*selectable, *reported}
    rejected = [
        model
        for model in dict.fromkeys(requested.stored_models)
        if model in refused and not _is_unchanged(model, requested, before)
    ]
    yield from (_rejection(offered, feature, model, selectable) for model in rejected[:_MAX_MODEL_ERRORS])
    if len(rejected) > _MAX_MODEL_ERRORS:
        yield f"{len(rejected) - _MAX_MODEL_ERRORS} more models cannot be selected"


def _is_unchanged(model: str, requested: RequestedSelection, before: Selection | None) -> bool:
    """Return whether a model keeps its role. It need not be available then, so that saving does not lose it."""
    if before is None:
        return False
    return model == before.default_model or (model in before.models and model != requested.default_model)


def _rejection(offered: OfferedList, feature: OfferedFeature, model: str, selectable: tuple[str, ...]) -> str:
    """Return why a model cannot be selected for a feature."""
    if selectable:
        others = len(selectable) - _MAX_CHOICES
        choices = [*map(quote, selectable[:_MAX_CHOICES]), *([f"{others} others"] if others > 0 else [])]
        hint = f"select {join_names(choices, word='or')}"
    else:
        hint = "no model can be selected for it now"
    if model in feature.models:
        return f"the instance does not allow {quote(model)} for {quote(feature.name)}: {hint}"
    if suspension := offered.suspension(model, feature.name):
        return f"{quote(model)} is suspended since {suspension.since} ({suspension.reason}): {hint}"
    if replacement := offered.replacement_for(model, feature.name):
        return f"{quote(model)} no longer serves {quote(feature.name)}: it was replaced by {quote(replacement)}"
    if model in offered.models:
        return f"{quote(model)} does not serve {quote(feature.name)}: {hint}"
    return _with_hint(f"there is no model {quote(model)}", did_you_mean(model, selectable) or hint)


def _unknown_feature(offered: OfferedList, feature: str) -> Iterator[str]:
    if feature not in offered.features:
        yield _with_hint(f"there is no feature {quote(feature)}", did_you_mean(feature, offered.features))


def _with_hint(error: str, hint: str) -> str:
    return f"{error}: {hint}" if hint else error

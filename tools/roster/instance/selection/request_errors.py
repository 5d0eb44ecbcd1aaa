"""The errors that prevent a requested selection, as messages for people."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import allowed_models
from roster.instance.selection.selections import Selection, SelectionMode
from roster.naming import did_you_mean, join_names, printable, quote

_MAX_MODEL_ERRORS = 10
"""How many models get an error message of their own; finding near misses takes time."""
_MAX_CHOICES = 5
"""How many models an error message offers."""
NO_LIST = "there is no list of models yet: models can be selected after the first sync"


class Words(NamedTuple):
    """How messages name models and features.

    Attributes:
        near: returns a hint at near misses of a name, for callers who typed it.
    """

    model: Callable[[str], str]
    feature: Callable[[str], str]
    near: Callable[[str, Iterable[str]], str]


BY_ID = Words(quote, quote, did_you_mean)
"""For callers of the API, who send ids."""


def by_title(offered: OfferedList) -> Words:
    """Return the words for people who see display names and titles, and type neither."""

    def feature_title(name: str) -> str:
        return printable(offered.features[name].title) if name in offered.features else quote(name)

    def model_name(id_: str) -> str:
        return printable(offered.display_name(id_)) if id_ in offered.models else quote(id_)

    return Words(model_name, feature_title, lambda *_: "")


def find_errors(
    offered: OfferedList,
    requested: RequestedSelection,
    instance: Selection | None,
    before: Selection | None,
    words: Words = BY_ID,
) -> Iterator[str]:
    """Yield the errors of a requested selection as messages for people, all at once.

    Args:
        instance: the instance's stored selection for the feature.
        before: the stored selection to change.
    """
    if requested.mode is SelectionMode.ROSTER:
        if before is None:
            yield from _unknown_feature(offered, requested.feature, words)
        if requested.models or requested.default_model:
            yield "models and a default cannot be selected with this mode, which follows the roster"
        return
    if not offered.features:
        yield NO_LIST
        return
    yield from _unknown_feature(offered, requested.feature, words)
    yield from _inconsistencies(requested, words)
    instance, before = (each and each.with_current_ids(offered.aliases) for each in (instance, before))
    if feature := offered.features.get(requested.feature):
        of_namespace = requested.namespace_id is not None
        selectable = allowed_models(offered, feature.name, instance if of_namespace else None)
        yield from _validate_models(offered, feature, requested, before, selectable, words)


def _inconsistencies(requested: RequestedSelection, words: Words) -> Iterator[str]:
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
        yield f"{words.model(model)} is listed more than once"
    if models and requested.default_model not in models:
        hint = words.near(requested.default_model, models)
        yield _with_hint(f"the default {words.model(requested.default_model)} is not one of the allowed models", hint)


def _validate_models(
    offered: OfferedList,
    feature: OfferedFeature,
    requested: RequestedSelection,
    before: Selection | None,
    selectable: tuple[str, ...],
    words: Words,
) -> Iterator[str]:
    reported = {""} if requested.mode is SelectionMode.OWN_DEFAULT else set()
    refused = set(requested.stored_models) - {*selectable, *reported}
    rejected = [
        model
        for model in dict.fromkeys(requested.stored_models)
        if model in refused
        and not _is_unchanged(model, requested, before)
        and not (requested.undoes and model not in feature.models)
    ]
    yield from (_rejection(offered, feature, model, selectable, words) for model in rejected[:_MAX_MODEL_ERRORS])
    if len(rejected) > _MAX_MODEL_ERRORS:
        yield f"{len(rejected) - _MAX_MODEL_ERRORS} more models cannot be selected"


def _is_unchanged(model: str, requested: RequestedSelection, before: Selection | None) -> bool:
    """Return whether a model keeps its role. It need not be available then, so that saving does not lose it."""
    if before is None:
        return False
    return model == before.default_model or (model in before.models and model != requested.default_model)


def _rejection(
    offered: OfferedList, feature: OfferedFeature, model: str, selectable: tuple[str, ...], words: Words
) -> str:
    """Return why a model cannot be selected for a feature."""
    name, title = words.model(model), words.feature(feature.name)
    if selectable:
        others = len(selectable) - _MAX_CHOICES
        choices = [*map(words.model, selectable[:_MAX_CHOICES]), *([f"{others} others"] if others > 0 else [])]
        hint = f"select {join_names(choices, word='or')}"
    else:
        hint = "no model can be selected for it now"
    if model in feature.models:
        return f"the instance does not allow {name} for {title}: {hint}"
    if suspension := offered.suspension(model, feature.name):
        return f"{name} has been suspended since {suspension.since} ({suspension.reason}): {hint}"
    if replacement := offered.replacement_for(model, feature.name):
        return f"{name} no longer serves {title}: it was replaced by {words.model(replacement)}"
    if model in offered.models:
        return f"{name} does not serve {title}: {hint}"
    return _with_hint(f"there is no model {quote(model)}", words.near(model, selectable) or hint)


def _unknown_feature(offered: OfferedList, feature: str, words: Words) -> Iterator[str]:
    if feature not in offered.features:
        yield _with_hint(f"there is no feature {quote(feature)}", words.near(feature, offered.features))


def _with_hint(error: str, hint: str) -> str:
    return f"{error}: {hint}" if hint else error

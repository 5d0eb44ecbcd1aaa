"""Feature names in a model: where they are written, and what a misspelled one stands for.

Rules share this so that a misspelled feature has one finding, by ``unknown-feature``, and no consequences elsewhere.
"""

from collections.abc import Iterable, Iterator

from roster.findings import Edit, Finding, Pointer, Remove, Replace
from roster.naming import closest_name, quote, unambiguous_name
from roster.roster import UNREADABLE_FEATURE, Model, Roster
from roster.rules.base.rule import Context


def written_features(model: Model) -> Iterator[tuple[Pointer, str]]:
    """Yield every feature that a model names, with its pointer within the model."""
    retiring = model.retirement.features if model.retirement else ()
    lists = {("features",): model.features, ("default_for",): model.default_for, ("retirement", "features"): retiring}
    for keys, features in lists.items():
        for index, feature in enumerate(features):
            if feature != UNREADABLE_FEATURE:
                yield (*keys, index), feature


def intended_feature(name: str, context: Context) -> str | None:
    """Return the registered feature that an unknown name probably stands for."""
    spellings = context.registries.feature_spellings
    return spellings.get(name) or spellings.get(closest_name(name, spellings) or "")


def intended_features(names: Iterable[str], context: Context) -> set[str]:
    """Return the registered features that the unknown ones among some names probably stand for."""
    registered = context.registries.features
    return {feature for name in names if name not in registered if (feature := intended_feature(name, context))}


def correction(roster: Roster, model: Model, wrong: str, context: Context) -> tuple[Edit, ...]:
    """Return the edits that correct a misspelled feature throughout a model; none where the right name is not certain.

    A list that has the right name already loses the wrong one.
    """
    right = unambiguous_name(wrong, context.registries.feature_spellings)
    if right is None:
        return ()
    written = list(written_features(model))
    complete = {pointer[:-1] for pointer, feature in written if feature == right}
    edits: list[Edit] = []
    for pointer, feature in written:
        if feature == wrong:
            place = roster.at(model, *pointer)
            edits.append(Remove(place) if pointer[:-1] in complete else Replace(place, right))
            complete.add(pointer[:-1])
    return tuple(edits)


def unserved_features(roster: Roster, keys: Pointer, context: Context) -> Iterator[Finding]:
    """Yield a finding for each feature that the list at some keys of a model names and the model does not serve."""
    for model in roster:
        if not model.features or UNREADABLE_FEATURE in model.features:
            continue  # where the model's features cannot be read, they may include any
        for pointer, feature in written_features(model):
            if pointer[:-1] != keys or feature in model.features or feature not in context.registries.features:
                continue
            if feature not in intended_features(model.features, context):
                place = roster.at(model, *pointer)
                yield Finding(
                    place,
                    f"{quote(feature)} is not among this model's features",
                    'add it to "features", or remove it here',
                    f"this model's features: {', '.join(model.features)}",
                    (Remove(place),) if keys == ("default_for",) else (),
                )

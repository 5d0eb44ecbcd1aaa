"""Rules on features: the features that models serve."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from roster.findings import Edit, Finding, Place, Pointer, Remove, Replace
from roster.model import UNREADABLE_FEATURE, Model, retirement_pointer
from roster.naming import list_names, quote
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.rule import Context, roster_rule

_TWO_RETIREMENTS = """\
  retirement:
    - {notice: 2030-01-01, last_day: 2031-01-01, replacement: gemini, features: [duo_chat]}
    - {notice: 2030-01-01, last_day: 2032-01-01, replacement: gemini, features: [duo_chat]}
"""
_ONE_RETIREMENT = "".join(_TWO_RETIREMENTS.splitlines(keepends=True)[:2])
_REQUIRED = "[code-completion, code-generation]"


@roster_rule(
    summary="Unknown feature.",
    reason="Gateways and instances recognize only registered features, so the model would not serve the intended one.",
    remedy="Spell the feature as in schemas/features.yaml, or add it there first.",
    bad="- name: Claude\n  features: [code-generatoin]\n",
    good="- name: Claude\n  features: [code-generation]\n  default_for: [code-generation]\n",
    schema_decides=True,
)
def unknown_feature(roster: Roster, context: Context) -> Iterator[Finding]:
    registered = context.registries.features
    note = f"known features: {list_names(registered)}"
    for model in roster:
        corrections: dict[str, tuple[Edit, ...]] = {}  # the same for each occurrence in the model
        for pointer, feature in written_features(model):
            if feature in registered or (pointer[0] != "features" and feature in model.features):
                continue
            intended = context.registries.feature_finder.named_in(feature)
            hint = f'did you mean "{intended[0]}"?' if len(intended) == 1 else _list_hint(feature, intended, context)
            if feature not in corrections:
                is_name = len(intended) == 1
                corrections[feature] = _correction(roster, model, feature, context) if is_name else ()
            fix = corrections[feature]
            place = _place(roster, model, pointer)
            yield Finding(place, f"unknown feature {quote(feature)}", hint, note, fix)


def _list_hint(feature: str, intended: Collection[str], context: Context) -> str:
    """Return what to write instead of a text with several features, or with one that is off, such as ``!duo_chat``."""
    if intended:
        return f"write separate items: {', '.join(intended)}"
    is_off = context.registries.feature_finder.is_off(feature)
    return "remove it: a feature that is not listed is off" if is_off else ""


@roster_rule(
    summary="Feature listed twice.",
    reason="The duplicate has no effect, and artifacts cannot contain it.",
    remedy="Remove the duplicate.",
    bad="- name: Claude\n  features: [duo_chat, duo_chat]\n  default_for: [duo_chat]\n",
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    schema_decides=True,
)
def duplicate_feature(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        seen: dict[tuple[Pointer, str], Place] = {}
        for pointer, feature in written_features(model):
            place = roster.at(model, *pointer)
            first = seen.setdefault((pointer[:-1], feature), place)
            if first is not place:
                message, fix = f"{quote(feature)} is listed twice", (Remove(place),)
                yield Finding(place, message, "remove one of the two", "", fix, first=first)


@roster_rule(
    summary="Retirement of a feature that the model does not serve.",
    reason="The intended feature would still be offered after its announced last day.",
    remedy="List only features that the model serves, or omit the key to retire the whole model.",
    bad=f"{examples.DEFAULT_CLAUDE}{examples.ANNOUNCED}    features: [summarize_mr_review]\n{examples.GEMINI}",
    good=f"{examples.CLAUDE}{examples.ANNOUNCED}    features: [duo_chat]\n{examples.DEFAULT_GEMINI}",
)
def retirement_feature_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster:
        for retirement in model.retirements:
            keys = (*retirement_pointer(model, retirement), "features")
            places = {feature: roster.at(model, *keys, index) for index, feature in enumerate(retirement.features)}
            yield from unserved_features(model, places, context)


@roster_rule(
    summary="Feature with two retirements in one model.",
    reason="It would be undefined which of the two last days and replacements applies.",
    remedy="Name each feature in one retirement only, and the features of each retirement in a list of several.",
    bad=f"{examples.CLAUDE}{_TWO_RETIREMENTS}{examples.DEFAULT_GEMINI}",
    good=f"{examples.CLAUDE}{_ONE_RETIREMENT}{examples.DEFAULT_GEMINI}",
    ignorable=False,
)
def duplicate_retirement(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        first: dict[str, Place] = {}
        for retirement in model.retirements if len(model.retirements) > 1 else ():
            place = roster.retirement_at(model, retirement)
            if not retirement.features and isinstance(model.entry["retirement"], list):
                message = "this retirement names no features, so it ends all of them"
                yield Finding(place, message, 'add "features:", with those that the other retirements do not end')
            for index, feature in enumerate(retirement.features):
                place = roster.retirement_at(model, retirement, "features", index)
                is_first = first.setdefault(feature, place).pointer[:3] == place.pointer[:3]
                if not is_first and feature != UNREADABLE_FEATURE:
                    message = f"{quote(feature)} already has a retirement"
                    yield Finding(place, message, "keep it in one of the two", first=first[feature])


@roster_rule(
    summary="Release state of a feature that the model does not serve.",
    reason="The release state of the intended feature would remain that of the model.",
    remedy="Name only features that the model serves in release_state_for.",
    bad=f"{examples.DEFAULT_CLAUDE}  release_state_for: {{summarize_mr_review: GA}}\n",
    good=f"{examples.DEFAULT_CLAUDE}  release_state_for: {{duo_chat: GA}}\n",
)
def release_state_feature_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster:
        places = {feature: roster.key(model, "release_state_for", feature) for feature in model.release_state_for}
        yield from unserved_features(model, places, context)


@roster_rule(
    summary="Required feature without a model.",
    reason="The feature fails for all customers of this environment.",
    remedy="Add the feature to a model, or mark it as not required in schemas/features.yaml.",
    bad=examples.DEFAULT_CLAUDE,
    good=f"- name: Claude\n  features: {_REQUIRED}\n  default_for: {_REQUIRED}\n",
)
def feature_without_model(roster: Roster, context: Context) -> Iterator[Finding]:
    readable = all(model.features and UNREADABLE_FEATURE not in model.features for model in roster)
    if not roster.models or not roster.complete or not readable:
        return  # a model that cannot be read may serve it; an empty roster is one finding
    served = intended_features(roster.serving, context)
    served.update(*{model.offered_features(context.today) for model in roster})
    for feature in context.registries.features.values():
        if feature.required and feature.name not in served:
            message, place = (
                f"no model serves the required feature {quote(feature.name)}",
                Place(roster.path, at_key=True),
            )
            hint = "add it to the features of a model"
            serving = roster.serving.get(feature.name, ())
            if suspended := next(
                (each for each in serving if feature.name in each.remaining_features(context.today)), None
            ):
                place = roster.key(suspended, "suspended")
                message, hint = f"{message} while this one is suspended", "add it to the features of another model"
            yield Finding(place, message, hint)


def written_features(model: Model) -> Iterator[tuple[Pointer, str]]:
    """Yield every feature that a model names, with the pointer to its item or key within the model."""
    retiring = ((retirement_pointer(model, each), each.features) for each in model.retirements)
    lists: dict[Pointer, Iterable[str]] = {("features",): model.features, ("default_for",): model.default_for}
    lists |= {(*pointer, "features"): features for pointer, features in retiring}
    lists[("release_state_for",)] = model.release_state_for
    for keys, features in lists.items():
        is_mapping = isinstance(model.entry.get(str(keys[0])), dict) and len(keys) == 1
        for index, feature in enumerate(features):
            if feature != UNREADABLE_FEATURE:
                yield (*keys, feature if is_mapping else index), feature


def _place(roster: Roster, model: Model, pointer: Pointer) -> Place:
    """Return the place of a feature that a model names."""
    return roster.at(model, *pointer) if isinstance(pointer[-1], int) else roster.key(model, *pointer)


def intended_features(names: Iterable[str], context: Context) -> set[str]:
    """Return the registered features that the unknown ones among some names probably stand for."""
    unknown = [name for name in names if name not in context.registries.features]
    return {feature for name in unknown for feature in context.registries.feature_finder.named_in(name)}


def _correction(roster: Roster, model: Model, wrong: str, context: Context) -> tuple[Edit, ...]:
    """Return the edits that correct a misspelled feature throughout a model; none where the right name is not certain.

    A list that has the right name already loses the wrong one.
    """
    right = context.registries.feature_suggestions.unambiguous(wrong)
    if right is None:
        return ()
    written = list(written_features(model))
    complete = {pointer[:-1] for pointer, feature in written if feature == right}
    edits: list[Edit] = []
    for pointer, feature in written:
        if feature == wrong:
            place = _place(roster, model, pointer)
            if place.at_key and pointer[:-1] in complete:
                return ()  # the two may have different values
            edits.append(Remove(place) if pointer[:-1] in complete else Replace(place, right))
            complete.add(pointer[:-1])
    return tuple(edits)


def is_unserved(model: Model, feature: str, context: Context) -> bool:
    """Return whether a model does not serve a registered feature; false if it may, where its features are invalid."""
    if not model.features or UNREADABLE_FEATURE in model.features or feature in model.features:
        return False
    return feature in context.registries.features and feature not in intended_features(model.features, context)


def first_offer(roster: Roster, feature: str, context: Context) -> Place | None:
    """Return the place of a feature in the first model that offers it today; None if none does."""
    for model in roster.serving.get(feature, ()):
        if feature in model.offered_features(context.today):
            return roster.at(model, "features", model.features.index(feature))
    return None


def unserved_features(model: Model, places: Mapping[str, Place], context: Context) -> Iterator[Finding]:
    """Yield a finding for each feature at some places of a model that the model does not serve."""
    for feature, place in places.items():
        if is_unserved(model, feature, context):
            yield Finding(
                place,
                f"{quote(feature)} is not among this model's features",
                'add it to "features", or remove it here',
                f"this model's features: {list_names(model.features)}",
            )

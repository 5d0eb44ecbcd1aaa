"""Rules on features: which a model serves, and which it is the default of."""

from collections.abc import Iterable, Iterator

from roster.findings import Edit, Finding, Place, Remove, Replace, Severity
from roster.naming import closest_name, join_names, quote, unambiguous_name
from roster.roster import UNREADABLE_FEATURE, Model, Roster
from roster.rules.rule import Context, roster_rule


@roster_rule(
    severity=Severity.ERROR,
    summary="A feature is not in the registry.",
    reason="Gateway and instances know features by their registered names: any other serves nobody.",
    remedy="Write the name as schemas/features.yaml has it, or add the feature there first.",
    bad="- name: Claude\n  features: [code-generatoin]\n",
    good="- name: Claude\n  features: [code-generation]\n  default_for: [code-generation]\n",
    schema_decides=True,
)
def unknown_feature(roster: Roster, context: Context) -> Iterator[Finding]:
    known = context.registries.features
    note = f"known features: {', '.join(known)}"
    for model in roster:
        for keys, feature in _named(model):
            if feature in known or (keys[0] != "features" and feature in model.features):
                continue
            near = _meant(feature, context)
            hint = f'did you mean "{near}"?' if near else ""
            fix = _corrected(roster, model, feature, context) if near else ()
            yield Finding(roster.at(model, *keys), f"unknown feature {quote(feature)}", hint, note, fix)


@roster_rule(
    severity=Severity.ERROR,
    summary="A model names a feature twice in one list.",
    reason="The second naming says nothing, and often stands where another feature was meant.",
    remedy="Remove one of the two, or write the feature that was meant.",
    bad="- name: Claude\n  features: [duo_chat, duo_chat]\n  default_for: [duo_chat]\n",
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    schema_decides=True,
)
def duplicate_feature(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        seen = set()
        for keys, feature in _named(model):
            if (keys[:-1], feature) in seen:
                place = roster.at(model, *keys)
                yield Finding(place, f"{quote(feature)} is named twice here", "remove one", "", (Remove(place),))
            seen.add((keys[:-1], feature))


@roster_rule(
    severity=Severity.ERROR,
    summary="A feature is served, but no model is its default.",
    reason="Everyone who chose no model gets the default; without one, the feature fails for them.",
    remedy="Add the feature to default_for of the model that most should use.",
    bad="- name: Claude\n  features: [duo_chat]\n",
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
)
def missing_default(roster: Roster, context: Context) -> Iterator[Finding]:
    if not roster.complete:
        return  # a model that cannot be read may be the default
    named = roster.defaults.keys() | _slips(roster.defaults, context)
    for feature, serving in roster.serving.items():
        if feature in named or feature not in context.registries.features:
            continue
        models = [model for model in serving if feature in model.offered_features(context.today)]
        if models and not any(UNREADABLE_FEATURE in model.default_for for model in models):
            first = models[0]
            place = roster.at(first, "features", first.features.index(feature))
            hint = f"add it to default_for of {_names(models)}"
            yield Finding(place, f"no model is the default of {quote(feature)}", hint)


@roster_rule(
    severity=Severity.ERROR,
    summary="Two models are the default of one feature.",
    reason="Which of the two serves a customer would be left to chance.",
    remedy="Keep the feature in default_for of one model only.",
    bad=(
        "- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n"
        "- name: Gemini\n  features: [duo_chat]\n  default_for: [duo_chat]\n"
    ),
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n- name: Gemini\n  features: [duo_chat]\n",
)
def duplicate_default(roster: Roster, _: Context) -> Iterator[Finding]:
    for feature, models in roster.defaults.items():
        first = models[0]
        for model in models[1:]:
            if model.id != first.id:  # the same id again is duplicate-id's to tell
                place = roster.at(model, "default_for", model.default_for.index(feature))
                message = f"{quote(feature)} already has a default: {quote(first.name)}"
                yield Finding(place, message, "keep one of the two")


@roster_rule(
    severity=Severity.ERROR,
    summary="A model is the default of a feature that it does not serve.",
    reason="The gateway would send the feature's requests to a model that is not offered for it.",
    remedy="Add the feature to the model's features, or take it out of default_for.",
    bad="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat, duo_chat_fix_code]\n",
    good="- name: Claude\n  features: [duo_chat, duo_chat_fix_code]\n  default_for: [duo_chat, duo_chat_fix_code]\n",
)
def default_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster:
        yield from _not_among_its_features(roster, model, "default_for", model.default_for, context)


@roster_rule(
    severity=Severity.ERROR,
    summary="A retirement ends a feature that the model does not serve.",
    reason="The feature that was meant would go on being offered past its announced end.",
    remedy="Name features of the model only, or leave the key out to retire the whole model.",
    bad=(
        "- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n  retirement:\n    notice: 2030-01-01\n"
        "    last_day: 2031-01-01\n    replacement: gemini\n    features: [summarize_mr_review]\n"
        "- name: Gemini\n  features: [duo_chat]\n"
    ),
    good=(
        "- name: Claude\n  features: [duo_chat]\n  retirement:\n    notice: 2030-01-01\n"
        "    last_day: 2031-01-01\n    replacement: gemini\n    features: [duo_chat]\n"
        "- name: Gemini\n  features: [duo_chat]\n  default_for: [duo_chat]\n"
    ),
)
def retirement_feature_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster:
        if model.retirement and model.retirement.features:
            yield from _not_among_its_features(roster, model, "retirement", model.retirement.features, context)


@roster_rule(
    severity=Severity.ERROR,
    summary="A default has a release state that the environment does not allow for defaults.",
    reason="A default serves everyone who chose nothing; nobody should get an unfinished model unasked.",
    remedy="Make another model the default, or wait until this one is released.",
    bad="- name: Claude\n  release_state: BETA\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    good="- name: Claude\n  release_state: GA\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
)
def default_release_state(roster: Roster, context: Context) -> Iterator[Finding]:
    policy = context.policy(roster)
    if policy is None:
        return
    choosable = set(policy.release_states) - set(policy.default_release_states)
    for model in roster:
        if model.default_for and model.release_state in choosable:
            message = f"a {model.release_state} model cannot be a default in {roster.environment}"
            allowed = join_names(policy.default_release_states, word="or")
            yield Finding(roster.key(model, "default_for"), message, f"make a {allowed} model the default")


@roster_rule(
    severity=Severity.WARNING,
    summary="A default is on a model whose retirement is announced.",
    reason="On the day after its last day the feature has no default; admins look for the new one from the notice on.",
    remedy="Move the default to the replacement before the last day.",
    bad=(
        "- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n  retirement:\n    notice: 2026-01-01\n"
        "    last_day: 2031-01-01\n    replacement: gemini\n"
        "- name: Gemini\n  features: [duo_chat]\n"
    ),
    good=(
        "- name: Claude\n  features: [duo_chat]\n  retirement:\n    notice: 2026-01-01\n"
        "    last_day: 2031-01-01\n    replacement: gemini\n"
        "- name: Gemini\n  features: [duo_chat]\n  default_for: [duo_chat]\n"
    ),
)
def default_retiring(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster:
        retirement = model.retirement
        if retirement and retirement.last_day and not retirement.is_over(context.today):
            for index, feature in enumerate(model.default_for):
                if feature in model.retiring_features():
                    message = f"the default of {quote(feature)} retires after {retirement.last_day}"
                    hint = (
                        f"make {quote(retirement.replacement)} the default before then"
                        if retirement.replacement
                        else ""
                    )
                    yield Finding(roster.at(model, "default_for", index), message, hint)


@roster_rule(
    severity=Severity.ERROR,
    summary="A feature that every environment must offer has no model.",
    reason="Customers of this environment lose the feature altogether.",
    remedy="Add the feature to a model, or say in schemas/features.yaml that it is not required.",
    bad="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    good=(
        "- name: Claude\n  features: [code-completion, code-generation]\n"
        "  default_for: [code-completion, code-generation]\n"
    ),
)
def feature_without_model(roster: Roster, context: Context) -> Iterator[Finding]:
    if not all(model.features and UNREADABLE_FEATURE not in model.features for model in roster):
        return  # a model whose features cannot be read may be the one that serves it
    served = _slips(roster.serving, context)
    served.update(*{model.offered_features(context.today) for model in roster})
    for feature in context.registries.features.values():
        if feature.required and feature.name not in served:
            message = f"no model serves {quote(feature.name)}, which every environment must offer"
            yield Finding(Place(roster.path), message, "add it to the features of a model")


def _named(model: Model) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every feature that a model names, with the keys that lead to it."""
    retiring = model.retirement.features if model.retirement else ()
    lists = {("features",): model.features, ("default_for",): model.default_for, ("retirement", "features"): retiring}
    for keys, features in lists.items():
        for index, feature in enumerate(features):
            if feature != UNREADABLE_FEATURE:
                yield (*keys, index), feature


def _not_among_its_features(
    roster: Roster, model: Model, key: str, features: tuple[str, ...], context: Context
) -> Iterator[Finding]:
    for index, feature in enumerate(features):
        if feature in model.features or not model.features or UNREADABLE_FEATURE in model.features:
            continue
        if feature in context.registries.features and feature not in _slips(model.features, context):
            keys = (key, index) if key != "retirement" else (key, "features", index)
            place, offered = roster.at(model, *keys), ", ".join(model.features)
            yield Finding(
                place,
                f"{quote(feature)} is not among this model's features",
                'add it to "features", or remove it here',
                f"its features: {offered}" if offered else "",
                (Remove(place),) if key == "default_for" else (),
            )


def _meant(name: str, context: Context) -> str | None:
    """Return the feature that an unknown name was probably meant to be."""
    spellings = context.registries.feature_spellings
    return spellings.get(name) or spellings.get(closest_name(name, spellings) or "")


def _corrected(roster: Roster, model: Model, wrong: str, context: Context) -> tuple[Edit, ...]:
    """Return what writes the right name for a wrong one throughout a model, once in each list."""
    right = unambiguous_name(wrong, context.registries.feature_spellings)
    if right is None:
        return ()
    named = list(_named(model))
    lists = {keys[:-1] for keys, feature in named if feature == right}
    edits: list[Edit] = []
    for keys, feature in named:
        if feature == wrong:
            place = roster.at(model, *keys)
            edits.append(Remove(place) if keys[:-1] in lists else Replace(place, right))
            lists.add(keys[:-1])
    return tuple(edits)


def _slips(names: Iterable[str], context: Context) -> set[str]:
    """Return the features that the unknown ones among some names were meant to be: unknown-feature tells of those."""
    meant = (_meant(name, context) for name in names if name not in context.registries.features)
    return {feature for feature in meant if feature}


def _names(models: list[Model]) -> str:
    """Name the models of which one has to be chosen, or say how many there are."""
    if len(models) > 3:
        return f"one of the {len(models)} models that serve it"
    return join_names((quote(model.name) for model in models), word="or")

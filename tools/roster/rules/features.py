"""Rules on features: the features that models name."""

from collections.abc import Iterator

from roster.findings import Finding, Place, Remove
from roster.naming import quote
from roster.roster import UNREADABLE_FEATURE, Roster
from roster.rules.base.example_rosters import (
    CLAUDE,
    DEFAULT_CLAUDE,
    DEFAULT_GEMINI,
    FUTURE,
    GEMINI,
    retirement_yaml,
)
from roster.rules.base.feature_names import (
    correction,
    intended_feature,
    intended_features,
    unserved_features,
    written_features,
)
from roster.rules.base.rule import Context, roster_rule

_RETIREMENT = retirement_yaml(*FUTURE, "gemini")


@roster_rule(
    summary="Unknown feature.",
    reason="Gateways and instances know features by their registered names; any other name serves nobody.",
    remedy="Spell the feature as in schemas/features.yaml, or add it there first.",
    bad="- name: Claude\n  features: [code-generatoin]\n",
    good="- name: Claude\n  features: [code-generation]\n  default_for: [code-generation]\n",
    schema_decides=True,
)
def unknown_feature(roster: Roster, context: Context) -> Iterator[Finding]:
    registered = context.registries.features
    note = f"known features: {', '.join(registered)}"
    for model in roster:
        for pointer, feature in written_features(model):
            if feature in registered or (pointer[0] != "features" and feature in model.features):
                continue
            intended = intended_feature(feature, context)
            hint = f'did you mean "{intended}"?' if intended else ""
            fix = correction(roster, model, feature, context) if intended else ()
            yield Finding(roster.at(model, *pointer), f"unknown feature {quote(feature)}", hint, note, fix)


@roster_rule(
    summary="Feature listed twice.",
    reason="The duplicate has no effect, and often another feature was meant.",
    remedy="Remove one of the two, or write the feature that was meant.",
    bad="- name: Claude\n  features: [duo_chat, duo_chat]\n  default_for: [duo_chat]\n",
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    schema_decides=True,
)
def duplicate_feature(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        seen = set()
        for pointer, feature in written_features(model):
            if (pointer[:-1], feature) in seen:
                place = roster.at(model, *pointer)
                yield Finding(place, f"{quote(feature)} is listed twice", "remove one of the two", "", (Remove(place),))
            seen.add((pointer[:-1], feature))


@roster_rule(
    summary="Retirement of a feature that the model does not serve.",
    reason="The feature that was meant would still be offered after its announced last day.",
    remedy="List only features of the model, or omit features to retire the whole model.",
    bad=f"{DEFAULT_CLAUDE}{_RETIREMENT}    features: [summarize_mr_review]\n{GEMINI}",
    good=f"{CLAUDE}{_RETIREMENT}    features: [duo_chat]\n{DEFAULT_GEMINI}",
)
def retirement_feature_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    return unserved_features(roster, ("retirement", "features"), context)


@roster_rule(
    summary="Required feature without a model.",
    reason="The feature fails for all customers of this environment.",
    remedy="Add the feature to a model, or mark it as not required in schemas/features.yaml.",
    bad=DEFAULT_CLAUDE,
    good=(
        "- name: Claude\n  features: [code-completion, code-generation]\n"
        "  default_for: [code-completion, code-generation]\n"
    ),
)
def feature_without_model(roster: Roster, context: Context) -> Iterator[Finding]:
    if not all(model.features and UNREADABLE_FEATURE not in model.features for model in roster):
        return  # a model whose features cannot be read may serve it
    served = intended_features(roster.serving, context)
    served.update(*{model.offered_features(context.today) for model in roster})
    for feature in context.registries.features.values():
        if feature.required and feature.name not in served:
            message = f"no model serves the required feature {quote(feature.name)}"
            yield Finding(Place(roster.path), message, "add it to the features of a model")

"""Rules on capabilities: what models can do, and what features require."""

from collections.abc import Iterator

from roster.findings import Finding, Replace
from roster.model import UNREADABLE_FEATURE, Model
from roster.naming import join_names, list_names, quote
from roster.registries import CAPABILITIES, FEATURES
from roster.roster import Roster
from roster.rules.base.rule import Context, roster_rule

_CODESTRAL = (
    f"# {FEATURES}: code-completion has requires: [fim]\n"
    "- name: Codestral\n  features: [code-completion]\n  default_for: [code-completion]\n"
)


@roster_rule(
    summary="Unknown capability.",
    reason="Gateways and features look for registered capabilities, so this one has no effect.",
    remedy=f"Spell the capability as in {CAPABILITIES}, or add it there first.",
    bad="- name: Claude\n  capabilities: [tools, visoin]\n",
    good="- name: Claude\n  capabilities: [tools, vision]\n",
)
def unknown_capability(roster: Roster, context: Context) -> Iterator[Finding]:
    registered = context.registries.capabilities
    for model in roster:
        for index, name in enumerate(model.capabilities):
            if registered and name != UNREADABLE_FEATURE and name not in registered:
                place, suggestions = roster.at(model, "capabilities", index), context.registries.capability_suggestions
                right = suggestions.unambiguous(name)
                fix = (Replace(place, right),) if right and right not in model.capabilities else ()
                note = f"known capabilities: {list_names(registered)}"
                yield Finding(place, f"unknown capability {quote(name)}", suggestions.did_you_mean(name), note, fix)


@roster_rule(
    summary="Feature that requires a capability which the model lacks.",
    reason="The gateway sends the feature's requests to the model, which cannot answer them as the feature needs.",
    remedy="Add the capability if the model has it; otherwise, remove the feature from the model.",
    bad=_CODESTRAL,
    good=f"{_CODESTRAL}  capabilities: [fim]\n",
)
def missing_capability(roster: Roster, context: Context) -> Iterator[Finding]:
    requirements = {feature.name: feature.requires for feature in context.registries.features.values()}
    if not any(requirements.values()):
        return
    for model in roster:
        remaining = model.remaining_features(context.today)
        missing = dict.fromkeys(name for feature in remaining for name in requirements.get(feature, ()))
        stated = _stated(model, context) if missing else set()
        for name in (name for name in missing if name not in stated):
            features = [feature for feature in remaining if name in requirements.get(feature, ())]
            verb = "requires" if len(features) == 1 else "require"
            message = f"{join_names(map(quote, features))} {verb} the capability {quote(name)}"
            place = roster.at(model, "features", model.features.index(features[0]))
            yield Finding(place, message, f"add {name} to its capabilities if the model has it, or remove the feature")


def _stated(model: Model, context: Context) -> set[str]:
    """Return the capabilities that a model states, or may state as far as they can be read."""
    registries, stated = context.registries, set(model.capabilities)
    if UNREADABLE_FEATURE in stated:
        return set(registries.capabilities)
    unknown = stated.difference(registries.capabilities)  # unknown-capability reports a misspelled one
    return stated | {name for each in unknown if (name := registries.capability_suggestions.closest(each))}

"""Rules on identifiers: the provider's name of a model, and its prompt family."""

import re
from collections.abc import Iterator

from roster.findings import Finding, Replace, Severity
from roster.model import Model, days_after
from roster.naming import join_names, list_names, quote, space_hint
from roster.registries import PROVIDERS, Registries
from roster.roster import Roster
from roster.rules.base.identity import is_well_formed
from roster.rules.base.rule import Context, roster_rule

_FLOATING = ("latest", "default", "stable", "current", "newest")
_ROUTE = "converse|converse_like|invoke|[a-z]{2,}(-[a-z]+)+-[0-9]+"
"""What LiteLLM allows between the prefix and the name of a model of Bedrock: an API, or a region."""
_PROFILES = """\
- name: bedrock
  title: Bedrock
  prefixes: [bedrock]
  credential: ambient
  hosts: ["bedrock-runtime.{region}.amazonaws.com"]
  regions: {us.: [us-]}
  inference_profiles:
    bedrock/deepseek.r1-v1:0: {profiles: [us.]}
"""
_US = "  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com\n"


@roster_rule(
    summary="Identifier without the form provider/model.",
    reason="The gateway reads the provider before the first slash and the model after it.",
    remedy="Write the provider, a slash and the provider's own name for the model.",
    bad="- name: Claude\n  identifier: claude-3-7-sonnet-20250219\n",
    good="- name: Claude\n  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0\n",
    schema_decides=True,
)
def malformed_identifier(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        if model.identifier is not None and not is_well_formed(model.identifier):
            message = f"{quote(model.identifier)} is not of the form provider/model"
            note = "expected: provider/model, such as fireworks_ai/codestral-2501, without spaces"
            hint = "the provider is missing" if "/" not in model.identifier else space_hint(model.identifier)
            yield Finding(roster.at(model, "identifier"), message, hint, note)


@roster_rule(
    severity=Severity.WARNING,
    summary="Identifier without a version.",
    reason="The provider can replace the model behind such an identifier without a merge request.",
    remedy="Use an identifier with a version or a date.",
    bad="- name: Claude\n  identifier: anthropic/claude-sonnet-latest\n",
    good="- name: Claude\n  identifier: anthropic/claude-3-7-sonnet-20250219\n",
)
def unpinned_identifier(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        _provider, _slash, name = (model.identifier or "").partition("/")
        if name.endswith(_FLOATING) and (last := re.split("[-_.:@/]", name)[-1]) in _FLOATING:
            message = f"{quote(last)} can point to another model at any time"
        elif name and not re.search("[0-9]", name):
            message = "the identifier has no version"
        else:
            continue
        if is_well_formed(model.identifier):  # malformed-identifier reports others
            yield Finding(roster.at(model, "identifier"), message, "write a version or a date")


@roster_rule(
    summary="Identifier that the provider accepts only with an inference profile.",
    reason=(
        "Bedrock does not run the model on demand in the endpoint's region. It rejects requests for the model's own "
        "name, and accepts those for an inference profile, which also says where prompts are processed."
    ),
    remedy=(
        "Write the inference profile for the region in which prompts may be processed. If the provider accepts the "
        f"identifier now, add the endpoint's region to on_demand in {PROVIDERS}."
    ),
    bad={
        PROVIDERS: _PROFILES,
        "production": "- name: DeepSeek R1\n  identifier: bedrock/deepseek.r1-v1:0\n" + _US,
    },
    good={
        PROVIDERS: _PROFILES,
        "production": "- name: DeepSeek R1\n  identifier: bedrock/us.deepseek.r1-v1:0\n" + _US,
    },
)
def needs_inference_profile(roster: Roster, context: Context) -> Iterator[Finding]:
    if not any(provider.inference_profiles for provider in context.registries.providers.values()):
        return
    for model in roster:
        region, profiles = _required_profiles(model, context.registries)
        # Nobody corrects a model on its last day.
        if profiles and model.offered_features(days_after(context.today, 1)):
            place, name = roster.at(model, "identifier"), (model.identifier or "").rpartition("/")[2]
            message = f"{quote(name)} needs an inference profile in {region}"
            hint = f"write {join_names(map(quote, profiles), word='or')} before it"
            yield Finding(place, message, hint, implied_by=(("offered-after-provider-end", place),))


def _required_profiles(model: Model, registries: Registries) -> tuple[str, list[str]]:
    """Return the region of a model's endpoint, and the inference profiles, one of which it needs there."""
    provider = registries.provider_of(model.identifier)
    if not provider or not provider.inference_profiles or not is_well_formed(model.identifier) or not model.endpoint:
        return "", []  # malformed-identifier reports one without a slash
    prefix, *routes, name = str(model.identifier).split("/")
    identifier = f"{prefix}/{name}"
    if identifier not in provider.inference_profiles or not all(re.fullmatch(_ROUTE, route) for route in routes):
        return "", []
    region = provider.region_at(model.endpoint)
    return region or "", provider.profiles_at(region, identifier) if region else []


@roster_rule(
    summary="Unknown prompt family.",
    reason="The gateway has prompts only for registered families, so it could not prompt the model.",
    remedy="Spell the family as in schemas/families.yaml, or add it there and add its prompts to the gateway.",
    bad="- name: Claude\n  family: cluade\n",
    good="- name: Claude\n  family: claude\n",
    schema_decides=True,
)
def unknown_family(roster: Roster, context: Context) -> Iterator[Finding]:
    registered, suggestions = context.registries.families, context.registries.family_suggestions
    for model in roster:
        if model.family is not None and model.family not in registered:
            message, hint = f"unknown family {quote(model.family)}", suggestions.did_you_mean(model.family)
            place, note = roster.at(model, "family"), f"known families: {list_names(registered)}"
            intended = suggestions.unambiguous(model.family) if hint else None
            yield Finding(place, message, hint, note, (Replace(place, intended),) if intended else ())

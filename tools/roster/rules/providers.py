"""Rules on inference providers: the prefixes, hosts, regions and keys in the registry of providers.

A gateway has no such registry. Without one, these rules report nothing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from roster.findings import Finding, Replace, Severity
from roster.model import Model
from roster.naming import join_names, list_names, quote
from roster.providers import PER_PROVIDER, PROVIDER_KEY, Provider, domain_name, host_of, is_misspelling
from roster.registries import PROVIDERS, Registries
from roster.roster import Roster
from roster.rules.base.hosts import is_private
from roster.rules.base.identity import is_well_formed
from roster.rules.base.rule import Context, roster_rule
from roster.rules.credentials import reference

_Regional = tuple[Model, Provider, str]
"""A model, its provider and the region of its endpoint."""
_Foreign = tuple[Model, Provider, str]
"""A model, its provider and its endpoint, which is not the provider's."""
_REGION = "[a-z]{2,}(-[a-z]+)+-?[0-9]+"
"""A region of a cloud provider, such as us-east-1 or europe-west4."""
_ARN = "arn:[a-z-]+:[a-z]+:[^:]*:"
_ENDPOINT_RULES = ("malformed-endpoint", "insecure-endpoint", "credentials-in-endpoint")


@roster_rule(
    severity=Severity.WARNING,
    summary="Identifier with the prefix of no known provider.",
    reason="The gateway selects the provider's client by the part before the first slash, and fails if it has none.",
    remedy=f"Write the provider's prefix, or add the provider to {PROVIDERS}.",
    bad="- name: Claude\n  identifier: aws/anthropic.claude-3-7-sonnet-20250219-v1:0\n",
    good="- name: Claude\n  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0\n",
)
def unknown_prefix(roster: Roster, context: Context) -> Iterator[Finding]:
    registries = context.registries
    for model in roster if registries.providers else ():
        identifier = model.identifier
        if identifier and registries.provider_of(identifier) is None and is_well_formed(identifier):
            yield _unknown_prefix(roster, model, identifier, registries)


def _unknown_prefix(roster: Roster, model: Model, identifier: str, registries: Registries) -> Finding:
    prefix, _slash, name = identifier.partition("/")
    place, suggestions = roster.at(model, "identifier"), registries.prefix_suggestions
    intended = suggestions.closest(prefix)
    hint = f'write "{intended}/" instead of "{prefix}/"' if intended else ""
    misspelled = intended and suggestions.unambiguous(prefix) == intended and prefix not in registries.prefix_aliases
    fix = (Replace(place, f"{intended}/{name}"),) if misspelled else ()
    if not intended and (owner := _named_provider(identifier, registries)):
        hint = f'write "{owner.prefixes[0]}/" before it'
    known = list_names(provider.prefixes[0] for provider in registries.providers.values())
    return Finding(place, f"{quote(prefix)} is the prefix of no known provider", hint, f"known prefixes: {known}", fix)


def _named_provider(identifier: str, registries: Registries) -> Provider | None:
    """Return the provider whose name is a part of an identifier, as in accounts/fireworks/models/x."""
    return next((registries.providers[part] for part in identifier.split("/") if part in registries.providers), None)


@roster_rule(
    severity=Severity.WARNING,
    summary="Endpoint at a host of another provider, or at one that resembles the provider's.",
    reason="Prompts would go to a server that does not know the model, or that belongs to somebody else.",
    remedy=f"Correct the endpoint or the identifier, or add the host to the provider in {PROVIDERS}.",
    bad="- name: Claude\n  identifier: bedrock/claude-1\n  endpoint: https://api.fireworks.ai/inference/v1\n",
    good="- name: Claude\n  identifier: bedrock/claude-1\n  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com\n",
)
def endpoint_mismatch(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, provider, endpoint in _deployments(roster, context.registries)[1]:
        host, owner = host_of(endpoint), context.registries.provider_at(endpoint)
        if provider.compatible_servers or is_private(host):  # private-endpoint reports private hosts
            continue
        place = roster.at(model, "endpoint")
        hint = f'it is a host of {owner.title}, whose identifiers start with "{owner.prefixes[0]}/"' if owner else ""
        note = f"its hosts: {list_names(provider.own_hosts)}"
        implied_by = tuple((rule, place) for rule in _ENDPOINT_RULES)
        implied_by += (("provider-key-mismatch", roster.at(model, "api-key")),)
        yield Finding(place, f"{quote(host)} is not a host of {provider.title}", hint, note, implied_by=implied_by)


@lru_cache(maxsize=1)
def _deployments(roster: Roster, registries: Registries) -> tuple[list[_Regional], list[_Foreign]]:
    """Return the models at an endpoint in a region, and those at a host that is not their provider's.

    A host in a domain of no known provider, and not spelled like one of the provider's, may be that of a proxy.
    """
    domains = frozenset(name for names in registries.domain_names.values() for name in names)
    regional, foreign = [], []
    for model in roster:
        provider, endpoint = registries.provider_of(model.identifier), model.endpoint
        if provider and endpoint and (own := registries.domain_names[provider.name]):
            domain = domain_name(host_of(endpoint))
            region = provider.region_at(endpoint) if domain in own else None
            if region:
                regional.append((model, provider, region))
            elif region is None and (domain in domains or any(is_misspelling(domain, name) for name in own)):
                foreign.append((model, provider, endpoint))
    return regional, foreign


@roster_rule(
    severity=Severity.WARNING,
    summary="Region in an identifier that contradicts the endpoint's.",
    reason="The endpoint rejects the model, or prompts are processed in another region than intended.",
    remedy="Use an endpoint in the identifier's region, or the identifier for the endpoint's region.",
    bad=(
        "- name: Claude\n  identifier: bedrock/eu.anthropic.claude-sonnet-4-20250514-v1:0\n"
        "  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com\n"
    ),
    good=(
        "- name: Claude\n  identifier: bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0\n"
        "  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com\n"
    ),
)
def region_mismatch(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, provider, region in _deployments(roster, context.registries)[0]:
        if written := _contradiction(model.identifier or "", provider, region):
            message = f"{quote(written)} is in the identifier, but the endpoint is in {region}"
            yield Finding(roster.at(model, "identifier"), message, _region_hint(written, region, provider))


def _contradiction(identifier: str, provider: Provider, region: str) -> str:
    """Return the region in an identifier that an endpoint's region contradicts; empty without a contradiction."""
    for segment in regions_in(identifier):
        if segment != region:
            return segment
    name = identifier.rpartition("/")[2]
    written = next((key for key in provider.regions if name.startswith(key)), "")
    return written if written and not region.startswith(tuple(provider.regions[written])) else ""


def regions_in(identifier: str) -> list[str]:
    """Return the regions that segments of an identifier name, as in bedrock/eu-west-1/anthropic.claude-v2, or ARNs."""
    *segments, _name = identifier.partition("/")[2].split("/")
    names = (each.split(":")[3] if re.match(_ARN, each) else each for each in segments)
    return [each for each in names if re.fullmatch(_REGION, each)]


def _region_hint(written: str, region: str, provider: Provider) -> str:
    """Return both corrections: another endpoint, and another identifier if the endpoint's region has one."""
    if written not in provider.regions:
        return f'use an endpoint in {written}, or write "{region}" in the identifier'
    hint = f"use an endpoint in a region that starts with {join_names(provider.regions[written], word='or')}"
    fitting = [key for key, starts in provider.regions.items() if region.startswith(tuple(starts))]
    return f'{hint}, or write "{fitting[0]}" instead of "{written}"' if fitting else hint


@roster_rule(
    summary="Key variable of a provider that is not the model's.",
    reason="The gateway would send one provider's key to another server, or find no key.",
    remedy=f"Remove api-key if the provider supplies the credential ({PROVIDERS}). Otherwise, name its variable.",
    bad=(
        "- name: Codestral\n  identifier: fireworks_ai/codestral-2501\n  api-key: AIGW_PROVIDER_MISTRAL_API_KEY\n"
        "  endpoint: https://api.fireworks.ai/inference/v1\n"
    ),
    good=(
        "- name: Codestral\n  identifier: fireworks_ai/codestral-2501\n  api-key: AIGW_PROVIDER_FIREWORKS_API_KEY\n"
        "  endpoint: https://api.fireworks.ai/inference/v1\n"
    ),
    ignorable=False,
)
def provider_key_mismatch(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster if context.registries.providers else ():
        if "api-key" not in model.entry or not (model.api_key or "").startswith("AIGW_PROVIDER_"):
            continue
        match = re.fullmatch(PROVIDER_KEY, model.api_key or "")
        if match and (problem := _key_problem(model, match[1], context.registries)):
            yield Finding(roster.at(model, "api-key"), *problem)


def _key_problem(model: Model, named: str, registries: Registries) -> tuple[str, str] | None:
    """Return why a model cannot use the key of the named provider, and what to write; None if it can."""
    owner, provider = registries.providers.get(named.lower()), registries.provider_of(model.identifier)
    hint = _key_hint(model, provider)
    if owner is None:
        return f"{quote(named.lower())} is not a provider in {PROVIDERS}", hint
    if provider and owner is not provider:
        return f"this is the key of {owner.title}, but the identifier is one of {provider.title}", hint
    if owner.credential != PER_PROVIDER:
        return f"{owner.title} has no key for all models: in {PROVIDERS}, its credential is {owner.credential}", hint
    if model.endpoint and owner.region_at(model.endpoint) is None:
        host = quote(host_of(model.endpoint))
        return f"the key of {owner.title} would be sent to {host}, which is not one of its hosts", hint
    return None


def _key_hint(model: Model, provider: Provider | None) -> str:
    supplied = provider.credential_at(model.endpoint) if provider and model.endpoint else None
    if provider and supplied == provider.api_key:
        return f"write {supplied}, or remove api-key"
    if supplied:
        return "remove api-key"
    return f"write {reference(model.id)}" if model.id else ""

"""Checks of a repository's own ``schemas/providers.yaml`` that its JSON Schema cannot express."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from roster.findings import Finding, Place
from roster.naming import quote
from roster.providers import PER_MODEL, Provider, host_of
from roster.registries import PROVIDERS, Registries
from roster.roster import Roster
from roster.rules import endpoints
from roster.rules.all_rules import rules_of
from roster.rules.base.rule import Context


def unsuitable_endpoints(entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield the endpoints that no model may have, then those that are not at the provider's own hosts."""
    models = Roster.of(PROVIDERS, "", entries)  # a provider's endpoint has the same key as a model's
    for rule in rules_of(endpoints):
        yield from rule.check(models, Context(Registries.of([], [], []), date.min))
    for index, entry in enumerate(entries):
        provider = Provider(**entry)
        if provider.endpoint and provider.region_at(provider.endpoint) is None:
            message = f"{quote(host_of(provider.endpoint))} is not one of this provider's hosts"
            yield Finding(Place(PROVIDERS, (index, "endpoint")), message, "add it to hosts")
        elif provider.credential != PER_MODEL and not provider.own_hosts:
            message = f'"credential: {provider.credential}" applies only at hosts of the provider, but it has none'
            hint = 'add hosts or an endpoint, or write "credential: per-model"'
            yield Finding(Place(PROVIDERS, (index, "credential")), message, hint)

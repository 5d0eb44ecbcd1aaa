"""``roster explain`` of a provider: what it supplies, and the models that it runs in each environment."""

from collections.abc import Iterator
from datetime import date

from roster.check.line_numbers import find_lines
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.review.explain_facts import end_at_provider
from roster.naming import list_names
from roster.providers import AMBIENT, PER_PROVIDER, Provider
from roster.registries import Registries
from roster.report.report_paths import PathNames, paths_from_here
from roster.repository import Repository


def find_provider(name: str, registries: Registries) -> Provider | None:
    """Return the provider with a name or a prefix."""
    return registries.providers.get(name) or registries.provider_of(name)


def provider_lines(provider: Provider, repository: Repository, today: date) -> Iterator[str]:
    """Yield the explanation of a provider."""
    yield f"{provider.name} (provider)\n\n{provider.title}\n"
    yield f"Prefixes: {list_names(provider.prefixes)}"
    yield f"Credential: {provider.credential}{_credential(provider)}"
    yield f"Endpoint: {provider.endpoint or 'none, so each model has its own'}"
    yield f"Hosts: {list_names(provider.own_hosts) if provider.own_hosts else 'any'}"
    result = check(repository, today)
    for environment in result.registries.environments:
        yield f"\n{environment}:"
        yield from _models(provider, result, environment, today, paths_from_here(repository.root))


def _credential(provider: Provider) -> str:
    if provider.credential == PER_PROVIDER:
        return f", the key in {provider.api_key}"
    return ", the gateway's own cloud identity" if provider.credential == AMBIENT else ""


def _models(
    provider: Provider, result: CheckResult, environment: str, today: date, path_name: PathNames
) -> Iterator[str]:
    """Yield the models of a provider with their lines in the roster, their ends at the provider, and the credential if
    it is another one.
    """
    roster, registries = result.rosters.get(environment), result.registries
    models = [model for model in roster or () if registries.provider_of(model.identifier) == provider]
    if not roster or not models:
        yield "  no models"
        return
    places = {model.position: roster.at(model, "identifier") for model in models}
    lines = find_lines(result, places.values())
    supplied = AMBIENT if provider.credential == AMBIENT else provider.api_key
    for model in models:
        place = places[model.position]
        credential = "" if model.api_key == supplied else f", {model.api_key or 'no credential'}"
        facts = registries.facts_of(model)
        end = f", {end}" if facts and (end := end_at_provider(facts, today)) else ""
        yield f"  {model.id or 'a model without an id'}{credential}{end}: {path_name(place.path)}:{lines[place]}"

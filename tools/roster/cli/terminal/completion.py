"""Shell completion of commands, formats, environments, rules and features."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from roster.registries import Registries


def starting(names: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    """Return completion items for the names that start with a word; ``names`` has each one's description."""
    return [CompletionItem(name, help=text) for name, text in names.items() if name.startswith(incomplete)]


def files(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the path of a file; URLs are typed."""
    return [CompletionItem(incomplete, type="file")]


def environments(context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete an environment of the repository around the current folder; skip those already in the arguments."""
    registries = _registries()
    declared = registries.environments if registries else {}
    selected = context.params.get("environments") or ()
    return starting({name: "" for name in declared if name not in selected}, incomplete)


def explained(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a rule, or a feature or provider of the repository around the current folder."""
    from roster.rules.all_rules import RULES

    registries = _registries()
    features = {feature.name: feature.title for feature in registries.features.values()} if registries else {}
    providers = {provider.name: provider.title for provider in registries.providers.values()} if registries else {}
    return starting({rule.name: rule.summary for rule in RULES.values()} | providers | features, incomplete)


def _registries() -> "Registries | None":
    from pathlib import Path

    from roster.check.loading import load_registries
    from roster.findings import ConfigurationError
    from roster.repository import Repository

    try:
        return load_registries(Repository.containing(Path()))
    except (ConfigurationError, OSError):
        return None  # running the command reports the error; a prompt cannot

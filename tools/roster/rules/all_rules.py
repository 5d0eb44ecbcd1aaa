"""The catalog of rules. A rule is registered by being in one of these modules."""

from types import ModuleType

from roster.rules import (
    aliases,
    capabilities,
    characters,
    credentials,
    data_residency,
    defaults,
    endpoints,
    environments,
    features,
    identifiers,
    identity,
    lifecycle,
    limits,
    model_shape,
    provider_ends,
    provider_facts,
    providers,
    shared_defaults,
    suppression_comments,
    texts,
    yaml_rules,
)
from roster.rules.base.rule import Rule

RULE_MODULES = (
    yaml_rules,
    model_shape,
    characters,
    texts,
    identity,
    aliases,
    limits,
    features,
    capabilities,
    defaults,
    shared_defaults,
    credentials,
    endpoints,
    identifiers,
    providers,
    provider_facts,
    provider_ends,
    data_residency,
    lifecycle,
    environments,
    suppression_comments,
)
"""The modules with rules, in the order of the documentation: from syntax to meaning."""


def rules_of(module: ModuleType) -> list[Rule]:
    """Return the rules that a module declares."""
    family = module.__name__.rpartition(".")[2]
    return [rule._replace(family=family) for rule in vars(module).values() if isinstance(rule, Rule)]


RULES: dict[str, Rule] = {rule.name: rule for module in RULE_MODULES for rule in rules_of(module)}
"""Every rule by its name."""

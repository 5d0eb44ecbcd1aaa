"""Every rule there is. A new rule is found here by being in one of these modules."""

from roster.rules import (
    characters,
    credentials,
    endpoints,
    environments,
    features,
    identifiers,
    identity,
    ignore_comments,
    lifecycle,
    model_shape,
    yaml_rules,
)
from roster.rules.rule import Rule

RULE_MODULES = (
    yaml_rules,
    model_shape,
    characters,
    identity,
    features,
    credentials,
    endpoints,
    identifiers,
    lifecycle,
    environments,
    ignore_comments,
)
"""The modules of rules, in the order in which a file is understood."""
RULES: dict[str, Rule] = {
    rule.name: rule for module in RULE_MODULES for rule in vars(module).values() if isinstance(rule, Rule)
}
"""Every rule by its name."""

"""Every rule there is. A new rule is found here by being in one of these modules."""

from roster.findings import About
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

FAMILIES = (
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
    rule.name: rule for family in FAMILIES for rule in vars(family).values() if isinstance(rule, Rule)
}
"""Every rule by its name."""


def about_rules() -> dict[str, About]:
    """Return what a report may tell of each rule."""
    return {name: About(rule.severity, rule.summary, f"{rule.reason} {rule.remedy}") for name, rule in RULES.items()}

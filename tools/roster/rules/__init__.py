"""Every rule there is. A new rule is found here by being in one of these modules."""

from roster.result import About
from roster.rules import (
    credentials,
    endpoints,
    environments,
    features,
    identifiers,
    identity,
    ignores,
    lifecycle,
    shape,
    text,
    yaml,
)
from roster.rules.rule import Rule

FAMILIES = (
    yaml,
    shape,
    text,
    identity,
    features,
    credentials,
    endpoints,
    identifiers,
    lifecycle,
    environments,
    ignores,
)
"""The modules of rules, in the order in which a file is understood."""
RULES: dict[str, Rule] = {
    rule.name: rule for family in FAMILIES for rule in vars(family).values() if isinstance(rule, Rule)
}
"""Every rule by its name."""


def about_rules() -> dict[str, About]:
    """Return what a report may tell of each rule."""
    return {name: About(rule.severity, rule.summary, f"{rule.reason} {rule.remedy}") for name, rule in RULES.items()}

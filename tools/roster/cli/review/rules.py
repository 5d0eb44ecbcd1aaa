"""``roster rules``."""

import click

from roster.rules.all_rules import RULE_MODULES, RULES, rules_of


@click.command
def command() -> None:
    """List the rules by family.

    \b
    Example:
      roster rules
    """
    width = max(map(len, RULES))
    for family in RULE_MODULES:
        click.echo(f"{(family.__doc__ or '').splitlines()[0]}")
        for rule in rules_of(family):
            click.echo(f"  {rule.name:<{width}}  {rule.severity:<7}  {rule.summary}")
        click.echo()

"""``roster rules``."""

import click

from roster.cli.terminal import color
from roster.report.check_text import SEVERITY_COLORS
from roster.rules.all_rules import RULE_MODULES, RULES, rules_of


@click.command
def command() -> None:
    """List the rules by family.

    \b
    Example:
      roster rules
    """
    paint = color.paint()
    width = max(map(len, RULES))
    for family in RULE_MODULES:
        click.echo(f"{(family.__doc__ or '').splitlines()[0]}")
        for rule in rules_of(family):
            severity = paint(f"{rule.severity:<7}", fg=SEVERITY_COLORS[rule.severity])
            click.echo(f"  {rule.name:<{width}}  {severity}  {rule.summary}", color=True)
        click.echo()

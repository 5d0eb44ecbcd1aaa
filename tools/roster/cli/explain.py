"""``roster explain``."""

import click

from roster.cli import completion
from roster.diagnostic import ConfigurationError
from roster.naming import did_you_mean
from roster.rules import RULES
from roster.rules.rule import Example


@click.command
@click.argument("name", shell_complete=completion.rules)
def command(name: str) -> None:
    """Explain a rule: why it exists, a bad and a good example, what to do.

    \b
    Example:
      roster explain missing-default
    """
    rule = RULES.get(name)
    if rule is None:
        hint = did_you_mean(name, RULES) or "roster rules lists them all"
        raise ConfigurationError(f'there is no rule "{name}": {hint}')
    click.echo(f"{rule.name} ({rule.severity})\n\n{rule.summary}\n\nWhy: {rule.reason}\nWhat to do: {rule.remedy}")
    for title, example in (("Bad", rule.bad), ("Good", rule.good)):
        click.echo(f"\n{title}:\n\n{_indented(example)}")


def _indented(example: Example) -> str:
    if not isinstance(example, str):
        example = "\n".join(f"# {name}\n{text or '# (no file)'}" for name, text in example.items())
    return "".join(f"    {line}\n" for line in example.splitlines()).rstrip("\n")

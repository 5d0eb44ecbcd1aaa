"""``roster providers``: the commands about provider facts."""

import click

from roster.cli.main import LazyGroup

_SECTIONS = {
    "Commands": {
        "update": (
            "roster.cli.write.providers_update",
            "Update the facts about models at their providers: ends, limits and prices.",
        ),
    }
}


@click.group(cls=LazyGroup, sections=_SECTIONS)
def command() -> None:
    """Update the facts about models at their providers.

    \b
    Example:
      roster providers update
    """

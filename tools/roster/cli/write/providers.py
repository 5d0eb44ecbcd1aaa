"""``roster providers``: the commands about provider facts."""

import click

from roster.cli.main import LazyGroup

_SECTIONS = {
    "Commands": {
        "update": (
            "roster.cli.write.providers_update",
            "Update when models end at their provider, their limits and their prices.",
        ),
    }
}


@click.group(cls=LazyGroup, sections=_SECTIONS)
def command() -> None:
    """Update what providers say about their models.

    \b
    Example:
      roster providers update
    """

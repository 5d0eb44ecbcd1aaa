"""``roster gateway``: the gateway's commands."""

import click

from roster.cli.main import LazyGroup

_SECTIONS = {
    "Commands": {
        "preflight": (
            "roster.cli.operate.gateway.preflight",
            "Say which keys of an environment's models are set here.",
        ),
        "fetch": ("roster.cli.operate.gateway.fetch", "Download and accept the list once, and tell how that went."),
        "serve": ("roster.cli.operate.gateway.serve", "Serve the list, and keep it up to date."),
    }
}


@click.group(cls=LazyGroup, sections=_SECTIONS)
def command() -> None:
    """Serve the list to instances, or see what a gateway would do.

    The settings come from the environment variables of docs/gateway.md.

    \b
    Examples:
      roster gateway preflight production
      roster gateway fetch
      roster gateway serve --port 5052
    """

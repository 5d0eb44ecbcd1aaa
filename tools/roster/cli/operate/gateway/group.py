"""``roster gateway``: the gateway's commands."""

import click

from roster.cli.main import LazyGroup

_SECTIONS = {
    "Commands": {
        "preflight": (
            "roster.cli.operate.gateway.preflight",
            "Show which API keys of a gateway's models are set.",
        ),
        "probe": ("roster.cli.operate.gateway.probe", "Ask each model a small question, and show which ones answer."),
        "fetch": ("roster.cli.operate.gateway.fetch", "Download and check the list once, and report the result."),
        "serve": ("roster.cli.operate.gateway.serve", "Serve the list and keep it up to date."),
    }
}


@click.group(cls=LazyGroup, sections=_SECTIONS)
def command() -> None:
    """Serve the list of models to instances, or test a gateway's settings.

    Settings are read from the environment variables described in docs/gateway.md.

    \b
    Examples:
      roster gateway preflight
      roster gateway probe production
      roster gateway fetch
      roster gateway serve --port 5052
    """

"""``roster instance serve``."""

import click

from roster.cli.operate.server import address_options, serve


@click.command
@address_options(5053)
def command(host: str, port: int) -> int:
    """Serve the admin page and the GraphQL API, and sync the list in the background.

    SIGHUP syncs immediately, SIGTERM stops the server. The page is at /admin/model_selection, the API at /api/graphql,
    and /-/readiness reports the state of the list.

    \b
    Examples:
      roster instance serve
      roster instance serve --host 0.0.0.0 --port 8080
    """
    return serve(host, port, "roster.instance.app:create_app_from_environment", "instance")

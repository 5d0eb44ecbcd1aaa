"""``roster gateway fetch``."""

import os
from datetime import UTC, datetime

import click

from roster.accept.accepted_list import AcceptedList
from roster.cli.operate.gateway.downloaded_list import accept, download, print_rejection, read_settings
from roster.download.rejection import Rejected
from roster.naming import counted, join_names, printable


@click.command
def command() -> int:
    """Download and validate the list once, as a gateway does at startup, and report the result.

    Nothing is cached or served. Exits with status 1 if the download is rejected; docs/gateway.md explains the reasons.

    \b
    Example:
      roster gateway fetch
    """
    settings = read_settings()
    try:
        downloaded = download(settings)
        size, requests = len(downloaded.body), counted(downloaded.requests, "request")
        click.echo(f"downloaded {printable(downloaded.url)}: {size:,} bytes, {requests}")
        accepted = accept(settings, downloaded, datetime.now(UTC).date())
    except Rejected as rejected:
        return print_rejection(rejected)
    for line in _describe_list(accepted):
        click.echo(line)
    return 0


def _describe_list(accepted: AcceptedList) -> list[str]:
    names = {each.api_key for each in accepted.deployments.values() if each.api_key}
    missing = sorted(name for name in names if not os.environ.get(name))
    about = {
        "environment": accepted.environment,
        "revision": accepted.revision,
        "sequence": accepted.sequence,
        "sha256": accepted.digest,
        "models": join_names(model.id for model in accepted.offered_models),
        "defaults": join_names(f"{id_} for {feature}" for feature, id_ in accepted.defaults.items())
        if accepted.defaults
        else None,
        "keys not set": join_names(missing) if missing else None,
    }
    return [
        f"accepted {accepted.kind}",
        *(f"  {key:<12}  {value}" for key, value in about.items() if value is not None),
    ]

"""``roster gateway fetch``."""

import os
from datetime import UTC, datetime

import click

from roster.accept.accepted_list import AcceptedList
from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.download.download_settings import read_download_settings
from roster.download.rejection import Rejected
from roster.findings import ConfigurationError
from roster.naming import counted, join_names, printable


@click.command
def command() -> int:
    """Download and validate the list once, as a gateway does at startup, and report the result.

    Nothing is cached or served. Exits with status 1 if the download is rejected; docs/gateway.md explains the reasons.

    \b
    Examples:
      roster gateway fetch
    """
    with with_extra("gateway"):
        from roster.download.fetch import fetch
        from roster.gateway.verification import verify_and_accept

    settings, warnings = read_download_settings(os.environ)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if settings is None:
        raise ConfigurationError("nothing to download: set the variables for the file and the token (docs/gateway.md)")
    try:
        download = fetch(settings, None)
        assert download is not None  # only a conditional request can return None
        size, requests = len(download.body), counted(download.requests, "request")
        click.echo(f"downloaded {printable(download.url)}: {size:,} bytes, {requests}")
        accepted = verify_and_accept(settings, download, None, datetime.now(UTC).date())
    except Rejected as rejected:
        click.echo(f"rejected: {rejected.reason}: {printable(rejected.message)}", err=True)
        click.echo(f"{rejected.explanation.meaning} {rejected.explanation.remedy}", err=True)
        return ExitStatus.FINDINGS
    for line in _describe_list(accepted):
        click.echo(line)
    return 0


def _describe_list(accepted: AcceptedList) -> list[str]:
    missing = sorted({each.api_key for each in accepted.deployments.values() if not os.environ.get(each.api_key)})
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

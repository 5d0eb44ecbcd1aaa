"""``roster gateway fetch``."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from roster.accept.accepted import Accepted
from roster.cli.exit_status import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.cli.operate.gateway.group import told
from roster.download.download_settings import settings
from roster.download.refusal import Refused
from roster.findings import ConfigurationError
from roster.naming import counted, listed, printable

if TYPE_CHECKING:
    from roster.download.fetch import Fetched


@click.command
def command() -> int:
    """Download and accept the list once, as a gateway does at its start, and tell how that went.

    Nothing is kept or served. Exits with 1 if the download is refused; docs/gateway.md says what each reason means.

    \b
    Examples:
      roster gateway fetch
    """
    with with_extra("gateway"):
        from roster.download.fetch import fetch
        from roster.gateway.updater_factory import accept_for

    found = told(*settings(os.environ))
    if found is None:
        raise ConfigurationError("nothing is downloaded: the variables that name the file and the token are not set")
    try:
        fetched = fetch(found, None)
        assert fetched.body is not None  # nothing was handed in that it could be the same as
        click.echo(_of_download(fetched))
        accepted = accept_for(found, fetched.body, fetched.signature, None, datetime.now(UTC).date())
    except Refused as refused:
        click.echo(f"refused: {refused.name}: {printable(refused.message)}", err=True)
        click.echo(f"{refused.reason.meaning} {refused.reason.remedy}", err=True)
        return ExitStatus.FINDINGS
    for line in _of_list(accepted):
        click.echo(line)
    return 0


def _of_download(fetched: "Fetched") -> str:
    body = fetched.body or b""
    return f"downloaded {printable(fetched.address)}: {len(body):,} bytes, {counted(fetched.requests, 'request')}"


def _of_list(accepted: Accepted) -> list[str]:
    missing = sorted({route.api_key for route in accepted.routes.values() if not os.environ.get(route.api_key)})
    about = {
        "environment": accepted.environment,
        "revision": accepted.revision,
        "sequence": accepted.sequence,
        "sha256": accepted.digest,
        "models": listed(model.id for model in accepted.offered_models),
        "defaults": listed(f"{id_} for {feature}" for feature, id_ in accepted.defaults.items())
        if accepted.defaults
        else None,
        "keys not set": listed(missing) if missing else None,
    }
    return [
        f"accepted {accepted.kind}",
        *(f"  {key:<12}  {value}" for key, value in about.items() if value is not None),
    ]

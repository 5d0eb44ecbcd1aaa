"""The list that a gateway with the current environment variables downloads, for commands."""

import os
from datetime import date
from typing import TYPE_CHECKING

import click

from roster.accept.accepted_list import AcceptedList
from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH, DownloadSettings, read_download_settings
from roster.download.rejection import Rejected
from roster.findings import ConfigurationError
from roster.naming import join_names, printable

if TYPE_CHECKING:
    from roster.download.download_result import Download


def read_settings() -> DownloadSettings:
    """Return the settings, after printing warnings about them.

    Raises:
        ConfigurationError: a variable is invalid, one of the two required ones is not set, or the extra is missing.
    """
    with with_extra("gateway"):
        import roster.download.fetch
        import roster.gateway.verification  # noqa: F401
    settings, warnings = read_download_settings(os.environ)
    if settings is None:
        missing = [name for name in (FILE_PATH, ACCESS_TOKEN) if name not in os.environ]
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigurationError(f"nothing to download: {join_names(missing)} {verb} not set (docs/gateway.md)")
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    return settings


def download(settings: DownloadSettings) -> "Download":
    """Download the file.

    Raises:
        Rejected: no complete file arrived.
    """
    from roster.download.fetch import fetch

    downloaded = fetch(settings, None)
    assert downloaded is not None  # only a conditional request can return None
    return downloaded


def accept(settings: DownloadSettings, downloaded: "Download", on: date) -> AcceptedList:
    """Accept the file as a gateway without a list does.

    Raises:
        Rejected: it is invalid.
    """
    from roster.gateway.verification import verify_and_accept

    return verify_and_accept(settings, downloaded, None, on)


def print_rejection(rejected: Rejected) -> int:
    """Print why there is no list, and return the exit status."""
    click.echo(f"rejected: {rejected.reason}: {printable(rejected.message)}", err=True)
    click.echo(f"{rejected.explanation.meaning} {rejected.explanation.remedy}", err=True)
    return ExitStatus.FINDINGS

"""Download of a source over HTTPS. No source needs a token, so none is sent."""

import os
from collections.abc import Mapping

from roster.download.download_settings import DownloadSettings
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.findings import ConfigurationError
from roster.naming import printable
from roster.provider_sources.interface import SourceError
from roster.provider_sources.json_source import MAX_BYTES
from roster.settings.environment_variables import (
    InvalidValue,
    Variable,
    VariableReader,
    number_parser,
    parse_boolean,
    parse_url,
)
from roster.settings.urls import without_query

PREFIX = "ROSTER_PROVIDERS_"
USE_PROXY = f"{PREFIX}USE_PROXY"

VARIABLES: dict[str, Variable] = {
    f"{PREFIX}DEADLINE_SECONDS": Variable(
        "deadline_seconds", "60", "Deadline for the download of one source, retries included.", number_parser(0.1, 600)
    ),
    USE_PROXY: Variable(
        "proxy",
        "false",
        "`true` downloads through the proxy in `HTTPS_PROXY`, except from the hosts in `NO_PROXY`.",
        parse_boolean,
    ),
}
"""Every variable by its name, in the order of the documentation."""


def download(url: str) -> bytes:
    """Download a source.

    Raises:
        ConfigurationError: the URL or a variable is invalid.
        SourceError: no complete file arrived in time.
    """
    return download_with(url, os.environ)


def download_with(url: str, environ: Mapping[str, str], timing: RetryTiming = REAL_TIMING) -> bytes:
    """Download a source, with the variables of an environment."""
    settings = _settings(url, environ)
    try:
        result = fetch(settings, None, timing)
    except Rejected as rejected:
        message = f"{printable(without_query(settings.url))} cannot be downloaded: {rejected.message}"
        raise SourceError(f"{message}; try again later, or download it and name the file") from None
    return result.body if result else b""


def _settings(url: str, environ: Mapping[str, str]) -> DownloadSettings:
    variables = VariableReader(VARIABLES, PREFIX, environ)
    variables.reject_empty()
    values = variables.values()
    try:
        url = parse_url(url)
    except InvalidValue as error:
        raise ConfigurationError(f"the URL of a source is invalid: {error}") from None
    return DownloadSettings(
        url=url,
        token=None,
        header="Bearer",
        environment=None,
        poll_seconds=0,
        deadline_seconds=values["deadline_seconds"],
        max_bytes=MAX_BYTES,
        max_shrink=1,
        allow_older=True,
        private_endpoints=False,
        cache_folder=None,
        public_keys=(),
        proxy=variables.proxy(url, USE_PROXY) if values["proxy"] else None,
    )

"""Download of the definitions that a gateway serves, with the token of an environment variable."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from roster import http_paths
from roster.download.download_settings import DownloadSettings
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.findings import ConfigurationError
from roster.importing.source import SourceError
from roster.naming import printable
from roster.settings.environment_variables import (
    InvalidValue,
    Variable,
    VariableReader,
    number_parser,
    parse_boolean,
    parse_token,
    parse_url,
)
from roster.settings.urls import without_query

PREFIX = "ROSTER_IMPORT_"
TOKEN, USE_PROXY = f"{PREFIX}TOKEN", f"{PREFIX}USE_PROXY"
_MAX_BYTES = 16 * 1024 * 1024

VARIABLES: dict[str, Variable] = {
    TOKEN: Variable("token", "", "Token for the gateway, sent as a `Bearer` token.", parse_token),
    f"{PREFIX}DEADLINE_SECONDS": Variable(
        "deadline_seconds", "30", "Deadline for the download, retries included.", number_parser(0.1, 600)
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
    """Download the definitions at a URL; at the address of a gateway alone, its definitions.

    Raises:
        ConfigurationError: the URL or a variable is invalid.
        SourceError: no complete file arrived in time.
    """
    return download_with(url, os.environ)


def download_with(url: str, environ: Mapping[str, str], timing: RetryTiming = REAL_TIMING) -> bytes:
    """Download the definitions at a URL, with the variables of an environment."""
    settings = _settings(url, environ)
    del environ
    try:
        result = fetch(settings, None, timing)
    except Rejected as rejected:
        message = f"{printable(without_query(settings.url))} cannot be downloaded: {rejected.message}"
        hint = f"; {_token_hint(settings)}" if rejected.reason == "unauthorized" else ""
        raise SourceError(message + hint) from None
    return result.body if result else b""


def _token_hint(settings: DownloadSettings) -> str:
    return f"check the token in {TOKEN}" if settings.token else f"set {TOKEN} to a token for the gateway"


def _settings(url: str, environ: Mapping[str, str]) -> DownloadSettings:
    variables = VariableReader(VARIABLES, PREFIX, environ)
    del environ  # so that a traceback that shows local variables does not show the token
    variables.reject_empty()
    values = variables.values()
    try:
        url = parse_url(url)
    except InvalidValue as error:
        problem = str(error)
        raise ConfigurationError(f"the URL is invalid: {problem}") from None
    if urlsplit(url).path in ("", "/"):
        url = url.rstrip("/") + http_paths.DEFINITIONS
    proxy = variables.proxy(url, USE_PROXY) if values["proxy"] else None
    return DownloadSettings(
        url=url,
        token=values["token"],
        header="Bearer",
        environment=None,
        poll_seconds=0,
        deadline_seconds=values["deadline_seconds"],
        max_bytes=_MAX_BYTES,
        max_shrink=1,
        allow_older=True,
        private_endpoints=False,
        cache_folder=None,
        public_keys=(),
        proxy=proxy,
    )

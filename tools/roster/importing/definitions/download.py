"""Download of the definitions that a gateway serves, with the token of an environment variable."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from roster import http_paths
from roster.download.download_settings import DownloadSettings
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.download.single_file import file_settings, file_variables
from roster.importing.source import SourceError
from roster.naming import printable
from roster.settings.environment_variables import Variable, parse_token
from roster.settings.urls import without_query

PREFIX = "ROSTER_IMPORT_"
TOKEN = "ROSTER_IMPORT_TOKEN"
_MAX_BYTES = 16 * 1024 * 1024

VARIABLES: dict[str, Variable] = {
    TOKEN: Variable("token", "", "Token for the gateway, sent as a `Bearer` token.", parse_token),
    **file_variables(PREFIX, "30", "Deadline for the download, retries included."),
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
    settings = file_settings(url, VARIABLES, PREFIX, environ, _MAX_BYTES)
    if urlsplit(settings.url).path in ("", "/"):
        return settings._replace(url=settings.url.rstrip("/") + http_paths.DEFINITIONS)
    return settings

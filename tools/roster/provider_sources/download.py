"""Download of a source over HTTPS. No source needs a token, so none is sent."""

import os
from collections.abc import Mapping

from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.download.single_file import file_settings, file_variables
from roster.naming import printable
from roster.provider_sources.interface import SourceError
from roster.provider_sources.json_source import MAX_BYTES
from roster.settings.urls import without_query

PREFIX = "ROSTER_PROVIDERS_"
VARIABLES = file_variables(PREFIX, "60", "Deadline for the download of one source, retries included.")
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
    settings = file_settings(url, VARIABLES, PREFIX, environ, MAX_BYTES)
    try:
        result = fetch(settings, None, timing)
    except Rejected as rejected:
        message = f"{printable(without_query(settings.url))} cannot be downloaded: {rejected.message}"
        raise SourceError(f"{message}; try again later, or download it and name the file") from None
    return result.body if result else b""

"""Settings for the download of one file that a command names: the definitions of a gateway, or a source of facts.

The environment variables are ``ROSTER_IMPORT_DEADLINE_SECONDS``, ``ROSTER_IMPORT_USE_PROXY``,
``ROSTER_PROVIDERS_DEADLINE_SECONDS`` and ``ROSTER_PROVIDERS_USE_PROXY``.
"""

from collections.abc import Mapping

from roster.download.download_settings import DownloadSettings
from roster.findings import ConfigurationError
from roster.settings.environment_variables import (
    InvalidValue,
    Variable,
    VariableReader,
    number_parser,
    parse_boolean,
    parse_url,
)

_USE_PROXY = "USE_PROXY"


def file_variables(prefix: str, seconds: str, description: str) -> dict[str, Variable]:
    """Return the variables with a prefix: the deadline, with its default and description, and the use of a proxy."""
    return {
        f"{prefix}DEADLINE_SECONDS": Variable("deadline_seconds", seconds, description, number_parser(0.1, 600)),
        f"{prefix}{_USE_PROXY}": Variable(
            "proxy",
            "false",
            "`true` downloads through the proxy in `HTTPS_PROXY`, except from the hosts in `NO_PROXY`.",
            parse_boolean,
        ),
    }


def file_settings(
    url: str, variables: Mapping[str, Variable], prefix: str, environ: Mapping[str, str], max_bytes: int
) -> DownloadSettings:
    """Return the settings for a URL, with the token in the variables if there is one.

    Raises:
        ConfigurationError: the URL or a variable is invalid.
    """
    reader = VariableReader(variables, prefix, environ)
    del environ  # so that a traceback that shows local variables does not show the token
    reader.reject_empty()
    values = reader.values()
    try:
        url = parse_url(url)
    except InvalidValue as error:
        raise ConfigurationError(f"the URL is invalid: {error}") from None
    return DownloadSettings(
        url=url,
        token=values.get("token"),
        header="Bearer",
        environment=None,
        poll_seconds=0,
        deadline_seconds=values["deadline_seconds"],
        max_bytes=max_bytes,
        max_shrink=1,
        allow_older=True,
        private_endpoints=False,
        cache_folder=None,
        public_keys=(),
        proxy=reader.proxy(url, f"{prefix}{_USE_PROXY}") if values["proxy"] else None,
    )

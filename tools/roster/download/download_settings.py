"""Settings of the download, read from the environment variables that ``download_variables`` declares."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from roster.download.download_variables import ACCESS_TOKEN, FILE_PATH, PREFIX, TOKEN_HEADER, USE_PROXY, VARIABLES
from roster.findings import ConfigurationError
from roster.settings.environment_variables import VariableReader
from roster.settings.secret import Secret


class DownloadSettings(NamedTuple):
    """How to download, and what to accept. The representation shows no secrets.

    Attributes:
        url: URL of the file or its pointer; https, or http to loopback, without user, password or fragment.
        token: sent to the source; None sends none, which does not occur in a gateway's settings.
        header: how the token is sent: PRIVATE-TOKEN, DEPLOY-TOKEN, JOB-TOKEN, Bearer or Basic.
        environment: the required environment; None accepts any.
        poll_seconds: the polling interval.
        deadline_seconds: for one download, retries included.
        max_bytes: maximum size of the file.
        max_shrink: maximum share of the models that may disappear at once, 0 to 1.
        allow_older: accept a lower sequence than that of the served list.
        private_endpoints: accept endpoints in private networks.
        cache_folder: folder of the cached list; None for a folder in the temporary folder.
        public_keys: in PEM; files must be signed with one of them. Empty if no signature is required.
        proxy: URL of the proxy, which may contain a password; None for a direct connection.
    """

    url: str
    token: Secret | None
    header: str
    environment: str | None
    poll_seconds: float
    deadline_seconds: float
    max_bytes: int
    max_shrink: float
    allow_older: bool
    private_endpoints: bool
    cache_folder: Path | None
    public_keys: tuple[str, ...]
    proxy: Secret | None


def read_download_settings(environ: Mapping[str, str]) -> tuple[DownloadSettings | None, list[str]]:
    """Return the settings, None if the feature is off, and warnings, one sentence each.

    Raises:
        ConfigurationError: a variable is invalid. The message names it and does not show its value.
    """
    variables = VariableReader(VARIABLES, PREFIX, environ)
    del environ  # so that a traceback that shows local variables does not show the token

    variables.reject_empty()
    for missing, other in ((FILE_PATH, ACCESS_TOKEN), (ACCESS_TOKEN, FILE_PATH)):
        if missing not in variables.texts:
            warning = f"{other} is set but {missing} is not: nothing is downloaded"
            return None, [warning] if other in variables.texts else []
    values = variables.values()
    if values["header"] == "Basic" and ":" not in values["token"].reveal():
        raise ConfigurationError(f"{ACCESS_TOKEN} is invalid: must be user:token, because {TOKEN_HEADER} is Basic")
    values["public_keys"] = values["public_keys"] or ()
    values["proxy"] = variables.proxy(values["url"], USE_PROXY) if values["proxy"] else None
    return DownloadSettings(**values), list(variables.warnings())

"""What the operator set, from the environment variables of ``variables.py``."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from roster.download.download_variables import ACCESS_TOKEN, FILE_PATH, PREFIX, TOKEN_HEADER, USE_PROXY, VARIABLES
from roster.findings import ConfigurationError
from roster.settings.environment_variables import VariableReader
from roster.settings.secret import Secret


class DownloadSettings(NamedTuple):
    """How to download, and what to insist on. Nothing secret shows in its representation.

    Attributes:
        url: where the file or its pointer is; https, or http to loopback, without user, password or fragment.
        token: what the source asks for; None sends none, which a gateway's settings never do.
        header: PRIVATE-TOKEN, DEPLOY-TOKEN, JOB-TOKEN, Bearer or Basic; how a token is sent.
        environment: what is made for another one is refused; None accepts any.
        poll_seconds: from one download to the next.
        deadline_seconds: for one download in all, retries included.
        max_bytes: how large a file may be.
        max_shrink: the share of the models that may be gone at once, 0 to 1.
        allow_older: whether a lower sequence than the one that is served is accepted.
        private_endpoints: whether a model's endpoint may be in a private network.
        cache_folder: where the last good file is kept; None is the temporary folder.
        public_keys: in PEM, one of which has to have signed; none asks for no signature.
        proxy: the address of the proxy to go through, which may hold a password; None is none.
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
    """Return the settings, None where the feature is off, and warnings: a sentence each.

    Raises:
        ConfigurationError: a variable is of no use. The message names it and shows no value.
    """
    variables = VariableReader(VARIABLES, PREFIX, environ)
    del environ  # so that a traceback that shows local variables does not show the token

    variables.reject_empty()
    for missing, other in ((FILE_PATH, ACCESS_TOKEN), (ACCESS_TOKEN, FILE_PATH)):
        if missing not in variables.texts:
            told = [f"{other} is set but {missing} is not: nothing is downloaded"] if other in variables.texts else []
            return None, told
    values = variables.values()
    if values["header"] == "Basic" and ":" not in values["token"].reveal():
        raise ConfigurationError(f"{ACCESS_TOKEN} has to be user:token, since {TOKEN_HEADER} is Basic")
    values["public_keys"] = values["public_keys"] or ()
    values["proxy"] = variables.proxy(values["url"], USE_PROXY) if values["proxy"] else None
    return DownloadSettings(**values), list(variables.warnings())

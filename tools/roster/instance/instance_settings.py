"""What the operator of an instance set, from the environment variables of ``variables.py``."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.download.download_settings import DownloadSettings
from roster.instance.instance_variables import GATEWAY_TOKEN, GATEWAY_URL, PREFIX, USE_PROXY, VARIABLES
from roster.settings.environment_variables import VariableReader
from roster.settings.secret import Secret


class GatewayURLs(NamedTuple):
    """Where a gateway answers.

    Attributes:
        definitions: the models, the features and their defaults.
        offered: the plain list of models, which every gateway has.
    """

    definitions: str
    offered: str


class InstanceSettings(NamedTuple):
    """What an instance works with. Nothing secret shows in its representation.

    Attributes:
        database: its address as SQLAlchemy takes it, ``sqlite:///…`` or ``postgresql+psycopg://…``.
        gateway: the address before ``/v1/models/…``, without a slash at its end; None: nothing is synced.
        token: sent to the gateway as Bearer; None: no token is sent.
        id: what the instance is called; None: by the host's name, which whoever asks looks up.
        sync_seconds: from one sync to the next.
        deadline_seconds: for one download in all, retries included.
        max_bytes: how large the list may be.
        max_shrink: the share of the models that may be gone at once, 0 to 1.
        proxy: the address of the proxy to go through, which may hold a password; None is none.
        read_token_hashes: SHA-256 of the tokens that are good for reads, in lower-case hexadecimal.
        write_token_hashes: the same for writes.
    """

    database: Secret
    gateway: str | None
    token: Secret | None
    id: str | None
    sync_seconds: float
    deadline_seconds: float
    max_bytes: int
    max_shrink: float
    proxy: Secret | None
    read_token_hashes: tuple[str, ...]
    write_token_hashes: tuple[str, ...]

    @property
    def gateway_urls(self) -> GatewayURLs | None:
        """Where to download from; None where nothing is synced."""
        if self.gateway is None:
            return None
        return GatewayURLs(f"{self.gateway}/v1/models/definitions", f"{self.gateway}/v1/models/offered")

    def download_settings(self, url: str) -> DownloadSettings:
        """Return what ``roster.download.fetch.fetch`` and the acceptance need for one of the addresses."""
        return DownloadSettings(
            url=url,
            token=self.token,
            header="Bearer",
            environment=None,
            poll_seconds=self.sync_seconds,
            deadline_seconds=self.deadline_seconds,
            max_bytes=self.max_bytes,
            max_shrink=self.max_shrink,
            allow_older=False,
            private_endpoints=False,
            cache_folder=None,
            public_keys=(),
            proxy=self.proxy,
        )


def load_settings(environ: Mapping[str, str]) -> tuple[InstanceSettings, list[str]]:
    """Return the settings, and warnings: a sentence each.

    Raises:
        ConfigurationError: a variable is of no use. The message names it and shows no value.
    """
    variables = VariableReader(VARIABLES, PREFIX, environ)
    del environ  # so that a traceback that shows local variables does not show a token

    variables.reject_empty()
    values = variables.values()
    gateway = values["gateway"]
    values["proxy"] = variables.proxy(gateway, USE_PROXY) if gateway and values["proxy"] else None
    for hashes in ("read_token_hashes", "write_token_hashes"):
        values[hashes] = values[hashes] or ()
    warnings = list(variables.warnings())
    if GATEWAY_TOKEN in variables.texts and not gateway:
        warnings.insert(0, f"{GATEWAY_TOKEN} is set but {GATEWAY_URL} is not: nothing is synced")
    return InstanceSettings(**values), warnings

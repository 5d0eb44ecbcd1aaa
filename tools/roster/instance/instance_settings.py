"""Settings of an instance, read from environment variables.

docs/instance.md has the same table of variables; a test compares the two.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from roster import http_paths
from roster.download.download_settings import DownloadSettings
from roster.findings import ConfigurationError
from roster.http_server.log_settings import LogSettings, log_variables
from roster.instance.database.database_url import parse_database_url
from roster.instance.http.proxy_settings import proxy_variables
from roster.instance.webhook.signature import parse_secret
from roster.settings.environment_variables import (
    InvalidValue,
    Variable,
    VariableReader,
    number_parser,
    parse_boolean,
    parse_byte_count,
    parse_token,
    parse_url,
)
from roster.settings.secret import Secret
from roster.settings.urls import url_problem

PREFIX = "ROSTER_INSTANCE_"
DATABASE_URL = "ROSTER_INSTANCE_DATABASE_URL"
GATEWAY_URL = "ROSTER_INSTANCE_GATEWAY_URL"
GATEWAY_TOKEN = "ROSTER_INSTANCE_GATEWAY_TOKEN"
USE_PROXY = "ROSTER_INSTANCE_USE_PROXY"
READ_TOKEN_HASHES = "ROSTER_INSTANCE_READ_TOKEN_HASHES"
WRITE_TOKEN_HASHES = "ROSTER_INSTANCE_WRITE_TOKEN_HASHES"
WEBHOOK_URL = "ROSTER_INSTANCE_WEBHOOK_URL"
WEBHOOK_SECRET = "ROSTER_INSTANCE_WEBHOOK_SECRET"

_ID = re.compile("[!-~]{1,200}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_SHA256 = re.compile("[0-9a-f]{64}")


class WebhookSettings(NamedTuple):
    """Where and how to send new attention entries."""

    url: Secret
    secret: Secret
    proxy: Secret | None = None


class InstanceSettings(NamedTuple):
    """The settings of an instance; ``VARIABLES`` documents the fields. The representation shows no secret.

    Attributes:
        database: the URL for SQLAlchemy, ``sqlite:///…`` or ``postgresql+psycopg://…``.
        gateway: the URL before ``/v1/models/…``, without a trailing slash; None disables the sync.
        id: the name of the instance; None for the host name, which the caller looks up.
        read_token_hashes, write_token_hashes: in lower-case hexadecimal.
        webhook_url, webhook_secret: both or neither.
        root_path: empty, or with a slash at its start and none at its end.
    """

    database: Secret
    gateway: str | None
    token: Secret | None
    id: str | None
    cors_origins: tuple[str, ...]
    sync_seconds: float
    deadline_seconds: float
    max_bytes: int
    max_shrink: float
    proxy: Secret | None
    read_token_hashes: tuple[str, ...]
    write_token_hashes: tuple[str, ...]
    webhook_url: Secret | None = None
    webhook_secret: Secret | None = None
    webhook_proxy: Secret | None = None
    root_path: str = ""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    log: LogSettings = LogSettings("INFO", True)

    @property
    def webhook(self) -> WebhookSettings | None:
        """The settings of the webhook; None if there is none."""
        if self.webhook_url is None or self.webhook_secret is None:
            return None
        return WebhookSettings(self.webhook_url, self.webhook_secret, self.webhook_proxy)

    def download_settings(self, url: str) -> DownloadSettings:
        """Return the settings for a download from the gateway."""
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
    """Return the settings and warnings.

    Raises:
        ConfigurationError: a variable is invalid. The message names it and does not show its value.
    """
    variables = VariableReader(VARIABLES, PREFIX, environ)
    del environ  # so that a traceback with local variables does not show a token

    variables.reject_empty()
    values = variables.values()
    gateway = values["gateway"]
    webhook = values["webhook_url"]
    if webhook and not values["webhook_secret"]:
        raise ConfigurationError(
            f"{WEBHOOK_URL} is set, but {WEBHOOK_SECRET} is not: set it, so that the receiver can verify messages"
        )
    values["log"] = LogSettings(values.pop("level"), values.pop("probes"))
    uses_proxy = values["proxy"]
    values["proxy"] = variables.proxy(gateway, USE_PROXY) if gateway and uses_proxy else None
    values["webhook_proxy"] = variables.proxy(webhook.reveal(), USE_PROXY) if webhook and uses_proxy else None
    for several in ("read_token_hashes", "write_token_hashes", "cors_origins"):
        values[several] = values[several] or ()
    warnings = list(variables.warnings())
    if GATEWAY_TOKEN in variables.texts and not gateway:
        warnings.insert(0, f"{GATEWAY_TOKEN} is set, but {GATEWAY_URL} is not: the sync is disabled")
    if WEBHOOK_SECRET in variables.texts and not webhook:
        warnings.insert(0, f"{WEBHOOK_SECRET} is set, but {WEBHOOK_URL} is not: nothing is sent")
    return InstanceSettings(**values), warnings


def _parse_database_url(text: str) -> Secret:
    return Secret(parse_database_url(text))


def _parse_base_url(text: str) -> str:
    """Parse a URL that paths are appended to."""
    url = parse_url(text)
    if "?" in url:
        raise InvalidValue(f"must not have a query, because {http_paths.DEFINITIONS} is appended to it")
    return url.rstrip("/")


def _parse_webhook_url(text: str) -> Secret:
    if url_problem(text):
        raise InvalidValue("must be https://, or http:// to this machine, a host and a path, without user or token")
    return Secret(text)


def _parse_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise InvalidValue("must be at most 200 ASCII characters without spaces")
    return text


def _parse_origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().lower() for part in text.split(","))
    if not all(map(_ORIGIN.fullmatch, origins)):
        raise InvalidValue("must be an origin such as https://console.example.com, or several separated by commas")
    # As browsers send them: without the scheme's own port.
    return tuple(origin.removesuffix(":443" if origin.startswith("https:") else ":80") for origin in origins)


def _parse_hashes(text: str) -> tuple[str, ...]:
    hashes = tuple(part.strip().lower() for part in text.split(","))
    if not all(map(_SHA256.fullmatch, hashes)):
        raise InvalidValue("must be the SHA-256 of a token in 64 hexadecimal digits, or several separated by commas")
    return hashes


VARIABLES: dict[str, Variable] = {
    DATABASE_URL: Variable(
        "database",
        "sqlite:///roster-instance.db",
        "Database: `sqlite:///<path>`, with four slashes for an absolute path, or "
        "`postgresql://<user>:<password>@<host>:<port>/<database>`, which is required for several processes.",
        _parse_database_url,
    ),
    GATEWAY_URL: Variable(
        "gateway",
        "",
        "URL of the gateway, or of a relay to it, without `/v1/models/…`. Must be https, or http to the same machine. "
        "If not set, the sync is disabled.",
        _parse_base_url,
    ),
    GATEWAY_TOKEN: Variable("token", "", "Token for the gateway, sent as a `Bearer` token.", parse_token),
    "ROSTER_INSTANCE_ID": Variable(
        "id",
        "",
        "Name of the instance; defaults to the host name. It determines the time of the first sync in the interval.",
        _parse_id,
    ),
    "ROSTER_INSTANCE_CORS_ORIGINS": Variable(
        "cors_origins",
        "",
        "Origins of web applications that may use the API with an access token, separated by commas, such as "
        "`https://console.example.com`. If not set, browsers let no other origin use it.",
        _parse_origins,
    ),
    "ROSTER_INSTANCE_SYNC_SECONDS": Variable(
        "sync_seconds", "1800", "Interval between syncs.", number_parser(10, 86400)
    ),
    "ROSTER_INSTANCE_DEADLINE_SECONDS": Variable(
        "deadline_seconds", "20", "Deadline of a download, including retries.", number_parser(0.1, 600)
    ),
    "ROSTER_INSTANCE_MAX_BYTES": Variable(
        "max_bytes", "16777216", "Maximum size of the list in bytes.", parse_byte_count
    ),
    "ROSTER_INSTANCE_MAX_SHRINK": Variable(
        "max_shrink",
        "0.5",
        "Maximum share of the models that may disappear at once; 1 allows all but the last one.",
        number_parser(0, 1),
    ),
    USE_PROXY: Variable(
        "proxy",
        "false",
        "`true` downloads through the proxy in `HTTPS_PROXY`, except from the hosts in `NO_PROXY`. Otherwise both are "
        "ignored. `.netrc` is always ignored.",
        parse_boolean,
    ),
    READ_TOKEN_HASHES: Variable(
        "read_token_hashes",
        "",
        "SHA-256 hash of a token with read-only access, in hexadecimal; to rotate tokens, several hashes separated by "
        "commas. Named tokens are in the database instead.",
        _parse_hashes,
    ),
    WRITE_TOKEN_HASHES: Variable("write_token_hashes", "", "The same for tokens with write access.", _parse_hashes),
    WEBHOOK_URL: Variable(
        "webhook_url",
        "",
        "URL to which new attention entries are sent; see [Webhook](#webhook). Must be https, or http to the same "
        "machine. It is never logged.",
        _parse_webhook_url,
    ),
    WEBHOOK_SECRET: Variable(
        "webhook_secret",
        "",
        "Secret that signs the messages to the webhook, required with it: `whsec_` followed by 24 to 64 bytes in "
        "base64, or a text of at least 24 characters.",
        parse_secret,
    ),
    **proxy_variables(),
    **log_variables(PREFIX),
}
"""All variables by name, in the order of the documentation."""

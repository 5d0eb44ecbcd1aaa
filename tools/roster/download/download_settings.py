"""Settings of the download: the environment variables with documentation, default and parser, and their values.

docs/gateway.md has the same table of variables; a test compares them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.http_headers import GITLAB_TOKEN_HEADERS
from roster.naming import join_names
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

PREFIX = "MODEL_SWITCHING_METADATA_"
FILE_PATH = "MODEL_SWITCHING_METADATA_FILE_PATH"
ACCESS_TOKEN = "MODEL_SWITCHING_METADATA_ACCESS_TOKEN"
TOKEN_HEADER = "MODEL_SWITCHING_METADATA_TOKEN_HEADER"
PUBLIC_KEYS = "MODEL_SWITCHING_METADATA_PUBLIC_KEYS"
USE_PROXY = "MODEL_SWITCHING_METADATA_USE_PROXY"
TOKEN_HEADER_FORMS = (*GITLAB_TOKEN_HEADERS, "Bearer", "Basic")

_ENVIRONMENT = re.compile("[a-z0-9]+(-[a-z0-9]+)*")  # as in schemas/gateway.schema.json
_PUBLIC_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----")


def _parse_header_form(text: str) -> str:
    forms = {form.lower(): form for form in TOKEN_HEADER_FORMS}
    if text.lower() not in forms:
        raise InvalidValue(f"must be {join_names(TOKEN_HEADER_FORMS, word='or')}")
    return forms[text.lower()]


def _parse_environment(text: str) -> str:
    if not _ENVIRONMENT.fullmatch(text):
        raise InvalidValue("must be the name of an environment: lowercase letters, digits and hyphens")
    return text


def _parse_folder(text: str) -> Path:
    if not text.startswith("/") or "\0" in text:
        raise InvalidValue("must be an absolute path: /…")
    return Path(text)


def _parse_public_keys(text: str) -> tuple[str, ...]:
    """Parse public keys in PEM (RFC 7468), either the keys themselves or paths of files with keys."""
    texts = [text] if "-----" in text else [_read_key_file(path.strip()) for path in text.split(",")]
    keys: list[str] = []
    for pem in texts:
        pem = pem.replace("\\n", "\n").strip()  # some vaults return line breaks this way
        if "PRIVATE KEY" in pem:
            raise InvalidValue("must not be a private key, which only the signer may have: set the public key")
        keys += _PUBLIC_KEY.findall(pem)
        if _PUBLIC_KEY.sub("", pem).strip() or not pem:
            raise InvalidValue("must be public keys in PEM, or paths of files with public keys, separated by commas")
    return tuple(keys)


def _read_key_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise InvalidValue("one of the files cannot be read") from None


VARIABLES: dict[str, Variable] = {
    FILE_PATH: Variable(
        "url",
        "",
        "URL of the file: a roster, `gateway.json`, `offered_models.json`, or the pointer "
        "`current/<environment>.json`. Must be https; http is allowed for this machine only. Required to switch the "
        "feature on.",
        parse_url,
    ),
    ACCESS_TOKEN: Variable(
        "token",
        "",
        "Token for the source. For `Basic`: `user:token`. Required to switch the feature on.",
        parse_token,
    ),
    TOKEN_HEADER: Variable(
        "header",
        "PRIVATE-TOKEN",
        "How the token is sent: in GitLab's header `PRIVATE-TOKEN`, `DEPLOY-TOKEN` or `JOB-TOKEN`, or in "
        "`Authorization` as `Bearer` or `Basic`.",
        _parse_header_form,
    ),
    "MODEL_SWITCHING_METADATA_ENVIRONMENT": Variable(
        "environment", "", "Required environment: files for other environments are rejected.", _parse_environment
    ),
    "MODEL_SWITCHING_METADATA_POLL_SECONDS": Variable(
        "poll_seconds", "300", "Polling interval.", number_parser(5, 86400)
    ),
    "MODEL_SWITCHING_METADATA_DEADLINE_SECONDS": Variable(
        "deadline_seconds", "20", "Deadline for one download, retries included.", number_parser(0.1, 600)
    ),
    "MODEL_SWITCHING_METADATA_MAX_BYTES": Variable(
        "max_bytes", "16777216", "Maximum size of the file.", parse_byte_count
    ),
    "MODEL_SWITCHING_METADATA_MAX_SHRINK": Variable(
        "max_shrink",
        "0.5",
        "Maximum share of the models that may disappear at once; 1 allows all but the last one.",
        number_parser(0, 1),
    ),
    "MODEL_SWITCHING_METADATA_ALLOW_OLDER": Variable(
        "allow_older", "false", "`true` accepts files that are older than the served list.", parse_boolean
    ),
    "MODEL_SWITCHING_METADATA_PRIVATE_ENDPOINTS": Variable(
        "private_endpoints",
        "false",
        "`true` accepts models with endpoints in private networks. A roster can suppress this rule, but artifacts "
        "rendered from it do not contain the suppression.",
        parse_boolean,
    ),
    "MODEL_SWITCHING_METADATA_CACHE_FOLDER": Variable(
        "cache_folder", "", "Folder for the cached list; by default, a folder in the temporary folder.", _parse_folder
    ),
    PUBLIC_KEYS: Variable(
        "public_keys",
        "",
        "Public keys in PEM, or paths of files with public keys, separated by commas. "
        "If set, files must be signed with one of them.",
        _parse_public_keys,
    ),
    USE_PROXY: Variable(
        "proxy",
        "false",
        "`true` downloads through the proxy in `HTTPS_PROXY`, except from hosts in `NO_PROXY`. By default, both are "
        "ignored. `.netrc` is always ignored.",
        parse_boolean,
    ),
}
"""Every variable by its name, in the order of the documentation."""


class DownloadSettings(NamedTuple):
    """How to download, and what to accept; ``VARIABLES`` documents the fields. The representation shows no secrets.

    None means: no token is sent, any environment is accepted, the cache is in the temporary folder, there is no proxy.
    Without public keys, no signature is required.
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

"""The environment variables that set up the gateway's side: what each means, its default, and how it is read.

docs/gateway.md has the same table; a test compares the two.
"""

import re
from pathlib import Path

from roster.http_headers import GITLAB_TOKEN_HEADERS
from roster.naming import join_names
from roster.settings.environment_variables import (
    InvalidValue,
    Variable,
    number_parser,
    parse_boolean,
    parse_byte_count,
    parse_token,
    parse_url,
)

PREFIX = "MODEL_SWITCHING_METADATA_"
FILE_PATH = f"{PREFIX}FILE_PATH"
ACCESS_TOKEN = f"{PREFIX}ACCESS_TOKEN"
TOKEN_HEADER = f"{PREFIX}TOKEN_HEADER"
PUBLIC_KEYS = f"{PREFIX}PUBLIC_KEYS"
USE_PROXY = f"{PREFIX}USE_PROXY"
TOKEN_HEADER_FORMS = (*GITLAB_TOKEN_HEADERS, "Bearer", "Basic")

_ENVIRONMENT = re.compile("[a-z0-9]+(-[a-z0-9]+)*")  # as in schemas/gateway.schema.json
_PUBLIC_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----")


def _header(text: str) -> str:
    known = {name.lower(): name for name in TOKEN_HEADER_FORMS}
    if text.lower() not in known:
        raise InvalidValue(f"it has to be {join_names(TOKEN_HEADER_FORMS, word='or')}")
    return known[text.lower()]


def _environment(text: str) -> str:
    if not _ENVIRONMENT.fullmatch(text):
        raise InvalidValue("it has to be the name of an environment: lower-case letters, digits and hyphens")
    return text


def _folder(text: str) -> Path:
    if not text.startswith("/") or "\0" in text:
        raise InvalidValue("it has to be the path of a folder from the root: /…")
    return Path(text)


def _public_keys(text: str) -> tuple[str, ...]:
    """Read keys in PEM (RFC 7468), written there or in the files that are named there."""
    texts = [text] if "-----" in text else [_key_file(path.strip()) for path in text.split(",")]
    keys: list[str] = []
    for pem in texts:
        pem = pem.replace("\\n", "\n").strip()  # as line breaks come out of some vaults
        if "PRIVATE KEY" in pem:
            raise InvalidValue("it leads to a private key, which only who signs may have: give the public one")
        keys += _PUBLIC_KEY.findall(pem)
        if _PUBLIC_KEY.sub("", pem).strip() or not pem:
            raise InvalidValue("it has to be public keys in PEM, or paths of files with some, with commas in between")
    return tuple(keys)


def _key_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise InvalidValue("a file that it names cannot be read") from None


VARIABLES: dict[str, Variable] = {
    FILE_PATH: Variable(
        "url",
        "",
        "The address of the file: a roster, `gateway.json` or `offered_models.json`, or of the pointer "
        "`current/<environment>.json`. https; http for this machine only. With the token it switches the feature on.",
        parse_url,
    ),
    ACCESS_TOKEN: Variable("token", "", "The token that the source asks for. For Basic: `user:token`.", parse_token),
    TOKEN_HEADER: Variable(
        "header",
        "PRIVATE-TOKEN",
        "How the token is sent: `PRIVATE-TOKEN`, `DEPLOY-TOKEN` or `JOB-TOKEN` as GitLab names them, "
        "`Bearer` or `Basic` for `Authorization`.",
        _header,
    ),
    f"{PREFIX}ENVIRONMENT": Variable(
        "environment", "", "The environment to insist on: what is made for another one is refused.", _environment
    ),
    f"{PREFIX}POLL_SECONDS": Variable(
        "poll_seconds",
        "300",
        "How long until it is asked again whether there is something new.",
        number_parser(5, 86400),
    ),
    f"{PREFIX}DEADLINE_SECONDS": Variable(
        "deadline_seconds", "20", "How long one download may take, with retries and all.", number_parser(0.1, 600)
    ),
    f"{PREFIX}MAX_BYTES": Variable("max_bytes", "16777216", "How large the file may be.", parse_byte_count),
    f"{PREFIX}MAX_SHRINK": Variable(
        "max_shrink",
        "0.5",
        "The share of models that may be gone at once; 1 allows all but the last.",
        number_parser(0, 1),
    ),
    f"{PREFIX}ALLOW_OLDER": Variable(
        "allow_older", "false", "`true` accepts an older file than the one that is served.", parse_boolean
    ),
    f"{PREFIX}PRIVATE_ENDPOINTS": Variable(
        "private_endpoints",
        "false",
        "`true` accepts models whose endpoint is in a private network. A roster can ignore that rule; the artifact "
        "that is made of it cannot say so.",
        parse_boolean,
    ),
    f"{PREFIX}CACHE_FOLDER": Variable(
        "cache_folder", "", "Where the last good file is kept; without it, in the temporary folder.", _folder
    ),
    PUBLIC_KEYS: Variable(
        "public_keys",
        "",
        "Public keys in PEM, or paths of files with some, with commas in between. "
        "With it, a file has to be signed by one of them.",
        _public_keys,
    ),
    USE_PROXY: Variable(
        "proxy",
        "false",
        "`true` downloads through the proxy of `HTTPS_PROXY`, but for the hosts of `NO_PROXY`. Otherwise both "
        "are ignored, as `.netrc` always is.",
        parse_boolean,
    ),
}
"""Every variable by its name, in the order of the page."""

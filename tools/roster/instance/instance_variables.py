"""The environment variables that set up an instance: what each means, its default, and how it is read.

docs/instance.md has the same table; a test compares the two.
"""

import re
from pathlib import PurePath

from roster.settings.environment_variables import (
    InvalidValue,
    Variable,
    number_parser,
    parse_boolean,
    parse_byte_count,
    parse_token,
    parse_url,
)
from roster.settings.secret import Secret

PREFIX = "ROSTER_INSTANCE_"
DATABASE_URL = f"{PREFIX}DATABASE_URL"
GATEWAY_URL = f"{PREFIX}GATEWAY_URL"
GATEWAY_TOKEN = f"{PREFIX}GATEWAY_TOKEN"
USE_PROXY = f"{PREFIX}USE_PROXY"

_SQLITE = re.compile("sqlite:///([^?#]+)")
_POSTGRESQL = re.compile(
    r"(?:postgresql|postgres|postgresql\+psycopg)://"
    r"(?P<rest>([^/?#@:]+(:[^/?#@]*)?@)?"  # user and password
    r"(([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?)?"  # no host: a socket
    r"/[^/?#@]+(\?[^#]*)?)"
)
_ID = re.compile("[!-~]{1,200}")
_SHA256 = re.compile("[0-9a-f]{64}")


def _database(text: str) -> Secret:
    """Read the address of a database, as SQLAlchemy takes it: ``sqlite:///…`` or ``postgresql+psycopg://…``."""
    if (sqlite := _SQLITE.fullmatch(text)) and text.isprintable():
        path = sqlite[1]
        if path == ":memory:" or not PurePath(path).name:
            raise InvalidValue("it has to name a file, so that nothing is lost when the instance ends")
        return Secret(text)
    postgresql = _POSTGRESQL.fullmatch(text)
    if not postgresql or not re.fullmatch("[!-~]+", text) or not 1 <= int(postgresql["port"] or 5432) <= 65535:
        raise InvalidValue(
            "it has to be sqlite:///<path> or postgresql://<user>:<password>@<host>:<port>/<database>, "
            "where a special character of the password is written as % and its code"
        )
    return Secret(f"postgresql+psycopg://{postgresql['rest']}")


def _base(text: str) -> str:
    """Read an address that paths are added to, and end it before them."""
    read = parse_url(text)
    if "?" in read:
        raise InvalidValue("it has a query: end it where the path /v1/models/definitions is added")
    return read.rstrip("/")


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise InvalidValue("it has to be at most 200 characters of ASCII without a blank")
    return text


def _hashes(text: str) -> tuple[str, ...]:
    """Read SHA-256 in hexadecimal; several while one token is being replaced by the next."""
    hashes = tuple(part.strip().lower() for part in text.split(","))
    if not all(map(_SHA256.fullmatch, hashes)):
        raise InvalidValue(
            "it has to be the SHA-256 of a token, 64 hexadecimal digits, or several with commas in between"
        )
    return hashes


VARIABLES: dict[str, Variable] = {
    DATABASE_URL: Variable(
        "database",
        "sqlite:///roster-instance.db",
        "The database: `sqlite:///<path>` of a file, with four slashes for a path from the root, or "
        "`postgresql://<user>:<password>@<host>:<port>/<database>`, which more than one process needs.",
        _database,
    ),
    GATEWAY_URL: Variable(
        "gateway",
        "",
        "The address of the gateway, or of the relay to it, before `/v1/models/…`. https; http for this machine only. "
        "Without it nothing is synced.",
        _base,
    ),
    GATEWAY_TOKEN: Variable("token", "", "The token that the gateway asks for, sent as `Bearer`.", parse_token),
    f"{PREFIX}ID": Variable(
        "id",
        "",
        "What the instance is called; without it, by the host's name. When in the interval it syncs follows from it.",
        _id,
    ),
    f"{PREFIX}SYNC_SECONDS": Variable(
        "sync_seconds", "1800", "How long from one sync to the next.", number_parser(10, 86400)
    ),
    f"{PREFIX}DEADLINE_SECONDS": Variable(
        "deadline_seconds", "20", "How long one download may take, with retries and all.", number_parser(0.1, 600)
    ),
    f"{PREFIX}MAX_BYTES": Variable("max_bytes", "16777216", "How large the list may be.", parse_byte_count),
    f"{PREFIX}MAX_SHRINK": Variable(
        "max_shrink",
        "0.5",
        "The share of models that may be gone at once; 1 allows all but the last.",
        number_parser(0, 1),
    ),
    USE_PROXY: Variable(
        "proxy",
        "false",
        "`true` downloads through the proxy of `HTTPS_PROXY`, but for the hosts of `NO_PROXY`. Otherwise both "
        "are ignored, as `.netrc` always is.",
        parse_boolean,
    ),
    f"{PREFIX}READ_TOKEN_HASHES": Variable(
        "read_token_hashes",
        "",
        "The SHA-256, in hexadecimal, of the token that reads need; several, with commas in between, while one is "
        "being replaced. Without it, no token is good for reads.",
        _hashes,
    ),
    f"{PREFIX}WRITE_TOKEN_HASHES": Variable(
        "write_token_hashes", "", "The same for the token that writes need.", _hashes
    ),
}
"""Every variable by its name, in the order of the page."""

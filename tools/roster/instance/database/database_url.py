"""URLs of databases: which ones are valid, and how messages name a database, without its password."""

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from roster.naming import closest_name, printable, quote
from roster.settings.environment_variables import InvalidValue

if TYPE_CHECKING:
    from sqlalchemy import URL

_SQLITE = re.compile(r"sqlite:///(?P<path>[^?#]+)(\?(?P<options>[^#]*))?")
_SCHEME = re.compile(r"(postgresql|postgres|postgresql\+psycopg)://")
_AUTHORITY = re.compile(
    r"([^/?#@:]+(:[^/?#@]*)?@)?"  # user and password
    r"(([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[^/?#@:]*))?)?"  # without a host, a socket
)
_POSTGRESQL = re.compile(r"(?P<authority>[^/?#]*)(/(?P<database>[^/?#]*))?(\?(?P<options>[^#]*))?")
_SEVERAL_HOSTS = ("host", "port")
_UNSUPPORTED_OPTION = "replication"
"""An option of PostgreSQL with which it accepts no ordinary statements."""
_SHAPE = (
    "must be sqlite:///<path> or postgresql://<user>:<password>@<host>:<port>/<database>, "
    "with special characters of the password percent-encoded"
)


def parse_database_url(text: str) -> str:
    """Return the URL for SQLAlchemy, ``sqlite:///…`` or ``postgresql+psycopg://…``.

    Raises:
        InvalidValue: the URL is invalid. The reason names the part, and shows only names of options.
    """
    if (sqlite := _SQLITE.fullmatch(text)) and text.isprintable() and "%00" not in text:
        _check_sqlite(sqlite["path"], sqlite["options"])
        return text
    scheme = _SCHEME.match(text)
    if not scheme or not re.fullmatch("[!-~]+", text) or "%00" in text:
        raise InvalidValue(_SHAPE)
    rest = text[scheme.end() :]
    _check_postgresql(rest)
    return f"postgresql+psycopg://{rest}"


def _check_sqlite(path: str, options: str | None) -> None:
    if path == ":memory:" or not PurePath(path).name:
        raise InvalidValue("must name a file, so that data survives a restart")
    if options is not None:
        raise InvalidValue(f"a sqlite URL has no options: remove ?{_first_name(options)}")


def _check_postgresql(rest: str) -> None:
    parts = _POSTGRESQL.fullmatch(rest)
    authority = parts and _AUTHORITY.fullmatch(parts["authority"])
    if not parts or not authority:
        raise InvalidValue(_SHAPE)
    port = authority["port"]
    if port is not None and not (re.fullmatch("[0-9]{1,5}", port) and 1 <= int(port) <= 65535):
        raise InvalidValue("the port must be a number from 1 to 65535")
    if not parts["database"]:
        raise InvalidValue("must name a database: postgresql://<user>:<password>@<host>:<port>/<database>")
    if parts["options"] is not None:
        _check_options(parts["options"])


def _check_options(options: str) -> None:
    from psycopg.pq import Conninfo  # rarely needed

    valid = {option.keyword.decode() for option in Conninfo.get_defaults()} - {_UNSUPPORTED_OPTION}
    names = [name for name, _ in parse_qsl(options, keep_blank_values=True)]
    for name in names:
        if name not in valid:
            guess = closest_name(name, valid)
            hint = f"did you mean {guess}?" if guess else "PostgreSQL's connection options are allowed, such as sslmode"
            raise InvalidValue(f"unknown option {quote(name)}: {hint}")
        if name not in _SEVERAL_HOSTS and names.count(name) > 1:
            raise InvalidValue(f"the option {quote(name)} is given more than once")


def _first_name(options: str) -> str:
    return quote(re.split("[=&]", options)[0]).strip('"')


def database_name(url: "URL") -> str:
    """Return the name of a database in messages: the path of its file, or user, host, port and database."""
    if url.get_backend_name() == "sqlite":
        return printable(str(Path(url.database or "").absolute()))
    user = f"{url.username}@" if url.username else ""
    host = ",".join(url.normalized_query.get("host") or [url.host or ""])
    port = f":{url.port}" if url.port else ""
    return printable(f"{user}{host}{port}/{url.database}")

"""Addresses: which may be downloaded from, where one ends and the next begins."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # RFC 3986, 2
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_PORTS = {"http": 80, "https": 443}
_RAW_FILE = re.compile(r"(/api/v4/projects/[^/]+/repository/files/[^/]+)/raw")


class Origin(NamedTuple):
    """Who a token is for (RFC 6454): another scheme, host or port is somebody else."""

    scheme: str
    host: str
    port: int


def parse_origin(url: str) -> Origin:
    """Return the origin of an address.

    Raises:
        ValueError: it is not an http or https address with a host and a port that can be; its text may hold it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _CHARACTERS.fullmatch(url) or parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        raise ValueError
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if parts.port is None else parts.port)


def url_problem(url: str) -> str:
    """Return what keeps an address from being one to download from, without a part of it; empty when nothing does."""
    try:
        scheme, host, port = parse_origin(url)
    except ValueError:
        return "it has to be https://, a host and a path, in the characters that addresses have"
    if port == 0:
        return "its port is 0"
    if "@" in urlsplit(url).netloc:
        return "it holds a user or a password; the token has a variable of its own"
    if "#" in url:
        return "it has a fragment, which is never sent: end it before the #"
    if any(name.lower().endswith("token") for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)):
        return "it holds a token in its query, which logs show; the token has a variable of its own"
    if scheme == "http" and not is_loopback(host):
        return "it starts with http://, which shows the token to everybody in between: use https://"
    return ""


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, by its name or as an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def sibling_url(url: str, suffix: str) -> str:
    """Return the address of the file that has a file's name with an ending more, such as ``.sig``.

    GitLab's API for raw files has the name before the end: ``/repository/files/<name>/raw?ref=main``.
    """
    parts = urlsplit(url)
    raw = _RAW_FILE.search(parts.path)
    end = raw.end(1) if raw and raw.end() == len(parts.path) else len(parts.path)
    return parts._replace(path=parts.path[:end] + suffix + parts.path[end:]).geturl()


def without_query(url: str) -> str:
    """Return an address as messages have it: without its query."""
    return urlsplit(url)._replace(query="").geturl()

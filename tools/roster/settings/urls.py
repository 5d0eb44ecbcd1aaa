"""URLs: which ones are valid to download from, their origins, and the URLs of neighboring files."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # RFC 3986, 2
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_GITLAB_RAW_FILE = re.compile(r"(/api/v4/projects/[^/]+/repository/files/[^/]+)/raw")


class Origin(NamedTuple):
    """The origin of a URL (RFC 6454); a token is sent to one origin only."""

    scheme: str
    host: str
    port: int


def parse_origin(url: str) -> Origin:
    """Return the origin of a URL.

    Raises:
        ValueError: it is not an http or https URL with a valid host and port; the exception's text may contain it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _CHARACTERS.fullmatch(url) or parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise ValueError
    return Origin(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port)


def url_problem(url: str) -> str:
    """Return why a URL is invalid to download from, without showing any part of it; empty if it is valid."""
    try:
        origin = parse_origin(url)
    except ValueError:
        return "must be https://, a host and a path, in characters that URLs allow"
    if origin.port == 0:
        return "must not have the port 0"
    if "@" in urlsplit(url).netloc:
        return "must not contain a user or password; set the token in its own variable"
    if "#" in url:
        return "must not contain a fragment: end it before the #"
    if any(name.lower().endswith("token") for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)):
        return "must not contain a token in its query, which logs show; set the token in its own variable"
    if origin.scheme == "http" and not is_loopback(origin.host):
        return "must start with https://, because http:// is not encrypted"
    return ""


def is_loopback(host: str) -> bool:
    """Return whether a host name or IP address is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def sibling_url(url: str, suffix: str) -> str:
    """Return the URL of the file whose name is that of ``url`` plus a suffix, such as ``.sig``.

    In GitLab's API for raw files, the name is not at the end: ``/repository/files/<name>/raw?ref=main``.
    """
    parts = urlsplit(url)
    raw = _GITLAB_RAW_FILE.search(parts.path)
    end = raw.end(1) if raw and raw.end() == len(parts.path) else len(parts.path)
    return parts._replace(path=parts.path[:end] + suffix + parts.path[end:]).geturl()


def without_query(url: str) -> str:
    """Return a URL without its query, for messages."""
    return urlsplit(url)._replace(query="").geturl()

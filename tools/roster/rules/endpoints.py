"""Rules on endpoints and links to documentation: public https addresses without credentials."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from roster.findings import Finding, Severity
from roster.model import Model
from roster.naming import quote, space_hint
from roster.roster import Roster
from roster.rules.base.hosts import (
    MAX_NAME_LENGTH,
    destination_of,
    has_unknown_top_level_domain,
    ip_address_of,
    is_private,
    is_public_name,
)
from roster.rules.base.rule import Context, roster_rule

_ORDINARY = (
    r"https://(?:(?!svc\.)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:com|net|org|io|ai|dev|app|cloud)"
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?"
)
"""Endpoints that need no closer look, which are most: a public host name and a path of unreserved characters."""
_AUTHORITY = r"(\[[^\[\]]*:[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?"
"""A host and a port without user info (RFC 3986, 3.2). A host in brackets is an IPv6 address; urlsplit checks that only
since Python 3.11.4."""
_WITHOUT_USER_INFO = 'remove the part between "//" and "@"'
_SECOND_ADDRESS = r"(?s)://\s*+.*?(?:://|[\s,;|][A-Za-z0-9-]+\.[A-Za-z])"
"""An address, and the scheme or the host of another one."""


@roster_rule(
    summary="Endpoint without https.",
    reason="Prompts and the API key would cross the network unencrypted.",
    remedy="Use the server's https URL.",
    bad="- name: Claude\n  endpoint: http://example-models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def insecure_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    for model, endpoint in _unusual_endpoints(roster):
        if not endpoint.startswith("https://") and _is_absolute(_parsed(endpoint)):
            message = f"the endpoint's scheme is {quote(endpoint.partition(':')[0])}, not https"
            yield Finding(roster.at(model, "endpoint"), message, "write https://")


@roster_rule(
    summary="Endpoint on a private or local host, or below an unknown top-level domain.",
    reason="Most gateways cannot reach the host. One that can would send requests into its own private network.",
    remedy="Use a public host name.",
    bad="- name: Claude\n  endpoint: https://169.254.169.254/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
)
def private_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    for model, endpoint in _unusual_endpoints(roster):
        host = _host(endpoint)
        if host and is_private(host):
            message = f"the host {quote(host)}{_meaning(host)} is not public"
            yield Finding(roster.at(model, "endpoint"), message, "use a public host name")


@roster_rule(
    summary="User name or password in an endpoint, or in the address of documentation.",
    reason="The endpoint is committed, rendered into artifacts and logged by proxies.",
    remedy="Remove the credentials; the gateway reads the API key from the variable in api-key.",
    bad="- name: Claude\n  endpoint: https://someone:secret@example-models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def credentials_in_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    for model, endpoint in _unusual_endpoints(roster):
        if _without_user_info(endpoint) != endpoint:
            message = "the endpoint contains a user name or a password"
            yield Finding(roster.at(model, "endpoint"), message, _WITHOUT_USER_INFO)
    for model in roster:
        if model.documentation and _without_user_info(model.documentation) != model.documentation:
            message = "the address of the documentation contains a user name or a password"
            yield Finding(roster.at(model, "documentation"), message, _WITHOUT_USER_INFO)


@roster_rule(
    summary="Endpoint that is not a valid base URL.",
    reason="The gateway appends a path to the endpoint, which fails after a query, a fragment or an invalid host.",
    remedy="Write https://, a host name and, if needed, a path.",
    bad="- name: Claude\n  endpoint: https://example_models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def malformed_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    for model, endpoint in _unusual_endpoints(roster):
        host, place, note = _host(endpoint), roster.at(model, "endpoint"), "expected: https://host/path"
        if message_and_hint := _malformed(endpoint):
            yield Finding(place, *message_and_hint, note)
        elif host and is_private(host) and (message_and_hint := _malformed_host(host)):
            yield Finding(place, *message_and_hint, note, implied_by=(("private-endpoint", place),))


@roster_rule(
    severity=Severity.WARNING,
    summary="Documentation on a host that customers cannot reach.",
    reason="Admins see the link on the page of their instance. In their network, it leads nowhere, or to another host.",
    remedy="Use the address of a public page, or leave out documentation.",
    bad="- name: Claude\n  documentation: https://wiki/claude\n",
    good="- name: Claude\n  documentation: https://example.com/claude\n",
)
def private_documentation(roster: Roster, _: Context) -> Iterator[Finding]:
    is_ordinary = re.compile(_ORDINARY).fullmatch
    for model in roster:
        if model.documentation and not is_ordinary(model.documentation):
            authority = re.match(r"https://[^/?#\\]*", model.documentation)  # a path may contain another address
            if message := _unreachable(_host(authority[0]) if authority else ""):
                yield Finding(roster.at(model, "documentation"), message, "use the address of a public page")


@lru_cache(maxsize=1)
def _unusual_endpoints(roster: Roster) -> list[tuple[Model, str]]:
    """Return the endpoints that need a closer look, with their models."""
    is_ordinary = re.compile(_ORDINARY).fullmatch
    endpoints = ((model, model.endpoint) for model in roster if model.endpoint is not None)
    return [(model, text) for model, text in endpoints if len(text) > MAX_NAME_LENGTH or not is_ordinary(text)]


def _unreachable(host: str) -> str:
    """Return why people elsewhere cannot open a page on a host; empty if they probably can."""
    if not host:
        return "this is not the address of a page: its host is missing or invalid"
    if is_private(host):
        return f"the host {quote(host)}{_meaning(host)} is not public"
    is_public = ip_address_of(host) or is_public_name(host) or not host.isascii()  # browsers encode other letters
    return "" if is_public else f"{quote(host)} is not a public host name"


def _meaning(host: str) -> str:
    destination = str(destination_of(host))
    if destination != host:
        return f" (that is, {destination})"
    top_level_domain = host.rpartition(".")[2]
    return f" ({quote(top_level_domain)} is not a top-level domain)" if has_unknown_top_level_domain(host) else ""


@lru_cache(maxsize=1024)
def _parsed(endpoint: str) -> SplitResult | None:
    """Return the parts of an address without user info; None for one that parsers reject or read differently."""
    endpoint = _without_user_info(endpoint)
    if re.search(r"[\s\\]", endpoint) or _has_second_address(endpoint):
        return None
    try:
        address = urlsplit(endpoint)
        port = address.port
    except ValueError:
        return None
    return address if re.fullmatch(_AUTHORITY, address.netloc) and port != 0 else None


def _without_user_info(endpoint: str) -> str:
    if "@" not in endpoint:
        return endpoint
    match = re.match(r"[^/]*//([^/?#\\]*@)", endpoint)
    return endpoint[: match.start(1)] + endpoint[match.end(1) :] if match else endpoint


def _has_second_address(endpoint: str) -> bool:
    return re.search(_SECOND_ADDRESS, _decoded(endpoint)) is not None


def _decoded(text: str) -> str:
    """Return a text without percent-encoding, also where that is encoded again."""
    return unquote(unquote(text)) if "%" in text else text


def _is_absolute(address: SplitResult | None) -> bool:
    return bool(address and address.scheme and address.netloc)


@lru_cache(maxsize=1024)
def _host(endpoint: str) -> str:
    address = _parsed(endpoint)
    return (address.hostname or "").removesuffix(".") if address else ""


@lru_cache(maxsize=1024)
def _malformed(endpoint: str) -> tuple[str, str] | None:
    """Return what is wrong with an endpoint, and a hint; None for a valid one."""
    endpoint = _without_user_info(endpoint)
    address = _parsed(endpoint)
    shown = "the endpoint" if "@" in endpoint else quote(endpoint)  # a slip may have put a password into the path
    if _has_second_address(endpoint):
        return "the endpoint contains more than one address", "write one"
    if address is None:
        return f"{shown} is not a valid address", space_hint(endpoint)
    if not _is_absolute(address):
        host = _host(f"https://{endpoint}")
        is_host = is_public_name(host) and not is_private(host)  # a host called os.environ would get the prompts
        hint = "write https:// before it" if is_host else "write https:// and a public host name"
        return f"{shown} is not an https address", hint
    if "?" in endpoint or "#" in endpoint:
        return f"the endpoint has a {'query' if '?' in endpoint else 'fragment'}", "end it after the path"
    host = _host(endpoint)
    if path_problem := _malformed_path(address.path):
        return path_problem
    return None if is_private(host) else _malformed_host(host)


def _malformed_path(path: str) -> tuple[str, str] | None:
    decoded = _decoded(path)
    if not path.isascii():
        return "the endpoint's path contains non-ASCII characters", "write them percent-encoded"
    if not decoded.isprintable():
        return "the endpoint's path contains encoded control or invisible characters", "remove them"
    # some servers ignore what follows a semicolon in a segment, and some read a backslash as a slash
    segments = (segment.partition(";")[0] for segment in re.split(r"[/\\]", decoded))
    if dots := {".", ".."}.intersection(segments):
        return f"the endpoint's path contains {quote('/' + max(dots))}, which clients resolve differently", "remove it"
    return None


def _malformed_host(host: str) -> tuple[str, str] | None:
    if not host:
        return "the endpoint has no host", ""
    if not host.isascii():
        return f"the host {quote(host)} contains non-ASCII characters", "write it in its xn-- form"
    address = ip_address_of(host)
    if address and address.version == 4 and str(address) != host:
        message = f"{quote(host)} is another spelling of {address}, which some clients read differently"
        return message, f"write {address}"
    if not address and not is_public_name(host) and not is_private(host):
        hint = "host names contain hyphens, not underscores" if "_" in host else ""
        if separator := re.search(r"[,;]+\Z", host):
            hint = f"remove {quote(separator[0])}"
        return f"{quote(host)} is not a valid public host name", hint
    return None

"""Rules on endpoints: https addresses that the whole internet can reach, and nothing that only a gateway could."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from roster.findings import Finding, Severity
from roster.naming import quote
from roster.roster import Roster
from roster.rules.rule import Context, roster_rule

if TYPE_CHECKING:  # imported where it is needed: few endpoints are an IP address
    from ipaddress import IPv4Address, IPv6Address

_AUTHORITY = r"(\[[^\[\]]*:[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?"
"""A host and a port, without user info: RFC 3986, 3.2; a host in brackets is an IPv6 address,
which urlsplit sees to only since Python 3.11.4."""
_PART_OF_AN_ADDRESS = r"0x[0-9a-f]*|[0-9]+"
_PRIVATE_NETWORKS = (  # beside those that every version of Python knows
    "192.0.0.0/24",  # RFC 6890; Oracle's metadata server lives there
    "168.63.129.16/32",  # Azure's own services, from within
    "3fff::/20",  # RFC 9637, documentation
)
_PRIVATE_ENDINGS = (
    ".localhost", ".localdomain",  # RFC 6761, and what many systems add to it
    ".local",  # RFC 6762, and what Kubernetes ends its services in
    ".internal",  # reserved by ICANN for private use; Google Cloud's metadata server lives there
    ".home.arpa",  # RFC 8375
    ".intranet", ".lan", ".corp", ".home", ".private",  # never delegated, used within networks
    ".test", ".invalid", ".example",  # RFC 6761
    ".svc", ".onion",
)  # fmt: skip


@roster_rule(
    severity=Severity.ERROR,
    summary="An endpoint is not https.",
    reason="Prompts and the provider's key would cross the network in the clear.",
    remedy="Use the https address of the server.",
    bad="- name: Claude\n  endpoint: http://example-models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def insecure_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    def problem(endpoint: str) -> _Complaint:
        address = _split(_without_user(endpoint))
        if endpoint.startswith("https://") or address is None or not _is_an_address(address):
            return None
        return f"the endpoint's scheme is {quote(endpoint.partition(':')[0])}, not https", "write https://"

    return _each(roster, problem)


@roster_rule(
    severity=Severity.ERROR,
    summary="An endpoint is a host that only some networks can reach, or the gateway's own.",
    reason="Gateways elsewhere cannot reach it; one that can would be sent to an address inside its own network.",
    remedy="Use a public host name.",
    bad="- name: Claude\n  endpoint: https://169.254.169.254/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
)
def private_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    def problem(endpoint: str) -> _Complaint:
        address = _split(_without_user(endpoint))
        host = _host(address) if address else ""
        if not host or not _is_private(host):
            return None
        means = str(_reached(host) or _folded(host))
        meant = f", which means {means}," if means != host else ""
        return f"the host {quote(host)}{meant} is not a public one", "use a public host name"

    return _each(roster, problem)


@roster_rule(
    severity=Severity.ERROR,
    summary="An endpoint holds a user name or a password.",
    reason="Whatever stands in the address is committed, rendered into the artifact and logged by every proxy.",
    remedy="Take it out; the gateway sends the key that api-key refers to.",
    bad="- name: Claude\n  endpoint: https://someone:secret@example-models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def credentials_in_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    def problem(endpoint: str) -> _Complaint:
        if _without_user(endpoint) == endpoint:
            return None
        return "the endpoint holds a user name or a password before its host", 'remove what stands before the "@"'

    return _each(roster, problem)


@roster_rule(
    severity=Severity.ERROR,
    summary="An endpoint is not an address that a model's path can be appended to.",
    reason="The gateway appends its path to it; after a query, a fragment or a broken host that leads nowhere.",
    remedy="Write https://, a host name and, where the server has one, a path.",
    bad="- name: Claude\n  endpoint: https://example_models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def malformed_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    return _each(roster, _malformed, "expected: https://host/path")


_Complaint = tuple[str, str] | None
"""What is wrong with an endpoint and what to do about it, if anything is wrong."""


def _each(roster: Roster, problem: Callable[[str], _Complaint], note: str = "") -> Iterator[Finding]:
    """Yield a finding for each endpoint that has a problem; rosters repeat few endpoints, so each is asked once."""
    asked: dict[str | None, _Complaint] = {None: None}
    for model in roster:
        if model.endpoint not in asked:
            asked[model.endpoint] = problem(model.endpoint or "")
        if found := asked[model.endpoint]:
            yield Finding(roster.at(model, "endpoint"), *found, note)


@lru_cache(maxsize=1024)
def _split(endpoint: str) -> SplitResult | None:
    """Return the parts of an address; None for what readers of addresses refuse, or read each in its own way."""
    if any(char.isspace() or char == "\\" for char in endpoint):
        return None
    try:
        address = urlsplit(endpoint)
        port = address.port
    except ValueError:
        return None
    return address if re.fullmatch(_AUTHORITY, address.netloc) and port != 0 else None


def _without_user(endpoint: str) -> str:
    """Return an endpoint without the user name and the password before its host."""
    found = re.match(r"[^/]*//([^/?#\\]*@)", endpoint)
    return endpoint[: found.start(1)] + endpoint[found.end(1) :] if found else endpoint


def _is_an_address(address: SplitResult) -> bool:
    return bool(address.scheme and address.netloc)


def _host(address: SplitResult) -> str:
    return (address.hostname or "").removesuffix(".")


@lru_cache(maxsize=1024)
def _folded(host: str) -> str:
    """Return a host with the letters and digits that a client makes of other forms of them (UTS #46)."""
    if host.isascii():
        return host
    import unicodedata

    return unicodedata.normalize("NFKC", host).lower().replace("\u3002", ".")


def _malformed(endpoint: str) -> _Complaint:
    endpoint = _without_user(endpoint)
    address = _split(endpoint)
    shown = "the endpoint" if "@" in endpoint else quote(endpoint)  # a slip may have made a path of a password
    if address is None:
        return f"{shown} is not an address", ""
    if not _is_an_address(address):
        hint = "write https:// before it" if not address.scheme or "." in address.scheme else ""
        return f"{shown} is not an https address", hint
    if "?" in endpoint or "#" in endpoint:
        return f"the endpoint has a {'query' if '?' in endpoint else 'fragment'}", "end it after the path"
    host = _host(address)
    if _is_private(host):
        return None  # private-endpoint tells of it
    return _malformed_host(host) if endpoint.isascii() or not host.isascii() else _FOREIGN_PATH


_FOREIGN_PATH = "the endpoint's path holds letters that addresses cannot", "write them percent-encoded"


def _malformed_host(host: str) -> _Complaint:
    if not host:
        return "the endpoint has no host", ""
    if not host.isascii():
        return f"the host {quote(host)} holds letters that host names cannot", "write it in its xn-- form"
    address = _address(host)
    if address and address.version == 4 and str(address) != host:
        return f"{quote(host)} is another spelling of {address}, which some read otherwise", f"write {address}"
    if not address and not _is_host_name(host):
        hint = "a host name has hyphens, not underscores" if "_" in host else ""
        return f"{quote(host)} is not the name of a public host", hint
    return None


def _is_host_name(host: str) -> bool:
    """Say whether a name can be that of a public host (RFC 1123, 2.1; RFC 1035, 2.3.4)."""
    labels = host.split(".")
    well_formed = (
        len(label) <= 63 and label.replace("-", "").isalnum() and not label.startswith("-") and not label.endswith("-")
        for label in labels
    )
    is_number = re.fullmatch(_PART_OF_AN_ADDRESS, labels[-1])  # then clients take the host for an address
    return len(labels) > 1 and len(host) <= 253 and all(well_formed) and not is_number


def _is_private(host: str) -> bool:
    address = _reached(host)
    if address is None:
        host = _folded(host)
        return f".{host}".endswith(_PRIVATE_ENDINGS) or ".svc.cluster." in host
    from ipaddress import ip_network

    if address.version == 6 and int(address) >> 125 != 1:  # no global unicast: RFC 4291, 2.4
        return True
    reserved = any(address in ip_network(network) for network in _PRIVATE_NETWORKS)
    return reserved or not address.is_global or address.is_multicast


def _reached(host: str) -> "IPv4Address | IPv6Address | None":
    """Return the IP address that a host stands for; the inner one, where it tells a gateway which that is."""
    address = _address(host)
    if address is None or address.version == 4:
        return address
    return address.ipv4_mapped or address.sixtofour or _nat64(address) or address


def _nat64(address: "IPv6Address") -> "IPv4Address | None":
    """Return the IPv4 address that a NAT64 gateway would send this to (RFC 6052)."""
    from ipaddress import IPv4Address

    return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x64FF9B << 64 else None


@lru_cache(maxsize=1024)
def _address(host: str) -> "IPv4Address | IPv6Address | None":
    """Return the IP address that a host is, in any spelling that inet_aton takes: decimal, octal, hex, short."""
    host = _folded(host)
    parts = host.split(".")
    numeric = parts[-1][:1].isdigit() and all(re.fullmatch(_PART_OF_AN_ADDRESS, part) for part in parts)
    if ":" not in host and not numeric:
        return None
    from ipaddress import IPv4Address, ip_address

    try:
        return ip_address(host)
    except ValueError:
        if ":" in host:
            return None
    *high, low = (_number(part) for part in parts)
    if len(parts) > 4 or any(part > 255 for part in high) or low >= 256 ** (5 - len(parts)):
        return None
    return IPv4Address(sum(part << 8 * (3 - place) for place, part in enumerate(high)) + low)


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and not set(part) & set("89") else int(part)

"""Classification of hosts: IP addresses in every spelling, private networks and public host names."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported on use: few endpoints are IP addresses
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

MAX_NAME_LENGTH = 253
"""In characters (RFC 1035, 2.3.4)."""
_ADDRESS_PART = r"0x[0-9a-f]*|[0-9]+"
_LABEL = r"(?!-)[a-zA-Z0-9-]{1,63}(?<!-)"
_PRIVATE_NETWORKS = (  # in addition to those that every supported version of Python knows
    "192.0.0.0/24",  # RFC 6890; includes Oracle's metadata server
    "168.63.129.16/32",  # Azure's platform services
    "3fff::/20",  # RFC 9637, documentation
)
_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain",  # RFC 6761, and a common addition to it
    ".local",  # RFC 6762, and the suffix of Kubernetes services
    ".internal",  # reserved by ICANN for private use; includes Google Cloud's metadata server
    ".home.arpa",  # RFC 8375
    ".intranet", ".lan", ".corp", ".home", ".private",  # never delegated, common within networks
    ".test", ".invalid", ".example",  # RFC 6761
    ".svc", ".onion",
)  # fmt: skip


def _normalized(host: str) -> str:
    """Return a host with compatibility forms of letters and digits replaced, as clients do (UTS #46)."""
    if host.isascii():
        return host
    import unicodedata

    return unicodedata.normalize("NFKC", host).lower().replace("\u3002", ".")


def ip_address_of(host: str) -> "IPv4Address | IPv6Address | None":
    """Return the IP address that a host spells, in any form that inet_aton accepts: decimal, octal, hex, short."""
    host = _normalized(host)
    parts = host.split(".")
    numeric = parts[-1][:1].isdigit() and all(re.fullmatch(_ADDRESS_PART, part) for part in parts)
    if ":" not in host and not numeric:
        return None
    from ipaddress import ip_address

    try:
        return ip_address(host)
    except ValueError:
        return None if ":" in host else _from_inet_aton(parts)


def destination_of(host: str) -> "IPv4Address | IPv6Address | str":
    """Return the IP address or name that requests to a host reach; of an IPv4 address within an IPv6 one, the inner."""
    address = ip_address_of(host)
    if address is None or address.version == 4:
        return address or _normalized(host)
    return address.ipv4_mapped or address.sixtofour or _nat64(address) or address


@lru_cache(maxsize=1024)
def is_private(host: str) -> bool:
    """Return whether a host is local to a machine or a network."""
    address = destination_of(host)
    if isinstance(address, str):
        return _is_private_name(address) or has_unknown_top_level_domain(address)
    if address.version == 6 and int(address) >> 125 != 1:  # not global unicast: RFC 4291, 2.4
        return True
    reserved = any(address in network for network in _private_networks())
    return reserved or not address.is_global or address.is_multicast


@cache
def _private_networks() -> "tuple[IPv4Network | IPv6Network, ...]":
    from ipaddress import ip_network

    return tuple(map(ip_network, _PRIVATE_NETWORKS))


def is_public_name(host: str) -> bool:
    """Return whether a name has the form of a public host name (RFC 1123, 2.1)."""
    is_number = re.fullmatch(_ADDRESS_PART, host.rpartition(".")[2])  # clients would take the host for an address
    return len(host) <= MAX_NAME_LENGTH and re.fullmatch(rf"{_LABEL}(\.{_LABEL})+", host) is not None and not is_number


def has_unknown_top_level_domain(host: str) -> bool:
    """Return whether a name has the form of a public host name, but no resolver outside its network knows it."""
    if _is_private_name(host) or not is_public_name(host):
        return False
    from roster.rules.base.top_level_domains import TOP_LEVEL_DOMAINS  # most hosts have a common one

    return host.rpartition(".")[2].lower() not in TOP_LEVEL_DOMAINS


def _is_private_name(host: str) -> bool:
    return f".{host}".endswith(_PRIVATE_SUFFIXES) or ".svc.cluster." in host


def _from_inet_aton(parts: list[str]) -> "IPv4Address | None":
    from ipaddress import IPv4Address

    *high, low = map(_number, parts)
    if len(parts) > 4 or any(part > 255 for part in high) or low >= 256 ** (5 - len(parts)):
        return None
    return IPv4Address(sum(part << 8 * (3 - index) for index, part in enumerate(high)) + low)


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and not set(part) & set("89") else int(part)


def _nat64(address: "IPv6Address") -> "IPv4Address | None":
    """Return the IPv4 address that a NAT64 gateway translates an IPv6 address to (RFC 6052)."""
    from ipaddress import IPv4Address

    return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x64FF9B << 64 else None

"""Rules on endpoints: public https addresses without credentials."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from roster.findings import Finding
from roster.naming import quote
from roster.roster import Roster
from roster.rules.base.hosts import destination_of, ip_address_of, is_private, is_public_name, normalized
from roster.rules.base.rule import Context, roster_rule

_AUTHORITY = r"(\[[^\[\]]*:[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?"
"""A host and a port without user info (RFC 3986, 3.2). A host in brackets is an IPv6 address; urlsplit checks that only
since Python 3.11.4."""


@roster_rule(
    summary="Endpoint without https.",
    reason="Prompts and the provider's key would cross the network unencrypted.",
    remedy="Use the server's https address.",
    bad="- name: Claude\n  endpoint: http://example-models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def insecure_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    def problem(endpoint: str) -> _Problem:
        address = _split(_without_user_info(endpoint))
        if endpoint.startswith("https://") or address is None or not _is_absolute(address):
            return None
        return f"the endpoint's scheme is {quote(endpoint.partition(':')[0])}, not https", "write https://"

    return _findings(roster, problem)


@roster_rule(
    summary="Endpoint on a private or local host.",
    reason=(
        "Gateways in other networks cannot reach the host, and a gateway that can would send requests into its own "
        "network."
    ),
    remedy="Use a public host name.",
    bad="- name: Claude\n  endpoint: https://169.254.169.254/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
)
def private_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    def problem(endpoint: str) -> _Problem:
        address = _split(_without_user_info(endpoint))
        host = _host(address) if address else ""
        if not host or not is_private(host):
            return None
        destination = str(destination_of(host) or normalized(host))
        meaning = f" (that is, {destination})" if destination != host else ""
        return f"the host {quote(host)}{meaning} is not public", "use a public host name"

    return _findings(roster, problem)


@roster_rule(
    summary="User name or password in an endpoint.",
    reason="The endpoint is committed, rendered into artifacts and logged by every proxy.",
    remedy="Remove it; the gateway sends the key that api-key names.",
    bad="- name: Claude\n  endpoint: https://someone:secret@example-models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def credentials_in_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    def problem(endpoint: str) -> _Problem:
        if _without_user_info(endpoint) == endpoint:
            return None
        return "the endpoint contains a user name or a password", 'remove the part between "//" and "@"'

    return _findings(roster, problem)


@roster_rule(
    summary="Endpoint that is not a valid base address.",
    reason="The gateway appends a path to it; after a query, a fragment or an invalid host, the result leads nowhere.",
    remedy="Write https://, a host name and, where the server has one, a path.",
    bad="- name: Claude\n  endpoint: https://example_models.com/v1\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
    ignorable=False,
)
def malformed_endpoint(roster: Roster, _: Context) -> Iterator[Finding]:
    return _findings(roster, _malformed, "expected: https://host/path")


_Problem = tuple[str, str] | None
"""A message and a hint; None where an endpoint is fine."""


def _findings(roster: Roster, problem: Callable[[str], _Problem], note: str = "") -> Iterator[Finding]:
    """Yield a finding for each endpoint with a problem; each distinct endpoint is checked once."""
    problems: dict[str | None, _Problem] = {None: None}
    for model in roster:
        if model.endpoint not in problems:
            problems[model.endpoint] = problem(model.endpoint or "")
        if message_and_hint := problems[model.endpoint]:
            yield Finding(roster.at(model, "endpoint"), *message_and_hint, note)


@lru_cache(maxsize=1024)
def _split(endpoint: str) -> SplitResult | None:
    """Return the parts of an address; None for one that parsers reject or read differently."""
    if any(char.isspace() or char == "\\" for char in endpoint):
        return None
    try:
        address = urlsplit(endpoint)
        port = address.port
    except ValueError:
        return None
    return address if re.fullmatch(_AUTHORITY, address.netloc) and port != 0 else None


def _without_user_info(endpoint: str) -> str:
    match = re.match(r"[^/]*//([^/?#\\]*@)", endpoint)
    return endpoint[: match.start(1)] + endpoint[match.end(1) :] if match else endpoint


def _is_absolute(address: SplitResult) -> bool:
    return bool(address.scheme and address.netloc)


def _host(address: SplitResult) -> str:
    return (address.hostname or "").removesuffix(".")


def _malformed(endpoint: str) -> _Problem:
    endpoint = _without_user_info(endpoint)
    address = _split(endpoint)
    shown = "the endpoint" if "@" in endpoint else quote(endpoint)  # a slip may have put a password into the path
    if address is None:
        return f"{shown} is not a valid address", ""
    if not _is_absolute(address):
        hint = "write https:// before it" if not address.scheme or "." in address.scheme else ""
        return f"{shown} is not an https address", hint
    if "?" in endpoint or "#" in endpoint:
        return f"the endpoint has a {'query' if '?' in endpoint else 'fragment'}", "end it after the path"
    host = _host(address)
    if is_private(host):
        return None  # private-endpoint reports it
    if host.isascii() and not endpoint.isascii():
        return "the endpoint's path contains non-ASCII characters", "write them percent-encoded"
    return _malformed_host(host)


def _malformed_host(host: str) -> _Problem:
    if not host:
        return "the endpoint has no host", ""
    if not host.isascii():
        return f"the host {quote(host)} contains non-ASCII characters", "write it in its xn-- form"
    address = ip_address_of(host)
    if address and address.version == 4 and str(address) != host:
        return (
            f"{quote(host)} is another spelling of {address}, which some clients read differently",
            f"write {address}",
        )
    if not address and not is_public_name(host):
        hint = "host names contain hyphens, not underscores" if "_" in host else ""
        return f"{quote(host)} is not a valid public host name", hint
    return None

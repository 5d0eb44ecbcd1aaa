"""The inference providers that ``schemas/providers.yaml`` defines."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

PER_MODEL = "per-model"
PER_PROVIDER = "per-provider"
AMBIENT = "ambient"
"""The credential of a provider, and the API key of its models, if a gateway uses its own cloud identity, not a key."""
_EVERYWHERE = "global"
PROVIDER_KEY = "AIGW_PROVIDER_([A-Z0-9_]+)_API_KEY"
"""The name of the variable with a provider's key, which contains the provider's name in upper case."""


class Provider(NamedTuple):
    """An inference provider: an entry of ``schemas/providers.yaml``.

    Attributes:
        title: the name shown to people.
        prefixes: what its identifiers start with, before the first slash.
        credential: ``per-model``, ``per-provider`` or ``ambient``.
        endpoint: that of models without one.
        hosts: patterns of its hosts; see ``_match``.
        compatible_servers: whether other servers use its prefixes, too.
        regions: what the regions of endpoints start with, by the region that the name of a model starts with.
        inference_profiles: by identifier, the ``profiles`` with one of which the name of a model has to start, and the
            regions of endpoints that also accept it without one (``on_demand``).
        aliases: other spellings of the prefixes, used only to suggest the right one.
    """

    name: str
    title: str
    prefixes: tuple[str, ...]
    credential: str
    endpoint: str | None = None
    hosts: tuple[str, ...] = ()
    compatible_servers: bool = False
    regions: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    inference_profiles: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType({})
    aliases: tuple[str, ...] = ()

    @property
    def api_key(self) -> str:
        """The name of the variable that contains its key, if it has one key for all models."""
        return f"AIGW_PROVIDER_{self.name.upper()}_API_KEY"

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The patterns of its hosts; by default, the host of its endpoint."""
        return self.hosts or ((host_of(self.endpoint),) if self.endpoint else ())

    def region_at(self, endpoint: str) -> str | None:
        """Return the region in the host of an endpoint, empty if it names none; None if the host is not its own."""
        host = host_of(endpoint)
        return next((region for pattern in self.own_hosts if (region := _match(pattern, host)) is not None), None)

    def profiles_at(self, region: str, identifier: str) -> list[str]:
        """Return the inference profiles for an identifier that endpoints in a region reject without one; else none."""
        entry = self.inference_profiles.get(identifier, {})
        if region in entry.get("on_demand", ()):
            return []
        return [each for each in entry.get("profiles", ()) if region.startswith(tuple(self.regions.get(each, ("",))))]

    @property
    def domain_names(self) -> frozenset[str]:
        """The registered names in its hosts."""
        return frozenset(map(domain_name, self.own_hosts))

    def credential_at(self, endpoint: str) -> str | None:
        """Return the credential that it supplies at an endpoint: the name of a variable, or ``ambient``.

        It supplies none, and returns None, at hosts that are not its own: those would receive its key.
        """
        if self.credential == PER_MODEL or self.region_at(endpoint) is None:
            return None
        return AMBIENT if self.credential == AMBIENT else self.api_key


def covers_region(regions: Collection[str], region: str) -> bool:
    """Return whether a region is one of some regions or a part of one: eu-west-1 of eu, and all of global."""
    return any(each in (region, _EVERYWHERE) or region.startswith(f"{each}-") for each in regions)


def host_of(endpoint: str) -> str:
    """Return the host of an endpoint in lower case; empty for one with user info, which is never valid."""
    authority = endpoint.partition("://")[2].partition("/")[0]
    if authority.startswith("["):  # an IPv6 address
        return authority[1:].partition("]")[0]
    return "" if "@" in authority else authority.partition(":")[0].removesuffix(".").lower()


def domain_name(host: str) -> str:
    """Return the registered name in a host or a pattern: ``fireworks`` for api.fireworks.ai."""
    third, name, top_level = ["", "", *host.split(".")][-3:]
    return third if name in ("co", "com") and len(top_level) == 2 else name


def is_misspelling(word: str, name: str) -> bool:
    """Return whether a word is a name, or differs from it by one letter or by two neighbors that are swapped.

    Unlike ``naming.closest_name``, it is quick enough for every endpoint.
    """
    length = min(len(word), len(name))
    if word[-1:] != name[-1:] and word[:1] != name[:1]:
        return False
    start = next((index for index in range(length) if word[index] != name[index]), length)
    word, name = word[start:], name[start:]
    is_swapped = len(word) > 1 and word[1] + word[0] + word[2:] == name
    return is_swapped or word[1:] == name[1:] or word[1:] == name or word == name[1:]


def _match(pattern: str, host: str) -> str | None:
    """Return the region in a host that matches a pattern, empty if the pattern has none; None for another host.

    A part of a pattern between two dots contains at most one wildcard: ``{region}``, or ``*`` for any text.
    """
    if pattern == host:
        return ""
    parts, labels, region = pattern.split("."), host.split("."), ""
    if len(parts) != len(labels):
        return None
    for part, label in zip(reversed(parts), reversed(labels), strict=True):
        if part == label:
            continue
        wildcard = "*" if "*" in part else "{region}"
        before, found, after = part.partition(wildcard)
        text = label[len(before) : len(label) - len(after)]
        if not found or not text or f"{before}{text}{after}" != label:
            return None
        region = region if wildcard == "*" else text
    return region

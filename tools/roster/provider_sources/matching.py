"""Matching of identifiers with the names in a source, as LiteLLM does, as long as the model is certainly the same.

LiteLLM also takes the entry of gemini-1.5-pro for gemini-1.5-pro-002, or that of gpt-4o for gpt-4o-2024-08-06. Versions
end on different days and have different limits, so none stands for another one here.

Sources (LiteLLM 1.106):
- order of the lookup: litellm/utils.py (get_potential_model_names, get_model_info_helper)
- Bedrock: litellm/llms/bedrock/common_utils.py (strip_bedrock_routing_prefix, get_bedrock_base_model)
- Fireworks: litellm/llms/fireworks_ai/common_utils.py (resolve_fireworks_resource_name)
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from roster.naming import closest_name
from roster.provider_sources.interface import Listing
from roster.provider_sources.prefixes import group_of, groups_of, has_chosen_names

_BEDROCK_ROUTES = ("chat_completions/", "converse/", "converse_like/", "invoke/", "openai/", "mantle/")
_AWS_REGION = re.compile(r"(?:[a-z]{2,}-)+[0-9]+/")
_BEDROCK_SIZE = re.compile(r"(?<=:\d):\d+k$|\[\w+\]$")
"""A suffix for the size of the context: anthropic.claude-3-haiku-20240307-v1:0:48k, …-v1[1m]."""
_PROFILES = ("us.", "eu.", "global.", "apac.", "jp.", "au.", "ca.", "in.", "us-gov.")
"""Starts of Bedrock's inference profiles, which process the requests for one model in several regions."""
_FIREWORKS_PATHS = ("accounts/fireworks/models/", "models/")
_AZURE_REGION = re.compile(r"(?:us|eu|global|global-standard)/")
_CLAUDE_VERSION = re.compile(r"(?P<name>.*claude.*?)(?:[-@](?P<version>20[0-9]{6}|default|latest))?")
"""A name of Anthropic's. All names of a Claude model mean one snapshot, as long as there is only one."""
_OWN_MODEL = re.compile(r"ft:|accounts/(?!fireworks/)|.*arn:|.*#|[0-9]+$|agent/|agentcore/")
"""The start of a name that is not the provider's: a customer's own fine-tuned model, deployment or agent."""
_MIN_SIMILARITY = 0.9
"""Of a near miss: a wrong digit or letter, but no other model."""
_VALID_NAME = re.compile(r"[!-~]{1,200}")


class Match(NamedTuple):
    """A model that a source lists.

    Attributes:
        key: its key in the source.
        is_same_price: whether its price applies; that of another region or profile may not.
        is_as_written: whether the identifier is right; a bare Bedrock id is not if only profiles of it are listed.
    """

    key: str
    is_same_price: bool = True
    is_as_written: bool = True


class Matcher:
    """Finds the models of a source."""

    def __init__(self, listing: Listing) -> None:
        self._names = listing.names

    def find(self, identifier: str) -> Match | None:
        """Return the model with an identifier; None if the source does not list it."""
        prefix, _, name = identifier.partition("/")
        for group in groups_of(prefix):
            index = self._indexes.get(group)
            if index and (match := _find(group, name, index)):
                return match
        return None

    def covers(self, identifier: str) -> bool:
        """Return whether the source should list an identifier: it lists models of the provider, and that chose it."""
        prefix, _, name = identifier.partition("/")
        listed = any(self._names.get(group) for group in groups_of(prefix))
        return listed and not has_chosen_names(prefix) and not _OWN_MODEL.match(_without_route(name))

    def similar(self, identifier: str) -> str | None:
        """Return the listed identifier that is most similar to one that the source does not list."""
        prefix, _, name = identifier.partition("/")
        name = _canonical_name(group_of(prefix), name)
        listed = {each for group in groups_of(prefix) for each in self._names.get(group, ())}
        names = sorted(filter(_VALID_NAME.fullmatch, listed))
        profile = next((each for each in _profiles(_bare_bedrock_name(name)) if each in listed), None)
        closest = profile or _completed(name, names) or closest_name(name, names, _MIN_SIMILARITY)
        return f"{prefix}/{closest}" if closest and closest != name else None

    @cached_property
    def _indexes(self) -> dict[str, "_Index"]:
        return {group: _Index(names) for group, names in self._names.items()}


class _Index:
    """The names of a group, for lookups that ignore case, and names of Claude's versions."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def key(self, name: str) -> str | None:
        """Return the key of a name; LiteLLM ignores its case if no name is equal."""
        return self._names.get(name) or self._by_lower_case.get(name.lower())

    def key_of_claude(self, name: str) -> str | None:
        """Return the key of the only version of a Claude model, under whatever name."""
        match = _CLAUDE_VERSION.fullmatch(name)
        if not match:
            return None
        versions = self._claude_versions.get(match["name"], {})
        dated = {version for version in versions if version.isdigit()}
        wanted = match["version"] or "latest"
        if len(dated | ({wanted} if wanted.isdigit() else set())) > 1:
            return versions.get(wanted)
        return next(iter(versions.values()), None)

    @cached_property
    def _by_lower_case(self) -> dict[str, str]:
        return {name.lower(): key for name, key in self._names.items()}

    @cached_property
    def _claude_versions(self) -> dict[str, dict[str, str]]:
        versions: dict[str, dict[str, str]] = {}
        for name, key in sorted(self._names.items()):
            if match := _CLAUDE_VERSION.fullmatch(name):
                versions.setdefault(match["name"], {}).setdefault(match["version"] or "", key)
        return versions


def _completed(name: str, names: Iterable[str]) -> str | None:
    """Return the only name that is a name with its version or publisher: anthropic.claude-3-v1:0 for claude-3."""
    complete = re.compile(rf"(?:[a-z0-9-]+[./])?{re.escape(name)}(?:[-@:]v?[0-9][-@:v0-9]*)?")
    matches = [each for each in names if complete.fullmatch(each)]
    return matches[0] if len(matches) == 1 else None


def with_canonical_names(names: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the names of a source, also without the path that some have; an equal name counts before that."""

    def with_canonical(group: str, listed: Mapping[str, str]) -> dict[str, str]:
        return {_canonical_name(group, name): key for name, key in listed.items()} | dict(listed)

    return {group: with_canonical(group, listed) for group, listed in names.items()}


def _canonical_name(group: str, name: str) -> str:
    if group == "fireworks_ai":
        for path in _FIREWORKS_PATHS:
            name = name.removeprefix(path)
    return name


def _find(group: str, name: str, index: _Index) -> Match | None:
    for candidate, is_same_price, is_as_written in _candidates(group, name):
        if key := index.key(candidate):
            return Match(key, is_same_price, is_as_written)
    if group in ("anthropic", "vertex_ai") and (key := index.key_of_claude(name.rpartition("/")[2])):
        return Match(key)
    return None


def _candidates(group: str, name: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield the names under which a source may list a model; whether the price is the same, and the name is right."""
    yield name, True, True
    name = _canonical_name(group, name)
    yield name, True, True
    if group in ("bedrock", "bedrock_mantle"):
        yield from _bedrock_names(name)
    elif group == "vertex_ai":
        yield from ((each, True, True) for each in _vertex_names(name))
    elif group == "azure" and (region := _AZURE_REGION.match(name)):
        yield name[region.end() :], False, True
    if name.endswith(":latest"):
        yield name.removesuffix(":latest"), True, True


def _bedrock_names(name: str) -> Iterator[tuple[str, bool, bool]]:
    name = _without_route(name)
    if name.startswith("arn:"):
        name = name.rpartition("/")[2]
    yield name, True, True
    base = _AWS_REGION.sub("", name, count=1)
    base = _BEDROCK_SIZE.sub("", base)
    yield base, base == name, True
    bare = _bare_bedrock_name(base)
    yield bare, bare == name, True
    yield from ((profile, False, False) for profile in _profiles(bare))


def _bare_bedrock_name(name: str) -> str:
    return name.removeprefix(next((each for each in _PROFILES if name.startswith(each)), ""))


def _profiles(name: str) -> list[str]:
    """Return the inference profiles of a bare Bedrock id."""
    return [f"{profile}{name}" for profile in _PROFILES]


def _without_route(name: str) -> str:
    for route in _BEDROCK_ROUTES:
        name = name.removeprefix(route)
    return name


def _vertex_names(name: str) -> Iterator[str]:
    _publisher, _, own_name = name.rpartition("/")
    for each in dict.fromkeys((name, own_name)):
        yield each
        yield f"{each}@latest"
        yield each.replace("@", "-")
        yield each.removesuffix("@latest").removesuffix("@default")

"""Registries: the features, families, providers, capabilities and environments that data files define."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from roster.findings import ConfigurationError
from roster.naming import Suggestions, did_you_mean, list_names, quote
from roster.providers import Provider

if TYPE_CHECKING:
    from roster.feature_finder import FeatureFinder
    from roster.model import Model
    from roster.provider_facts import ProviderFacts

FEATURES = "schemas/features.yaml"
FAMILIES = "schemas/families.yaml"
PROVIDERS = "schemas/providers.yaml"
CAPABILITIES = "schemas/capabilities.yaml"
GATEWAY_MODELS = "schemas/gateway_models.yaml"
"""Only in repositories that imported the files of GitLab's AI gateway; the toolkit has none."""
PROVIDER_FACTS = "schemas/provider_facts.yaml"
"""The lock file that ``roster providers update`` writes. Never the toolkit's own one."""
KNOWN_PROVIDER_FACTS = "schemas/known_provider_facts.yaml"
"""Facts in the same format that people write, for what no other source knows."""
FACT_FILES = (PROVIDER_FACTS, KNOWN_PROVIDER_FACTS)
PROVIDER_FACTS_SCHEMA = "schemas/provider_facts.schema.json"
ENVIRONMENTS = "env/environments.yaml"
OPTIONAL_REGISTRIES = (PROVIDERS, CAPABILITIES)
"""The registries that a repository with an own folder ``schemas/`` may leave out. Without features.yaml or
families.yaml, its rosters could suddenly use other names, so these are never replaced by the toolkit's."""


def comes_from_toolkit(path: str, own_paths: Iterable[str]) -> bool:
    """Return whether a file that a repository lacks is the toolkit's own: a JSON Schema or a registry.

    Args:
        own_paths: the paths of the files that the repository has. Without other files than facts in ``schemas/``, all
            registries are the toolkit's.
    """
    if path in FACT_FILES:
        return False
    if not any(each.startswith("schemas/") and each not in FACT_FILES for each in own_paths):
        return path.startswith("schemas/")
    return path in OPTIONAL_REGISTRIES or (path.startswith("schemas/") and path.endswith(".schema.json"))


class Feature(NamedTuple):
    """An AI feature that a model can serve: an entry of ``schemas/features.yaml``.

    Attributes:
        category: GitLab's feature category; empty without one.
        setting: the feature's name in GitLab's own settings.
        required: whether every environment must have a model that serves it.
        requires: the capabilities that a model needs to serve it.
        aliases: other spellings, used only to suggest the right name.
        gateway: further values of GitLab's gateway for the feature; rendered for it unchanged.
    """

    name: str
    title: str
    category: str
    setting: str
    unit_primitives: tuple[str, ...]
    required: bool
    aliases: tuple[str, ...] = ()
    gateway: Mapping[str, Any] = MappingProxyType({})
    requires: tuple[str, ...] = ()


class Capability(NamedTuple):
    """Something that models can do: an entry of ``schemas/capabilities.yaml``.

    Attributes:
        aliases: other names, used only to suggest the right one.
        reported: whether public sources list it for every model that has it.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    reported: bool = False


class Environment(NamedTuple):
    """An environment on the promotion path, with its policy: an entry of ``env/environments.yaml``.

    Attributes:
        trial_days: how many days a model must be offered in the previous environment before this one offers it.
        may_differ_in: the keys in which a model may differ from the previous environment.
        impact: the impact (breaking, risky or safe) of kinds of change whose impact differs here.
        allowed_regions: the regions in which models may process prompts; empty for all.
        max_data_retention_days: for how many days providers may store prompts; None for any number.
    """

    name: str
    release_states: tuple[str, ...]
    default_release_states: tuple[str, ...]
    retirement_notice_days: int
    trial_days: int = 0
    may_differ_in: tuple[str, ...] = ()
    impact: Mapping[str, str] = MappingProxyType({})
    allowed_regions: tuple[str, ...] = ()
    max_data_retention_days: int | None = None


class Registries:
    """The names that rosters may use, in their file's order; environments are in promotion order.

    Attributes:
        gateway_models: the models of GitLab's AI gateway that no roster offers, by ``gitlab_identifier``.
        provider_facts: what sources say about identifiers, by identifier.
    """

    gateway_models: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    provider_facts: "Mapping[str, ProviderFacts]" = MappingProxyType({})

    def __init__(
        self,
        features: Mapping[str, Feature],
        families: tuple[str, ...],
        environments: Mapping[str, Environment],
        providers: Mapping[str, Provider] = MappingProxyType({}),
        capabilities: Mapping[str, Capability] = MappingProxyType({}),
    ) -> None:
        self.features, self.families, self.environments = features, families, environments
        self.providers, self.capabilities = providers, capabilities

    @classmethod
    def of(
        cls,
        features: list[dict[str, Any]],
        families: list[str],
        environments: list[dict[str, Any]],
        providers: Iterable[dict[str, Any]] = (),
        capabilities: Iterable[dict[str, Any]] = (),
    ) -> "Registries":
        """Build the registries from values that are valid under their schemas."""
        return cls(
            {entry["name"]: _feature(entry) for entry in features},
            tuple(families),
            {entry["name"]: Environment(**_tuples(entry)) for entry in environments},
            {entry["name"]: Provider(**_tuples(entry)) for entry in providers},
            {entry["name"]: Capability(**_tuples(entry)) for entry in capabilities},
        )

    def provider_of(self, identifier: str | None) -> Provider | None:
        """Return the provider of an identifier, by its prefix; None for an unknown one."""
        return self._providers_by_prefix.get(identifier.partition("/")[0]) if identifier else None

    def supplied_values(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Return the keys that a model leaves out and its provider supplies, with their values.

        This alone decides how a gateway reaches a model that leaves out ``endpoint`` or ``api-key``.
        """
        provider, values = self.provider_of(entry.get("identifier")), dict[str, str]()
        if provider and "endpoint" not in entry and provider.endpoint:
            values["endpoint"] = provider.endpoint
        endpoint = entry.get("endpoint") or values.get("endpoint")
        if provider and endpoint and "api-key" not in entry and (credential := provider.credential_at(endpoint)):
            values["api-key"] = credential
        return values

    def provider_at(self, endpoint: str) -> Provider | None:
        """Return the provider that has the host of an endpoint; None if it is of no known provider."""
        return next((each for each in self.providers.values() if each.region_at(endpoint) is not None), None)

    def facts_of(self, model: "Model") -> "ProviderFacts | None":
        """Return what sources say about a model's identifier; None if another server than the provider's answers."""
        facts = self.provider_facts.get(model.identifier) if model.identifier else None
        return facts if facts and self.is_at_provider(model) else None

    def is_at_provider(self, model: "Model") -> bool:
        """Return whether a model's provider answers requests for it, as far as its endpoint shows: no other server."""
        provider = self.provider_of(model.identifier)
        if not (model.endpoint and provider and provider.own_hosts):
            return True
        return provider.region_at(model.endpoint) is not None

    def provider_title(self, model: "Model") -> str:
        """Return the name of a model's provider for messages; the prefix of one that is not registered."""
        provider = self.provider_of(model.identifier)
        return provider.title if provider else (model.identifier or "").partition("/")[0]

    @cached_property
    def domain_names(self) -> dict[str, frozenset[str]]:
        """The registered names in the hosts of each provider."""
        return {provider.name: provider.domain_names for provider in self.providers.values()}

    @cached_property
    def _providers_by_prefix(self) -> dict[str, Provider]:
        return {prefix: provider for provider in self.providers.values() for prefix in provider.prefixes}

    @cached_property
    def prefix_aliases(self) -> dict[str, str]:
        """Other spellings of prefixes, the names of providers among them, with the first prefix of the provider."""
        spellings = ((each, (each.name, *each.aliases)) for each in self.providers.values())
        return {alias: each.prefixes[0] for each, aliases in spellings for alias in aliases}

    @cached_property
    def prefix_suggestions(self) -> Suggestions:
        """Suggestions for misspelled prefixes of identifiers."""
        return Suggestions(self.prefix_aliases | {prefix: prefix for prefix in self._providers_by_prefix})

    @cached_property
    def feature_spellings(self) -> dict[str, str]:
        """Every name, alias and title of a feature, with the feature's name."""
        features = self.features.values()
        titles = {feature.title: feature.name for feature in features}
        aliases = {alias: feature.name for feature in features for alias in feature.aliases}
        return titles | aliases | {name: name for name in self.features}

    @cached_property
    def feature_suggestions(self) -> Suggestions:
        """Suggestions for misspelled features."""
        return Suggestions(self.feature_spellings)

    @cached_property
    def feature_finder(self) -> "FeatureFinder":
        """Finds the features in texts that were meant as lists."""
        from roster.feature_finder import FeatureFinder  # most rosters have only registered features

        return FeatureFinder(self.feature_spellings, self.feature_suggestions)

    @cached_property
    def capability_suggestions(self) -> Suggestions:
        """Suggestions for misspelled capabilities."""
        aliases = {alias: each.name for each in self.capabilities.values() for alias in each.aliases}
        return Suggestions(aliases | {name: name for name in self.capabilities})

    @cached_property
    def family_suggestions(self) -> Suggestions:
        """Suggestions for misspelled families."""
        return Suggestions({name: name for name in self.families})

    def select_environments(self, names: Collection[str]) -> list[str]:
        """Return the environments with some names, or all without names, in promotion order.

        Raises:
            ConfigurationError: an environment is not on the promotion path.
        """
        for name in names:
            require_environment(name, self.environments)
        return [name for name in self.environments if not names or name in names]


def require_environment(name: str, environments: Collection[str]) -> None:
    """Reject an unknown environment.

    Raises:
        ConfigurationError: ``name`` is not among the environments; the message suggests the nearest one.
    """
    if name not in environments:
        hint = did_you_mean(name, environments) or f"choose from {list_names(environments)}"
        raise ConfigurationError(f"there is no environment {quote(name)}: {hint}")


def feature_setting(entry: Mapping[str, Any]) -> str:
    """Return the setting of a feature's entry: its own, or else its name in snake case."""
    setting: str = entry.get("setting") or entry["name"].replace("-", "_")
    return setting


def _feature(entry: dict[str, Any]) -> Feature:
    return Feature(**{"category": ""} | _tuples(entry) | {"setting": feature_setting(entry)})


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}

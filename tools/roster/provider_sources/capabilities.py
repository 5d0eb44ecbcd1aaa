"""Capabilities by the names that the catalogues have for them, from schemas/capabilities.yaml."""

from collections.abc import Iterable, Mapping

from roster.registries import Registries


class CapabilityNames:
    """Finds capabilities by name or alias."""

    def __init__(self, registries: Registries) -> None:
        self._names: Mapping[str, str] = {
            spelling: each.name for each in registries.capabilities.values() for spelling in (*each.aliases, each.name)
        }

    def named(self, spellings: Iterable[str]) -> frozenset[str]:
        """Return the capabilities with some names; others have no place in rosters."""
        return frozenset(self._names[spelling] for spelling in spellings if spelling in self._names)

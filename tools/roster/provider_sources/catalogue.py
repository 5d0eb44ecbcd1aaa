"""What both catalogues share: they are read strictly where rosters use them, and refused if their shape changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from roster.findings import Pointer
from roster.naming import counted, quote
from roster.provider_sources.interface import Listing, SourceError, Statement
from roster.provider_sources.json_source import JsonSource
from roster.provider_sources.values import InvalidValueError
from roster.registries import Registries

_MAX_INVALID_SHARE = 0.1
"""More invalid entries than this are no slips, but a changed shape."""
_MIN_ENTRIES = 100
"""In a real catalogue; smaller files are excerpts, in which a key may be rare."""

Entries = Mapping[str, tuple[Pointer, Any]]
"""The entries of a catalogue by key, each with its position in the file."""


class CapabilityNames:
    """Finds capabilities by name or alias."""

    def __init__(self, registries: Registries) -> None:
        self._names: Mapping[str, str] = {
            spelling: each.name for each in registries.capabilities.values() for spelling in (*each.aliases, each.name)
        }

    def named(self, spellings: Iterable[str]) -> frozenset[str]:
        """Return the capabilities with some names; others have no place in rosters."""
        return frozenset(self._names[spelling] for spelling in spellings if spelling in self._names)


class Catalogue:
    """The entries of a catalogue in a file.

    Args:
        parse: returns what an entry says; it raises ``InvalidValueError``.
        shares: the keys that the facts come from, each with the smallest share of entries that has it.
    """

    def __init__(
        self,
        name: str,
        source: JsonSource,
        entries: Entries,
        parse: Callable[[Mapping[str, Any]], Statement],
        shares: Mapping[str, float],
    ) -> None:
        self._name, self._source, self._entries, self._parse, self._shares = name, source, entries, parse, shares

    def listing(self, names: Mapping[str, Mapping[str, str]]) -> Listing:
        """Return the catalogue as a source.

        Raises:
            SourceError: the format of the catalogue has changed.
        """
        self._require_keys()
        invalid = list(self._invalid_entries())
        if not invalid:
            return Listing(self._name, self._source.name, names, self.read)
        first = self._error(*invalid[0])
        number = counted(len(invalid), "entry").replace("entrys", "entries")
        if len(invalid) > max(1, len(self._entries) * _MAX_INVALID_SHARE):
            message = f"{number} of {len(self._entries):,} are invalid, so the format of {self._name} has changed"
            raise SourceError(f"{first}; {message}")
        notes = [f"ignored {number} that no roster uses: {first}"]
        return Listing(self._name, self._source.name, names, self.read, notes=notes)

    def read(self, key: str) -> Statement:
        """Return what an entry says.

        Raises:
            SourceError: it is invalid.
        """
        try:
            return self._parsed(self._entries[key][1])
        except InvalidValueError as error:
            raise self._error(key, error) from None

    def _parsed(self, entry: Any) -> Statement:
        if not isinstance(entry, dict):
            raise InvalidValueError("it must be an object")
        return self._parse(entry)

    def _invalid_entries(self) -> Iterator[tuple[str, InvalidValueError]]:
        for key, (_pointer, entry) in self._entries.items():
            try:
                self._parsed(entry)
            except InvalidValueError as error:
                yield key, error

    def _error(self, key: str, error: InvalidValueError) -> SourceError:
        return self._source.error(f"{quote(key)} is invalid: {error}", *self._entries[key][0], *error.key)

    def _require_keys(self) -> None:
        total = len(self._entries)
        for key, share in self._shares.items() if total >= _MIN_ENTRIES else ():
            number = sum(isinstance(entry, dict) and key in entry for _pointer, entry in self._entries.values())
            if number < total * share:
                message = f"only {number:,} of {total:,} entries have the key {quote(key)}"
                raise SourceError(f"{self._source.name}: {message}, so the format of {self._name} has changed")

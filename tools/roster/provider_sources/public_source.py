"""Validation that both public sources share: they are refused if an entry is invalid, or if their shape changed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from roster.findings import Pointer
from roster.naming import quote
from roster.provider_sources.interface import Listing, SourceError, Statement
from roster.provider_sources.json_source import JsonSource
from roster.provider_sources.values import InvalidValueError
from roster.registries import Registries

_MIN_ENTRIES = 100
"""In a real public source; smaller files are excerpts, in which a key may be rare."""

Entries = Mapping[str, tuple[Pointer, Any]]
"""The entries of a public source by key, each with its position in the file."""


class CapabilityNames:
    """Finds capabilities by name or alias."""

    def __init__(self, registries: Registries) -> None:
        self._names: Mapping[str, str] = {
            spelling: each.name for each in registries.capabilities.values() for spelling in (*each.aliases, each.name)
        }

    def named(self, spellings: Iterable[str]) -> frozenset[str]:
        """Return the capabilities with some names; others have no place in rosters."""
        return frozenset(self._names[spelling] for spelling in spellings if spelling in self._names)


class PublicSource:
    """The entries of a public source in a file.

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
        """Return the names and facts that the source lists.

        Raises:
            SourceError: an entry is invalid, or the format of the public source has changed.
        """
        self._require_keys()
        invalid = [problem for key in self._entries if (problem := self._problem(key))]
        if invalid:
            raise self._invalid(*invalid[0], len(invalid))
        return Listing(self._name, self._source.name, names, self._read)

    def _problem(self, key: str) -> tuple[str, InvalidValueError] | None:
        """Return what is wrong with an entry; to locate it would take too long where all entries are."""
        entry = self._entries[key][1]
        try:
            if not isinstance(entry, dict):
                raise InvalidValueError("it must be an object")
            self._parse(entry)
        except InvalidValueError as error:
            return key, error
        return None

    def _invalid(self, key: str, problem: InvalidValueError, number: int) -> SourceError:
        error = self._source.error(f"{quote(key)} is invalid: {problem}", *self._entries[key][0], *problem.key)
        if number == 1:
            return SourceError(f"{error}; correct it in a copy of the file, and use that")
        message = f"{number:,} of {len(self._entries):,} entries are invalid"
        return SourceError(f"{error}; {message}, so the format of {self._name} may have changed")

    def _read(self, key: str) -> Statement:
        return self._parse(self._entries[key][1])

    def _require_keys(self) -> None:
        total = len(self._entries)
        for key, share in self._shares.items() if total >= _MIN_ENTRIES else ():
            number = sum(isinstance(entry, dict) and key in entry for _pointer, entry in self._entries.values())
            if number < total * share:
                message = f"only {number:,} of {total:,} entries have the key {quote(key)}"
                raise SourceError(f"{self._source.name}: {message}, so the format of {self._name} has changed")

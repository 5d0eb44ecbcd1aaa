"""Attention: what an admin should know about the instance's selections, since when, and what settles it.

An entry can be hidden until a day, or until it changes: what it says is part of its key.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from roster.instance.selection.attention_actions import Subject
from roster.instance.selection.attention_entry import AttentionEntry, AttentionKind
from roster.instance.selection.attention_kinds import entries_of
from roster.instance.selection.namespace_selections import NamespaceCounts, NamespaceResolver
from roster.instance.selection.offered_list import OfferedFeature
from roster.instance.selection.resolution import resolve
from roster.instance.selection.state import InstanceState

_ORDER = {kind: number for number, kind in enumerate(AttentionKind)}


class Snooze(NamedTuple):
    """An entry that an admin hid, until a day, or until the entry changes if that is None.

    Attributes:
        actor: the admin's display name.
    """

    key: str
    until: date | None
    actor: str
    created_at: datetime

    def hides(self, today: date) -> bool:
        """Return whether the entry is still hidden."""
        return self.until is None or today < self.until


class HiddenEntry(NamedTuple):
    """An entry that is hidden."""

    entry: AttentionEntry
    snooze: Snooze


class Attention(NamedTuple):
    """All entries, the most urgent kind first: those to show, and those that are hidden."""

    entries: tuple[AttentionEntry, ...]
    hidden: tuple[HiddenEntry, ...] = ()

    @property
    def all_entries(self) -> tuple[AttentionEntry, ...]:
        """The entries, with those that are hidden."""
        return self.entries + tuple(each.entry for each in self.hidden)


def find_attention(
    state: InstanceState, namespaces: NamespaceCounts, snoozes: Iterable[Snooze], today: date
) -> Attention:
    """Return what needs attention on a day."""
    by_key = {snooze.key: snooze for snooze in snoozes if snooze.hides(today)}
    entries = sorted(_entries(state, namespaces, today), key=lambda entry: _ORDER[entry.kind])
    return Attention(
        tuple(entry for entry in entries if entry.key not in by_key),
        tuple(HiddenEntry(entry, by_key[entry.key]) for entry in entries if entry.key in by_key),
    )


def _entries(state: InstanceState, namespaces: NamespaceCounts, today: date) -> Iterator[AttentionEntry]:
    resolver = NamespaceResolver(state)
    for feature in visible_features(state):
        selection = state.instance.get(feature.name)
        version = state.versions.get((None, feature.name))
        resolution = resolve(state.offered, feature.name, selection)
        number = version.number if version else 0
        counts = namespaces.get(feature.name, {})
        yield from entries_of(Subject(state.offered, feature, selection, number, resolution, counts, resolver, today))


def visible_features(state: InstanceState) -> Iterator[OfferedFeature]:
    """Yield the offered features in list order, then those that only have a selection."""
    features = state.offered.features
    yield from (feature for feature in features.values() if feature.offered)
    for name, selection in state.instance.items():
        feature = features.get(name) or OfferedFeature(name, name, selection.category, None, "list", False, {})
        if not feature.offered:
            yield feature

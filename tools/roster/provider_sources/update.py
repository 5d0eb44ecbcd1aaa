"""The update of the lock file: the identifiers in rosters, the facts of the sources, and the changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from roster.naming import counted, did_you_mean, quote
from roster.provider_facts import ProviderFacts
from roster.provider_sources.changes import changes
from roster.provider_sources.guards import losses, lost_share
from roster.provider_sources.interface import Listing
from roster.provider_sources.lock_file import lock_bytes, with_earlier_days
from roster.provider_sources.matching import Matcher
from roster.provider_sources.merging import merge
from roster.registries import PROVIDER_FACTS, Registries
from roster.roster import Roster


class Usage(NamedTuple):
    """The identifiers that rosters use.

    Attributes:
        labels: the name of a model for each.
        offered: those of models that are offered.
    """

    labels: Mapping[str, str]
    offered: frozenset[str]


class Update(NamedTuple):
    """The new lock file, and how it differs from the current one.

    Attributes:
        data: the new lock file.
        changes: by identifier, the lines that describe its changes.
        notes: by identifier, where sources disagree.
        refusals: by identifier, what would be lost; empty for all facts together.
        warnings: about the sources.
        labels: the name of a model for each identifier.
        is_changed: whether the file changes, which is also the case if only its form does.
    """

    data: bytes
    changes: Mapping[str, Sequence[str]]
    notes: Mapping[str, Sequence[str]]
    refusals: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    labels: Mapping[str, str]
    is_changed: bool

    def label(self, identifier: str) -> str:
        """Return an identifier with the name of its model, for messages."""
        return f"{self.labels[identifier]} ({identifier})" if identifier in self.labels else identifier


def usage(rosters: Sequence[Roster], registries: Registries, on: date) -> Usage:
    """Return the identifiers of all models, including suspended and retiring ones, except those at other servers."""
    labels, offered = dict[str, str](), set[str]()
    for model in (model for roster in rosters for model in roster):
        if not model.identifier or not registries.is_at_provider(model):
            continue
        labels.setdefault(model.identifier, str(model.name))
        if model.offered_features(on):
            offered.add(model.identifier)
    return Usage(labels, frozenset(offered))


class Current(NamedTuple):
    """The lock file before an update.

    Attributes:
        data: its bytes; None if there is none.
        has_schema: whether the repository has its JSON Schema.
    """

    facts: Mapping[str, ProviderFacts]
    data: bytes | None
    has_schema: bool


def plan(current: Current, used: Usage, listings: Sequence[Listing], today: date) -> Update:
    """Return the update of the lock file from the sources. Nothing is written."""
    before = current.facts
    merged = merge(used.labels, listings, today)
    facts = with_earlier_days(merged.facts, before)
    changed = {
        identifier: lines
        for identifier in sorted({*before, *facts})
        if (lines := tuple(_changes(identifier, before, facts, used)))
    }
    data = lock_bytes(facts, has_schema=current.has_schema)
    return Update(
        data=data,
        changes=changed,
        notes={identifier: notes for identifier, notes in merged.notes.items() if notes},
        refusals=tuple(_refusals(before, facts, used)),
        warnings=tuple(f"{listing.title}: {note}" for listing in listings for note in _warnings(listing, used)),
        labels=used.labels,
        is_changed=data != current.data,
    )


def _changes(
    identifier: str, before: Mapping[str, ProviderFacts], after: Mapping[str, ProviderFacts], used: Usage
) -> Iterator[str]:
    return changes(before.get(identifier), after.get(identifier), is_used=identifier in used.labels)


def _warnings(listing: Listing, used: Usage) -> Iterator[str]:
    """Yield the identifiers that people wrote facts about and that no roster uses."""
    matcher = Matcher(listing)
    matches = {match.key for identifier in used.labels if (match := matcher.find(identifier))}
    for identifier in listing.pages if not listing.name else ():
        if identifier not in matches:
            hint = did_you_mean(identifier, used.labels)
            yield f"no roster uses {quote(identifier)}{f'; {hint}' if hint else ''}"


def _refusals(
    before: Mapping[str, ProviderFacts], after: Mapping[str, ProviderFacts], used: Usage
) -> Iterator[tuple[str, str]]:
    yield from losses(before, after, used.labels, used.offered)
    if share := lost_share(before, after, used.labels):
        lost, total = share
        yield "", f"{counted(lost, 'fact')} of {total} in {PROVIDER_FACTS} would be lost"

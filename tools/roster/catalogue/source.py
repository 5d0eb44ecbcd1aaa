"""What a catalogue is built from: checked rosters, and which commit they are from."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.roster import Roster


class Version(NamedTuple):
    """A committed version of a roster; ``number`` counts the commits of the branch up to it."""

    number: int
    commit: str
    committed: datetime
    roster: Roster


class Source(NamedTuple):
    """The data of a catalogue.

    Attributes:
        rosters: the rosters without errors, by environment.
        problems: why the other environments have none, by environment.
        on: the day that counts as today.
        committed: when the revision was committed; None outside git.
        artifacts: the artifacts that the pages link, by path: ``production/offered_models.json``.
        history: the committed versions of rosters by environment, newest first, and whether these are all.
        first_commit: the first commit of the branch, which identifies the feed in all later versions.
        base: the rosters before a change, whose effect the pages show; None without a change.
    """

    registries: Registries
    rosters: Mapping[str, Roster]
    problems: Mapping[str, str]
    on: date
    published: Publication
    committed: datetime | None
    artifacts: Mapping[str, bytes]
    history: Mapping[str, tuple[tuple[Version, ...], bool]] = MappingProxyType({})
    first_commit: str = ""
    base: Mapping[str, Roster] | None = None

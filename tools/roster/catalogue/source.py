"""What a catalogue is built from: checked rosters, and which commit they are from."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.roster import Roster


class Source(NamedTuple):
    """The data of a catalogue.

    Attributes:
        rosters: the rosters without errors, by environment.
        problems: why the other environments have none, by environment.
        on: the day that counts as today.
        committed: when the revision was committed; None outside git.
        artifacts: the artifacts that the pages link, by path: ``production/offered_models.json``.
    """

    registries: Registries
    rosters: Mapping[str, Roster]
    problems: Mapping[str, str]
    on: date
    published: Publication
    committed: datetime | None
    artifacts: Mapping[str, bytes]

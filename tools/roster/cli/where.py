"""File and line of what a roster holds, as editors and terminals open them."""

from collections.abc import Iterable

from roster.diagnostic import Place
from roster.repository import Repository
from roster.roster import DATES
from roster.source import read


def find(repository: Repository, path: str, places: Iterable[Place]) -> dict[Place, str]:
    """Return ``path:line`` for places of one file."""
    spans = read(path, repository.read(path), dates=DATES).spans(places)
    return {place: f"{path}:{span.line}" for place, span in spans.items()}

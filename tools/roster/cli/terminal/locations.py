"""``path:line`` of values in a roster, in the form that editors and terminals open."""

from collections.abc import Iterable

from roster.findings import Place
from roster.repository import Repository
from roster.roster import DATE_KEYS
from roster.yaml.document import parse


def find(repository: Repository, path: str, places: Iterable[Place]) -> dict[Place, str]:
    """Return ``path:line`` for places of one file."""
    return {place: f"{path}:{line}" for place, line in lines(repository, path, places).items()}


def lines(repository: Repository, path: str, places: Iterable[Place]) -> dict[Place, int]:
    """Return the line of each place of one file."""
    spans = parse(path, repository.read(path), dates=DATE_KEYS).spans(places)
    return {place: span.line for place, span in spans.items()}

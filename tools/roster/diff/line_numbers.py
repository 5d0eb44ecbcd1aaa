"""Line numbers of changes, without parsing whole rosters again."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from roster.diff.change import Change
from roster.diff.versions import CheckedVersion
from roster.findings import Place
from roster.repository import roster_path
from roster.yaml.document import Document

_ITEM = re.compile(r"^-(?=\s)", re.MULTILINE)


def locate(changes: Sequence[Change], versions: Mapping[str, CheckedVersion]) -> list[Change]:
    """Return changes with their line numbers and with paths as the user knows them; ``versions`` by side."""
    places: defaultdict[tuple[str, str], list[Place]] = defaultdict(list)
    for change in changes:
        places[change.side, change.environment].append(change.place)
    lines: dict[tuple[str, Place], int] = {}
    for (side, environment), requested in places.items():
        path, models = roster_path(environment), len(versions[side].result.rosters[environment].models)
        in_file = line_numbers(versions[side].result.texts[path], models, requested)
        lines |= {(side, place): line for place, line in in_file.items()}
    return [
        change._replace(
            place=change.place._replace(path=versions[change.side].display_path(change.place.path)),
            line=lines[change.side, change.place],
        )
        for change in changes
    ]


def line_numbers(text: str, models: int, places: Iterable[Place]) -> dict[Place, int]:
    """Return the line of each place in a readable roster, from 1.

    If the file has as many list items at the start of a line as ``models``, those are the models, and only the ones
    with a requested place are parsed.
    """
    starts = [match.start() for match in _ITEM.finditer(text)]
    requested = set(places)
    if not starts or len(starts) != models or text.count("\r") != text.count("\r\n"):
        return {place: span.line for place, span in Document("", text, None, True).spans(requested).items()}
    return dict(_by_model(text, [*starts, len(text)], requested))


def _by_model(text: str, starts: list[int], places: set[Place]) -> Iterator[tuple[Place, int]]:
    by_model: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_model[int(place.pointer[0]) if place.pointer else 0].append(place)
    counted, line = 0, 0
    for index in sorted(by_model):
        start, end = starts[index : index + 2]
        line += text.count("\n", counted, start)
        counted = start
        relative = {place: place._replace(pointer=(0, *place.pointer[1:])) for place in by_model[index]}
        spans = Document("", text[start:end], None, True).spans(relative.values())
        yield from ((place, line + spans[relative[place]].line) for place in relative)

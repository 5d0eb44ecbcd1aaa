"""Line numbers of places in rosters, without parsing whole rosters again, and in the registry of features."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from roster.check.result import CheckResult
from roster.findings import Place
from roster.registries import FEATURES
from roster.yaml.document import Document

_ITEM = re.compile(r"^-(?=\s)", re.MULTILINE)


def find_lines(result: CheckResult, places: Iterable[Place]) -> dict[Place, int]:
    """Return the line of each place in the readable rosters and in the registry of features, from 1."""
    by_path: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_path[place.path].append(place)
    lines: dict[Place, int] = {}
    for roster in result.rosters.values():
        if roster.path in by_path:
            lines |= line_numbers(result.texts[roster.path], len(roster.models), by_path[roster.path])
    if FEATURES in by_path:
        text = result.texts.get(FEATURES, "")
        lines |= line_numbers(text, len(result.registries.features), by_path[FEATURES])
    return lines


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

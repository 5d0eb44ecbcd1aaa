"""Line numbers of places in a roster, without parsing the whole file again."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from roster.findings import Place
from roster.roster import DATE_KEYS
from roster.yaml.document import Document, parse

_ITEM = re.compile(r"^-(?=\s)", re.MULTILINE)


def line_numbers(path: str, data: bytes, models: int, places: Iterable[Place]) -> dict[Place, int]:
    """Return the line of each place in a readable roster, from 1.

    If the file has as many list items at the start of a line as ``models``, those are the models, and only the ones
    with a requested place are parsed.
    """
    text = data.decode("utf-8-sig")
    starts = [match.start() for match in _ITEM.finditer(text)]
    requested = set(places)
    if not starts or len(starts) != models or text.count("\r") != text.count("\r\n"):
        return {place: span.line for place, span in parse(path, data, dates=DATE_KEYS).spans(requested).items()}
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

"""How long a model has been offered, as the versions of a roster say."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from roster.findings import Place
from roster.git.commit_tree import Version
from roster.roster import DATE_KEYS, entry_id
from roster.yaml.document import Document, read
from roster.yaml.line_index import Lines

_UP_TO_THE_NEXT = rb"[ \t]*(?:#[^\r\n]*)?(?:[\r\n][ \t]*(?:#[^\r\n]*)?)*"
"""What may stand between a model and the dash of the next one, or the file's end."""


class _Offer(NamedTuple):
    """What a version of a roster says of a model.

    Attributes:
        has: it has the model.
        last_day: the last day that it gives it; None for no end.
        text: where the model is written with a dash, its lines.
    """

    has: bool
    last_day: date | None = None
    text: bytes = b""

    def stands_in(self, content: bytes) -> bool:
        """Say whether another version has the model in the same words."""
        start = content.find(self.text) if self.text else -1
        if start < 0 or content[:start][-1:] not in (b"", b"\n", b"\r"):
            return False
        indent = re.escape(self.text[: self.text.index(b"-")])
        return bool(
            re.compile(rb"%s(?:\Z|(?<=[\r\n])%s-)" % (_UP_TO_THE_NEXT, indent)).match(content, start + len(self.text))
        )


def offered_since(versions: Iterable[Version], id_: str, today: date, enough: date) -> date | None:
    """Return the day since which a model has been offered without a gap; None where it is not offered.

    A version that cannot be read was never rendered: what was offered before it still was.

    Args:
        versions: those of its roster, the last one first; they are asked for one by one.
        enough: how far back it matters; from a day that is not after this one, nobody looks further.
    """
    since, until, known = None, today, _Offer(has=False)
    for version in versions:
        # a large roster takes long to read, and most versions are about other models
        offer = known if known.stands_in(version.content) else _offer(version.content, id_)
        if offer is None:
            continue
        if not offer.has or (offer.last_day and offer.last_day < until):
            break
        since, until, known = version.day, version.day, offer
        if since <= enough:
            break
    return since


def _offer(content: bytes, id_: str) -> _Offer | None:
    """Return what a version says of a model; None where nobody knows what it says."""
    if not _may_have(content, id_):
        return _Offer(has=False)
    document = read("", content, dates=DATE_KEYS)
    if not document.readable or not isinstance(document.value, list):
        return None
    for position, model in enumerate(document.value):
        if isinstance(model, dict) and entry_id(model) == id_:
            return _Offer(True, _last_day(model.get("retirement")), _text(document, position).encode())
    return _Offer(has=False)


def _text(document: Document, position: int) -> str:
    """Return a model with its dash and what is before that on its line; nothing where there is no such dash."""
    text, place = document.text, Place("", (position,))
    start, end = Lines(text).offsets(document.spans([place])[place])
    dash = text.rfind("-", 0, start)
    line = max(text.rfind("\n", 0, dash), text.rfind("\r", 0, dash)) + 1
    alone = dash >= 0 and not (text[line:dash] + text[dash + 1 : start]).strip()
    return text[line:end] if alone else ""


def _may_have(content: bytes, id_: str) -> bool:
    """Say whether a model can be in a file: an id's words stand in it, unless the name has accents or escapes."""
    lower = content.lower()
    return not content.isascii() or b"\\" in content or all(word.encode() in lower for word in id_.split("_"))


def _last_day(retirement: Any) -> date | None:
    """Return the last day of a model that ends as a whole."""
    match retirement:
        case {"last_day": str(day), **rest} if not rest.get("features") and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            with suppress(ValueError):
                return date.fromisoformat(day)
    return None

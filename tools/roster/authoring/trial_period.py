"""Trial periods: since when a model has been offered, according to the committed versions of a roster."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from roster.findings import Place
from roster.git.commit_tree import FileVersion
from roster.roster import DATE_KEYS, entry_id
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex, line_start

_UP_TO_NEXT_MODEL = rb"[ \t]*(?:#[^\r\n]*)?(?:[\r\n][ \t]*(?:#[^\r\n]*)?)*"
"""The text that may follow a model, up to the dash of the next one or the end of the file."""


class _Presence(NamedTuple):
    """A model's presence in one version of a roster.

    Attributes:
        last_day: the last day of the model as a whole, if it retires.
        text: the model's lines; empty if it has no dash of its own.
    """

    is_present: bool
    last_day: date | None = None
    text: bytes = b""

    def is_unchanged_in(self, content: bytes) -> bool:
        """Say whether another version contains exactly the same lines."""
        start = content.find(self.text) if self.text else -1
        if start < 0 or content[:start][-1:] not in (b"", b"\n", b"\r"):
            return False
        indent = re.escape(self.text[: self.text.index(b"-")])
        end = re.compile(rb"%s(?:\Z|(?<=[\r\n])%s-)" % (_UP_TO_NEXT_MODEL, indent))
        return bool(end.match(content, start + len(self.text)))


def offered_since(versions: Iterable[FileVersion], id_: str, today: date, sufficient: date) -> date | None:
    """Return the day since which a model has been offered without interruption; None if it is not offered.

    An unreadable version was never rendered: consumers kept the one before.

    Args:
        versions: the committed versions of the roster, newest first; read as far as necessary.
        sufficient: the search ends at a version of this day or earlier.
    """
    since, until, later = None, today, _Presence(is_present=False)
    for version in versions:
        # parsing a large roster is slow, and most versions change other models
        presence = later if later.is_unchanged_in(version.content) else _presence(version.content, id_)
        if presence is None:
            continue
        if not presence.is_present or (presence.last_day and presence.last_day < until):
            break
        since, until, later = version.day, version.day, presence
        if since <= sufficient:
            break
    return since


def _presence(content: bytes, id_: str) -> _Presence | None:
    """Return a model's presence in a version; None if the version is unreadable."""
    if not _may_contain(content, id_):
        return _Presence(is_present=False)
    document = parse("", content, dates=DATE_KEYS)
    if not document.readable or not isinstance(document.value, list):
        return None
    for position, model in enumerate(document.value):
        if isinstance(model, dict) and entry_id(model) == id_:
            return _Presence(True, _last_day(model.get("retirement")), _lines_of_model(document, position).encode())
    return _Presence(is_present=False)


def _lines_of_model(document: Document, position: int) -> str:
    """Return a model from the start of the line with its dash; empty if there is other text around the dash."""
    text, place = document.text, Place("", (position,))
    start, end = LineIndex(text).offsets(document.spans([place])[place])
    dash = text.rfind("-", 0, start)
    line = line_start(text, dash)
    is_only_dash = dash >= 0 and not (text[line:dash] + text[dash + 1 : start]).strip()
    return text[line:end] if is_only_dash else ""


def _may_contain(content: bytes, id_: str) -> bool:
    """Say whether a file can contain a model: it contains all words of the id, or accents or escapes hide them."""
    lower = content.lower()
    return not content.isascii() or b"\\" in content or all(word.encode() in lower for word in id_.split("_"))


def _last_day(retirement: Any) -> date | None:
    """Return the last day of a model that retires as a whole."""
    match retirement:
        case {"last_day": str(day), **rest} if not rest.get("features") and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            with suppress(ValueError):
                return date.fromisoformat(day)
    return None

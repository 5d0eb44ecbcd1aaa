"""Removal of suppression comments that an edit makes useless, because the finding that they suppress is resolved."""

import re
from collections.abc import Iterable

from roster.check.suppressions import COMMENT, NAME
from roster.edit.splice import Splice, apply_splices
from roster.findings import Diagnostic, Span
from roster.model import DATE_KEYS
from roster.yaml.document import parse
from roster.yaml.line_index import LineIndex, line_start, match_end, next_line

USELESS_IGNORE = "useless-ignore"
_SEPARATOR = re.compile(r"[ \t,]*")


def without_useless_comments(path: str, data: bytes, findings: Iterable[Diagnostic]) -> bytes:
    """Return a file without the rules in suppression comments that findings report as useless.

    A comment without another rule is removed, and with it its line if nothing else is on it.
    """
    spans = {each.span for each in findings if each.rule == USELESS_IGNORE and each.path == path}
    text = before = parse(path, data, dates=DATE_KEYS).text
    for span in sorted(spans, reverse=True):  # from the end, so that the other spans remain correct
        text = _without_rule(text, span)
    after = data[: len(data) - len(before.encode())] + text.encode()
    return after if parse(path, after, dates=DATE_KEYS).value == parse(path, data, dates=DATE_KEYS).value else data


def _without_rule(text: str, span: Span) -> str:
    start, end = LineIndex(text).offsets(span)
    comment = COMMENT.match(text, max(text.rfind("#", 0, start), 0))
    if comment is None:
        return text
    if len(NAME.findall(comment["names"] or "")) > 1:
        splice = _with_separator(text, start, end, comment.end("names"))
    elif text[line_start(text, start) : comment.start()].strip():
        splice = Splice(len(text[: comment.start()].rstrip(" \t")), comment.end())
    else:
        splice = Splice(line_start(text, start), next_line(text, end))
    return apply_splices(text, [splice])


def _with_separator(text: str, start: int, end: int, names_end: int) -> Splice:
    """Return the removal of one of several names, with the comma after it, or before the last one."""
    after = match_end(_SEPARATOR, text, end)
    if after < names_end:
        return Splice(start, after)
    return Splice(len(text[:start].rstrip(", \t")), end)

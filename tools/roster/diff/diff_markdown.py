"""Markdown for a comment on a merge request, with the texts from a roster escaped for GitLab and GitHub."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from roster.diff.change import Change, Comparison
from roster.diff.diff_report import location, other_places
from roster.diff.kinds import Impact
from roster.diff.rows import Row, group_changes
from roster.markdown_text import code, escaped
from roster.templates import template_environment

MAX_BYTES = 60_000
"""The largest size of a comment, in UTF-8."""
_MIN_ROW_BYTES = 30
"""No row takes fewer bytes, even if it is shortened."""
_VALUE = re.compile(r"\$|[\w$./:@+-]{2,200}", re.ASCII)
"""What can become a code span: ids, features, identifiers, addresses, names of variables, costs."""
_NO_WORD = re.compile(r"\$+|(?=.*[A-Za-z]).*[^A-Za-z].*", re.ASCII)
"""A value other than a plain word, number or date, which are prose."""
_ID_OF_NAME = re.compile(r"\(([^()]*)\)$")
"""The id at the end of a name that several models share."""
_PROSE_KEYS = frozenset({"name", "display_name", "provider", "description"})
_PROSE_KINDS = frozenset({"model-renamed", "shown-name-changed", "provider-changed", "description-changed"})
"""Kinds whose values are prose."""
_ID_KINDS = frozenset({"id-changed", "alias-removed", "alias-added"})
"""Kinds whose values are ids, even if they are plain words."""


def write(comparison: Comparison) -> str:
    """Return the comment, in at most ``MAX_BYTES``: the least important rows are omitted and counted.

    Breaking rows are complete: if they do not fit, they are shortened to their summaries before any is omitted.
    """
    rows = sorted(group_changes(comparison.changes), key=lambda row: row.impact.rank)
    lines = [(row, _line(row, comparison)) for row in rows[: MAX_BYTES // _MIN_ROW_BYTES]]
    fits = _fitting(comparison, rows, lines)
    if shortened := fits < sum(row.impact is Impact.BREAKING for row in rows):
        lines = [(row, _summary(row) if row.impact is Impact.BREAKING else line) for row, line in lines]
        fits = _fitting(comparison, rows, lines, shortened=True)
    return _comment(comparison, rows, lines[:fits], shortened=shortened)


def _fitting(
    comparison: Comparison, rows: Sequence[Row], lines: Sequence[tuple[Row, str]], *, shortened: bool = False
) -> int:
    """Return how many of the first lines fit into a comment."""

    def size(number: int) -> int:
        return len(_comment(comparison, rows, lines[:number], shortened=shortened).encode(errors="replace"))

    return bisect_right(range(1, len(lines) + 1), MAX_BYTES, key=size)


def _comment(comparison: Comparison, rows: Sequence[Row], lines: Sequence[tuple[Row, str]], *, shortened: bool) -> str:
    """Return the comment with the lines of some of its rows."""
    environments: dict[str, Counter[Impact]] = {}
    for change in comparison.changes:  # in their order of environments
        environments.setdefault(change.environment, Counter())
    for row in rows:
        for environment in row.environments:
            environments[environment][row.impact] += 1
    counts = Counter(row.impact for row in rows)
    return _TEMPLATES.get_template("diff.md.j2").render(
        comparison=comparison,
        counts=counts,
        environments=environments,
        impacts=list(Impact),
        lines={impact: [line for row, line in lines if row.impact is impact] for impact in Impact},
        omitted=counts - Counter(row.impact for row, _ in lines),
        shortened=shortened,
    )


def _line(row: Row, comparison: Comparison) -> str:
    """Return a row as one line that starts with a dash, so that no text from a roster starts a line or a block."""
    values = _values(row)
    parts = [_summary(row), _prose(row.effect, values)]
    parts += [
        f"{title.capitalize()}: {', '.join(_prose(name, values) for name in names)}"
        for title, names in row.lists.items()
    ]
    parts += [_prose(detail, values) for detail in row.details]
    return "<br>".join([*parts, _place(row, comparison)])


def _summary(row: Row) -> str:
    return f"- **{escaped(row.environment)}**: {_prose(row.summary, _values(row))} ({code(row.kind)})"


def _place(row: Row, comparison: Comparison) -> str:
    """Return the place of a row, as a link where the merge request has the file."""
    place = code(location(row))
    if address := comparison.addresses.get(row.side):
        place = f"[{place}]({address}{quote(row.place.path)}#L{row.line})"
    return f"{place}{other_places(row)}"


def _values(row: Row) -> re.Pattern[str] | None:
    """Return a pattern of the values in the texts of a row, which become code spans: people copy and search them."""
    found = {*row.models, *row.features, *(value for change in row.changes for value in _values_of(change))}
    values = sorted(filter(_VALUE.fullmatch, found), key=lambda value: (-len(value), value))
    if not values:
        return None
    return re.compile(rf"(?<![\w$/:@-])({'|'.join(map(re.escape, values))})(?![\w$/@-]|[.:]\w)")


def _values_of(change: Change) -> Iterator[str]:
    if change.kind not in _PROSE_KINDS:
        texts = (text for side in (change.old, change.new) for text in _texts(side))
        yield from texts if change.kind in _ID_KINDS else filter(_NO_WORD.fullmatch, texts)
    if change.wording:
        yield from change.wording.fallbacks
        ids = (_ID_OF_NAME.search(name) for name in change.wording.fallbacks.values())
        yield from (id_[1] for id_ in ids if id_ and _NO_WORD.fullmatch(id_[1]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key,) if isinstance(item, int) else ()  # shares of defaults by id
            yield from _texts(item) if key not in _PROSE_KEYS else ()
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _prose(text: str, values: re.Pattern[str] | None) -> str:
    """Return a text with its values as code spans and the rest escaped."""
    if values is None:
        return escaped(text)
    return "".join(code(part) if index % 2 else escaped(part) for index, part in enumerate(values.split(text)) if part)


_TEMPLATES = template_environment("roster.diff", escaped=escaped, code=code)

"""Markdown for a comment on a merge request, with the texts from a roster escaped for GitLab and GitHub.

GitLab's syntax: https://docs.gitlab.com/user/markdown/ (references, mentions, links, inline diffs), and
https://docs.gitlab.com/user/project/quick_actions/.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from roster.diff.change import Change, Comparison
from roster.diff.diff_report import location
from roster.diff.kinds import Impact
from roster.naming import printable
from roster.templates import template_environment

MAX_BYTES = 60_000
"""The largest size of a comment, in UTF-8."""
_MIN_CHANGE_BYTES = 100
"""No change takes fewer bytes."""

_JOINER = "\N{WORD JOINER}"
_REFERENCE_MARKS = re.compile(
    r"[@#!~%$&^:](?=\S)|[\[{](?=[+-])|(?<!\S)/(?=\S)|(?<![A-Za-z0-9])(?:[A-Za-z]\w*(?=-\d)|[Ww]{3}(?=\.))"
)
"""The start of a reference, mention, emoji, inline diff, quick action, external issue or host name."""
_COMMIT = re.compile(r"(?<![A-Za-z0-9])[0-9A-Fa-f]{7,}(?![A-Za-z0-9])")
_TOO_SHORT_FOR_COMMIT = re.compile(r".{1,6}")
_MARKDOWN_SYNTAX = re.compile(r"[\\`*_{}\[\]()#+!|~$^=:@%]")
_HTML_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def write(comparison: Comparison) -> str:
    """Return the comment, in at most ``MAX_BYTES``: the least important changes are omitted and counted."""
    changes = sorted(comparison.changes, key=lambda change: change.impact.rank)
    most = min(len(changes), MAX_BYTES // _MIN_CHANGE_BYTES)
    fits = bisect_right(range(1, most + 1), MAX_BYTES, key=lambda number: _size(comparison, changes[:number]))
    return _comment(comparison, changes[:fits])


def escaped(text: str) -> str:
    """Return text that reads the same and has no meaning in Markdown, HTML, GitLab or GitHub.

    A backslash escapes Markdown syntax. References, mentions and addresses are recognized after that is parsed, so an
    invisible character that permits no line break is inserted into them.
    """
    text = _REFERENCE_MARKS.sub(rf"\g<0>{_JOINER}", printable(text))
    text = _COMMIT.sub(lambda match: _JOINER.join(_TOO_SHORT_FOR_COMMIT.findall(match[0])), text)
    return _MARKDOWN_SYNTAX.sub(r"\\\g<0>", text.translate(_HTML_ENTITIES))


def code(text: str) -> str:
    """Return text as a code span."""
    text = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if not text or "`" in (text[0], text[-1]) else ""
    return f"{fence}{space}{text}{space}{fence}"


def _size(comparison: Comparison, changes: Sequence[Change]) -> int:
    return len(_comment(comparison, changes).encode(errors="replace"))


def _comment(comparison: Comparison, changes: Sequence[Change]) -> str:
    environments: dict[str, Counter[Impact]] = {}
    for change in comparison.changes:
        environments.setdefault(change.environment, Counter())[change.impact] += 1
    return _TEMPLATES.get_template("diff.md.j2").render(
        comparison=comparison,
        counts=comparison.impacts(),
        environments=environments,
        impacts=list(Impact),
        changes=changes,
    )


_TEMPLATES = template_environment("roster.diff", escaped=escaped, code=code, location=location)

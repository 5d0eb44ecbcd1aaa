"""Markdown for a comment on a merge request, in which nothing that a roster says means anything to GitLab or GitHub.

What GitLab makes of a text: https://docs.gitlab.com/user/markdown/ (references, mentions, links, inline diffs), and
https://docs.gitlab.com/user/project/quick_actions/.
"""

import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from roster.diff.comparison import SIDES, Comparison, Told
from roster.diff.diff_text import where
from roster.diff.kinds import Impact
from roster.naming import printable

BYTES = 60_000
"""The size of a comment, in UTF-8."""
_SHORTEST = 100
"""No change takes fewer bytes."""
_ROWS, _NAMES, _LENGTH = 50, 10, 60
"""How many environments are told in the table and how many elsewhere, and how many characters of a name."""

_JOINER = "\N{WORD JOINER}"
_SIGNS = re.compile(
    r"[@#!~%$&^:](?=\S)|[\[{](?=[+-])|(?<!\S)/(?=\S)|(?<![A-Za-z0-9])(?:[A-Za-z]\w*(?=-\d)|[Ww]{3}(?=\.))"
)
"""After what a reference, a mention, an emoji, an inline diff, a quick action, an issue elsewhere or a host starts."""
_COMMIT = re.compile(r"(?<![A-Za-z0-9])[0-9A-Fa-f]{7,}(?![A-Za-z0-9])")
_NO_COMMIT = re.compile(r".{1,6}")
_MEANINGFUL = re.compile(r"[\\`*_{}\[\]()#+!|~$^=:@%]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def write(comparison: Comparison) -> str:
    """Return the comment: at most ``BYTES``, the least important changes left out and counted."""
    changes = sorted(comparison.changes, key=lambda change: list(Impact).index(change.impact))
    fits, too_many = 0, min(len(changes), BYTES // _SHORTEST) + 1
    while too_many - fits > 1:
        number = (fits + too_many) // 2
        fits, too_many = (number, too_many) if _size(comparison, changes[:number]) <= BYTES else (fits, number)
    return _comment(comparison, changes[:fits])


def escaped(text: str) -> str:
    """Return a text that reads like the one given and has no meaning in markdown, HTML, GitLab or GitHub.

    A backslash is enough for what parses markdown. References, mentions and addresses are looked for in what that made
    of it, so an invisible character stands in them, at which no line is broken.
    """
    text = _SIGNS.sub(rf"\g<0>{_JOINER}", printable(text))
    text = _COMMIT.sub(lambda found: _JOINER.join(_NO_COMMIT.findall(found[0])), text)
    return _MEANINGFUL.sub(r"\\\g<0>", text.translate(_ENTITIES))


def code(text: str) -> str:
    """Return a text as code, in which nothing has a meaning."""
    text = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if not text or "`" in (text[0], text[-1]) else ""
    return f"{fence}{space}{text}{space}{fence}"


def _size(comparison: Comparison, changes: Sequence[Told]) -> int:
    return len(_comment(comparison, changes).encode(errors="replace"))


def _comment(comparison: Comparison, changes: Sequence[Told]) -> str:
    rows = _rows(comparison)
    return _TEMPLATE.render(
        base=_shortened(comparison.names["base"]),
        whole=comparison.whole,
        errors={side: len(comparison.errors[side]) for side in SIDES},
        not_compared=[_shortened(name) for name in comparison.not_compared[:_NAMES]],
        more_not_compared=len(comparison.not_compared[_NAMES:]),
        impacts=[impact.value for impact in Impact],
        rows=rows[:_ROWS],
        more_rows=len(rows[_ROWS:]),
        found={impact.value: number for impact, number in comparison.impacts().items()},
        groups={impact.value: [change for change in changes if change.impact is impact] for impact in Impact},
        left_out=len(comparison.changes) - len(changes),
    )


def _rows(comparison: Comparison) -> list[tuple[str, list[int]]]:
    """Return the environments that something changes in, each with how much of each impact."""
    found: dict[str, list[int]] = {}
    for change in comparison.changes:
        found.setdefault(change.environment, [0] * len(Impact))[list(Impact).index(change.impact)] += 1
    return [(_shortened(name), numbers) for name, numbers in found.items()]


def _shortened(name: str) -> str:
    return name if len(name) <= _LENGTH else f"{name[: _LENGTH - 1]}…"


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("roster.diff"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {"escaped": escaped, "code": code, "where": where}
    return environment.get_template("diff.md.j2")


_TEMPLATE = _template()

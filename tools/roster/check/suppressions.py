"""Comments that ignore findings: ``# roster: ignore[rule-name, other-rule] reason``.

At the end of a line it is for what is found on that line; on a line of its own, for what is found on the next line that
says something, and in the whole model where that line starts one.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from roster.findings import Diagnostic, Finding, Place, Span
from roster.naming import did_you_mean, quote
from roster.rules.all_rules import RULES
from roster.rules.suppression_comments import MARK, SYNTAX
from roster.yaml import comments, limits
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex

_COMMENT = re.compile(rf"#[ \t]*{MARK}[ \t]*ignore\b(?:[ \t]*\[(?P<names>[^\]\r\n]*)\](?P<reason>[^\r\n]*))?")
_NAME = re.compile(r"[^\s,]+")
_SAYS_NOTHING = re.compile(r"(?:[ \t]*+(?:-(?:--)?(?!\S))?[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z))*+")
"""Lines without content: empty ones, comments, and dashes that stand alone."""
_AT_MOST = 10_000
"""How many comments of one file are heeded, so that a file of nothing else takes no time; a roster needs a few."""
_WHERE = "it is for its own line; on a line of its own, for the line or the model below"

Scope = tuple[str, int, int]
"""A file, and the first and the last of some of its lines."""


class Ignore(NamedTuple):
    """One comment: what it says, the names of rules in it, where it stands in the file, and where it ignores."""

    comment: re.Match[str]
    names: tuple[re.Match[str], ...]
    scope: Scope


def apply(documents: Iterable[Document], diagnostics: Set[Diagnostic]) -> tuple[Set[Diagnostic], list[Finding]]:
    """Return the diagnostics without those that a comment ignores, and what is wrong with the comments."""
    found = _Findings(diagnostics)
    # what keeps a rule from reading a value keeps it quiet: whether an ignore is useless shows when that is mended
    all_rules_spoke = all(RULES[diagnostic.rule].ignorable for diagnostic in diagnostics)
    findings: list[Finding] = []
    for page in map(_Page, documents):
        judged = [(ignore, _useful(ignore, found)) for ignore in islice(page.ignores(), _AT_MOST)]
        told = (told for ignore, useful in judged for told in _judge(page, ignore, useful, all_rules_spoke))
        findings += islice(told, limits.FINDINGS)
    return diagnostics - found.ignored, findings


def _useful(ignore: Ignore, findings: "_Findings") -> set[str]:
    """Ignore what a comment may ignore; return the names of the rules that find something there."""
    allowed = {name[0] for name in ignore.names if name[0] in RULES and RULES[name[0]].ignorable}
    return {name for name in allowed if findings.ignore(name, ignore.scope)}


def _judge(page: "_Page", ignore: Ignore, useful: Set[str], all_rules_spoke: bool) -> Iterator[Finding]:
    """Yield what is wrong with a comment: of each name one thing at most."""
    if not ignore.names:
        message = "this names no rule in brackets, so it ignores nothing"
        hint = f"write {SYNTAX}"
        yield Finding(page.place(ignore.comment, ignore), message, hint, rule="useless-ignore")
    needs_reason = False
    for found in ignore.names:
        name, place = found[0], page.place(found, ignore)
        if name not in RULES:
            hint = did_you_mean(name, RULES) or "roster rules lists them all"
            yield Finding(place, f"there is no rule {quote(name)}", hint, rule="useless-ignore")
        elif not RULES[name].ignorable:
            hint = "remove it, and mend what is found"
            yield Finding(place, f"{quote(name)} cannot be ignored", hint, rule="forbidden-ignore")
        elif name not in useful and all_rules_spoke:
            yield Finding(place, f"{quote(name)} finds nothing here", "remove it", _WHERE, rule="useless-ignore")
        else:
            needs_reason = True
    if needs_reason and not re.search(r"\w", ignore.comment["reason"]):
        place = page.place(ignore.comment, ignore)
        yield Finding(place, "this gives no reason", "say why after the bracket", rule="ignore-without-reason")


class _Findings:
    """What was found, and what of it is ignored; each question is answered once, however many comments ask it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.ignored: set[Diagnostic] = set()
        self._found: defaultdict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
        self._answers: dict[tuple[str, Scope], bool] = {}
        for diagnostic in sorted(diagnostics):
            self._found[diagnostic.rule, diagnostic.path].append(diagnostic)

    def ignore(self, rule: str, scope: Scope) -> bool:
        """Ignore what a rule finds on some lines; say whether it finds anything there."""
        if (rule, scope) not in self._answers:
            path, first, last = scope
            found = self._found.get((rule, path), [])
            start = bisect_left(found, first, key=_line)
            hidden = found[start : bisect_right(found, last, lo=start, key=_line)]
            self.ignored.update(hidden)
            self._answers[rule, scope] = bool(hidden)
        return self._answers[rule, scope]


class _Page:
    """A file by its lines."""

    def __init__(self, document: Document) -> None:
        self._document, self._lines = document, LineIndex(document.text)
        self._below = (0, 0)

    def ignores(self) -> Iterator[Ignore]:
        """Yield the comments that ignore something; none of a file that cannot be read."""
        text = self._document.text
        for start, end in comments.find_comments(text, MARK) if self._document.readable else ():
            comment = _COMMENT.match(text, start, end)
            if comment:
                names = tuple(_NAME.finditer(text, *comment.span("names")))
                yield Ignore(comment, names, self._scope(start, end))

    def place(self, found: re.Match[str], ignore: Ignore) -> Place:
        """Return the place of a comment or of a name in it, in the model that the comment is about."""
        *_, last = ignore.scope
        index = bisect_right(self._firsts, last) - 1
        pointer = (index,) if index >= 0 and last <= self._models[index].end_line else ()
        return Place(self._document.path, pointer, span=self._lines.span(*found.span()))

    def _scope(self, start: int, end: int) -> Scope:
        """Return the lines that a comment is for; none where nothing follows one that stands alone."""
        span = self._lines.span(start, end)
        last = span.line
        if not self._lines[span.line][: span.column - 1].strip():
            last = self._line_below(end)
            # within brackets several models can start on one line
            starting = self._models[bisect_left(self._firsts, last) : bisect_right(self._firsts, last)]
            last = max([last, *(model.end_line for model in starting)])
        return self._document.path, span.line, last

    def _line_below(self, end: int) -> int:
        """Return the next line with content after a comment; 0 where there is none."""
        content, line = self._below
        if end >= content:  # of several comments in a row, the first one asks
            found = _SAYS_NOTHING.match(self._document.text, end)
            content = found.end() if found else end
            line = self._lines.span(content, content).line if content < len(self._document.text) else 0
            self._below = content, line
        return line

    @cached_property
    def _models(self) -> list[Span]:
        document = self._document
        entries = document.value if isinstance(document.value, list) else []
        places = [Place(document.path, (index,)) for index in range(len(entries))]
        return list(document.spans(places).values())

    @cached_property
    def _firsts(self) -> list[int]:
        return [model.line for model in self._models]


def _line(diagnostic: Diagnostic) -> int:
    return diagnostic.span.line

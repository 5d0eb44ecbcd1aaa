"""Suppression comments: ``# roster: ignore[rule-name, other-rule] reason``.

At the end of a line, a comment suppresses findings on that line. On a line of its own, it suppresses findings on the
next line with content, and in the whole model if that line starts one.
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
from roster.rules.base.rule import Subject
from roster.rules.suppression_comments import MARK, SYNTAX
from roster.yaml import comments
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex
from roster.yaml.parser import MAX_FINDINGS

COMMENT = re.compile(rf"#[ \t]*{MARK}[ \t]*ignore\b(?:[ \t]*\[(?P<names>[^\]\r\n]*)\](?P<reason>[^\r\n]*))?")
NAME = re.compile(r"[^\s,]+")
_NO_CONTENT = re.compile(r"(?:[ \t]*+(?:-(?:--)?(?!\S))?[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z))*+")
"""Lines without content: empty lines, comments, and dashes on a line of their own."""
_MAX_COMMENTS = 10_000
"""How many comments of a file apply, which bounds the time for a hostile file; a roster needs a few."""
_ABOUT_PROVIDER = frozenset({"unknown-prefix", "endpoint-mismatch"})
"""Findings after which the rules about a model's provider do not apply, because it is another one or unknown."""
_SCOPE_NOTE = "a comment applies to its own line; on a line of its own, to the line or model below"

Scope = tuple[str, int, int]
"""A file, and the first and the last line of a range in it."""


class Suppression(NamedTuple):
    """One suppression comment, the rule names in it, and the lines that it applies to."""

    comment: re.Match[str]
    names: tuple[re.Match[str], ...]
    scope: Scope


def apply(documents: Iterable[Document], diagnostics: Set[Diagnostic]) -> tuple[Set[Diagnostic], list[Finding]]:
    """Return the diagnostics that no comment suppresses, and findings about the comments themselves."""
    index = _DiagnosticIndex(diagnostics)
    files = [
        (file, [(each, _suppress(each, index)) for each in islice(file.suppressions(), _MAX_COMMENTS)])
        for file in map(_File, documents)
    ]
    all_rules_ran = not any(map(_may_hide_others, diagnostics - index.suppressed))
    findings: list[Finding] = []
    for file, suppressions in files:
        in_file = (
            finding
            for suppression, effective in suppressions
            for finding in _validate(file, suppression, effective, all_rules_ran)
        )
        findings += islice(in_file, MAX_FINDINGS)
    return diagnostics - index.suppressed, findings


def _may_hide_others(diagnostic: Diagnostic) -> bool:
    """Return whether a finding may keep a rule from reading a value: whether a comment is useless is unknown then."""
    return not RULES[diagnostic.rule].ignorable or diagnostic.rule in _ABOUT_PROVIDER


def suppressed_rules(document: Document, line: int) -> set[str]:
    """Return the rules whose findings on a line a comment suppresses."""
    return {
        name[0]
        for suppression in _File(document).suppressions()
        if suppression.scope[1] <= line <= suppression.scope[2]
        for name in suppression.names
    }


def _suppress(suppression: Suppression, index: "_DiagnosticIndex") -> set[str]:
    """Suppress the findings of a comment's rules; return the names of the rules with findings in its scope."""
    allowed = {name[0] for name in suppression.names if name[0] in RULES and RULES[name[0]].ignorable}
    return {name for name in allowed if index.suppress(name, suppression.scope)}


def _validate(file: "_File", suppression: Suppression, effective: Set[str], all_rules_ran: bool) -> Iterator[Finding]:
    """Yield at most one finding for each name in a comment, and one for the comment."""
    comment_place = file.place(suppression.comment, suppression)
    if not suppression.names:
        message = "the comment names no rule in brackets, so it has no effect"
        yield Finding(comment_place, message, f"write {SYNTAX}", rule="useless-ignore")
    needs_reason = False
    for match in suppression.names:
        name, place = match[0], file.place(match, suppression)
        if name not in RULES:
            hint = did_you_mean(name, RULES) or "roster rules lists all rules"
            yield Finding(place, f"there is no rule {quote(name)}", hint, rule="useless-ignore")
        elif not RULES[name].ignorable:
            hint = "remove the comment and fix the finding"
            yield Finding(place, f"{quote(name)} cannot be suppressed", hint, rule="forbidden-ignore")
        elif name not in effective and all_rules_ran and RULES[name].subject != Subject.CHANGE:
            message = f"{quote(name)} reports nothing here"
            yield Finding(place, message, "remove it", _SCOPE_NOTE, rule="useless-ignore")
        else:
            needs_reason = True
    if needs_reason and not re.search(r"\w", suppression.comment["reason"]):
        hint = "write a reason after the bracket"
        yield Finding(comment_place, "the comment has no reason", hint, rule="ignore-without-reason")


class _DiagnosticIndex:
    """Diagnostics by rule and line, and which of them are suppressed. Equal requests are answered from a cache."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.suppressed: set[Diagnostic] = set()
        self._by_rule: defaultdict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
        self._cache: dict[tuple[str, Scope], bool] = {}
        for diagnostic in sorted(diagnostics):
            self._by_rule[diagnostic.rule, diagnostic.path].append(diagnostic)

    def suppress(self, rule: str, scope: Scope) -> bool:
        """Suppress a rule's findings in a scope; return whether there are any."""
        if (rule, scope) not in self._cache:
            path, first, last = scope
            diagnostics = self._by_rule.get((rule, path), [])
            start = bisect_left(diagnostics, first, key=_line)
            in_scope = diagnostics[start : bisect_right(diagnostics, last, lo=start, key=_line)]
            self.suppressed.update(in_scope)
            self._cache[rule, scope] = bool(in_scope)
        return self._cache[rule, scope]


class _File:
    """A file's suppression comments and their scopes."""

    def __init__(self, document: Document) -> None:
        self._document, self._lines = document, LineIndex(document.text)
        self._next_content = (0, 0)

    def suppressions(self) -> Iterator[Suppression]:
        """Yield the suppression comments; none if the file cannot be read."""
        text = self._document.text
        for start, end in comments.find_comments(text, MARK) if self._document.readable else ():
            comment = COMMENT.match(text, start, end)
            if comment:
                names = tuple(NAME.finditer(text, *comment.span("names")))
                yield Suppression(comment, names, self._scope(start, end))

    def place(self, match: re.Match[str], suppression: Suppression) -> Place:
        """Return the place of a comment, or of a name in it, within the model that the comment applies to."""
        *_, last = suppression.scope
        index = bisect_right(self._first_lines, last) - 1
        pointer = (index,) if index >= 0 and last <= self._models[index].end_line else ()
        return Place(self._document.path, pointer, span=self._lines.span(*match.span()))

    def _scope(self, start: int, end: int) -> Scope:
        """Return the lines that a comment applies to; none if it is on a line of its own and nothing follows."""
        span = self._lines.span(start, end)
        last = span.line
        if not self._lines[span.line][: span.column - 1].strip():
            last = self._next_content_line(end)
            # in flow style, several models can start on one line
            starting = self._models[bisect_left(self._first_lines, last) : bisect_right(self._first_lines, last)]
            last = max([last, *(model.end_line for model in starting)])
        return self._document.path, span.line, last

    def _next_content_line(self, end: int) -> int:
        """Return the next line with content after a comment; 0 if there is none."""
        content, line = self._next_content
        if end >= content:  # otherwise it was computed for an earlier comment of the same block
            match = _NO_CONTENT.match(self._document.text, end)
            content = match.end() if match else end
            line = self._lines.span(content, content).line if content < len(self._document.text) else 0
            self._next_content = content, line
        return line

    @cached_property
    def _models(self) -> list[Span]:
        document = self._document
        entries = document.value if isinstance(document.value, list) else []
        places = [Place(document.path, (index,)) for index in range(len(entries))]
        return list(document.spans(places).values())

    @cached_property
    def _first_lines(self) -> list[int]:
        return [model.line for model in self._models]


def _line(diagnostic: Diagnostic) -> int:
    return diagnostic.span.line

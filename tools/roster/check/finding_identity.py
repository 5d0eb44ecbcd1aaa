"""The identity of a finding: which findings of two checks are the same one.

Lines move, and findings come and go above, so a line identifies nothing. A finding is the same in another check when
its subject (rule, file, model and key) and its message are the same; of several equal ones, each is matched once.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator

from roster.findings import Diagnostic

SourceText = Callable[[Diagnostic], str]
"""Returns the text that a finding marks, where nothing else distinguishes it: one secret in a comment from the next."""
_LINE_NUMBER = re.compile(r"\bline \d+")


def fingerprinted(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Yield each finding with its fingerprint, 64 hexadecimal digits, unique among them.

    A fingerprint leaves out the message, so that a dashboard keeps a finding when the toolkit rewords its messages; an
    ordinal distinguishes findings with the same subject.
    """
    seen: Counter[Hashable] = Counter()
    for diagnostic in diagnostics:
        subject = _subject(diagnostic)
        seen[subject] += 1
        # JSON, because different tuples have different texts and every character becomes ASCII
        yield diagnostic, hashlib.sha256(json.dumps([*subject, seen[subject]]).encode()).hexdigest()


def new_findings(
    before: Iterable[Diagnostic],
    after: Iterable[Diagnostic],
    text_before: SourceText = lambda _: "",
    text_after: SourceText = lambda _: "",
) -> Iterator[Diagnostic]:
    """Yield the findings of a later check that are not among those of an earlier one."""
    return _unmatched(
        Counter(_identity(finding, text_before(finding)) for finding in before),
        after,
        lambda finding: _identity(finding, text_after(finding)),
    )


def new_findings_after_edit(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield the findings that an edit introduces; ``before`` has the positions that its findings have after the edit.

    A finding at the same position is the same one, even if its message or its model's id has changed; of the others,
    those with the same identity are the same.
    """
    before, after = tuple(before), tuple(after)
    in_place = Counter(map(_position, before)) & Counter(map(_position, after))
    return new_findings(_unmatched(in_place, before, _position), _unmatched(in_place, after, _position))


def _unmatched(
    counts: Counter[Hashable], findings: Iterable[Diagnostic], key: Callable[[Diagnostic], Hashable]
) -> Iterator[Diagnostic]:
    """Yield the findings that remain after removing the number in ``counts`` for each key."""
    counts = Counter(counts)
    for finding in findings:
        if counts[key(finding)]:
            counts[key(finding)] -= 1
        else:
            yield finding


def _subject(finding: Diagnostic) -> tuple[str, str, str, str]:
    return finding.rule, finding.path, finding.model, finding.key


def _identity(finding: Diagnostic, text: str) -> Hashable:
    return (*_subject(finding), _LINE_NUMBER.sub("line", finding.message), text)


def _position(finding: Diagnostic) -> Hashable:
    return finding.path, finding.rule, finding.span.line, finding.span.column

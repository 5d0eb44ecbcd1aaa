"""What tells one finding from another, in this run and in the next, however the lines move."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator

from roster.findings import Diagnostic


def fingerprinted(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Yield each diagnostic with its fingerprint, unique among them: 64 hexadecimal digits.

    It is made of rule, path, model, key and an ordinal among those that share these, and of no line number: after an
    edit above, an old finding is still the old one.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for diagnostic in diagnostics:
        what = (diagnostic.rule, diagnostic.path, diagnostic.model, diagnostic.key)
        seen[what] += 1
        # as JSON, in which no two tuples look the same and every character is one of ASCII
        yield diagnostic, hashlib.sha256(json.dumps([*what, seen[what]]).encode()).hexdigest()

"""The format ``json`` of ``roster check``; ``schemas/check_report.schema.json`` describes it."""

import json

from roster.check.finding_identity import fingerprinted
from roster.check.result import CheckResult
from roster.findings import Severity

FORMAT = 1
"""The version of the format. It increases when an older reader could misread a report."""


def write(result: CheckResult, _rules: object) -> str:
    """Return the report."""
    report = {
        "format": FORMAT,
        "files": list(result.files),
        "summary": {f"{severity.value}s": result.count(severity) for severity in Severity},
        "diagnostics": [
            {
                "rule": diagnostic.rule,
                "severity": diagnostic.severity.value,
                "path": diagnostic.path,
                "start": {"line": diagnostic.span.line, "column": diagnostic.span.column},
                "end": {"line": diagnostic.span.end_line, "column": diagnostic.span.end_column},
                "message": diagnostic.message,
                "hint": diagnostic.hint,
                "note": diagnostic.note,
                "model": diagnostic.model,
                "key": diagnostic.key,
                "fingerprint": fingerprint,
            }
            for diagnostic, fingerprint in fingerprinted(result.diagnostics)
        ],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"

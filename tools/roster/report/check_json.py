"""JSON for programs, described by ``schemas/check_report.schema.json``."""

from __future__ import annotations

import json

from roster.check.finding_identity import fingerprinted
from roster.check.result import CheckResult
from roster.findings import Severity

FORMAT = 1
"""The version of the report. It grows when an older reader could misread the rest."""


def write(result: CheckResult, _rules: object) -> str:
    """Return the report."""
    report = {
        "format": FORMAT,
        "files": list(result.files),
        "summary": {f"{severity.value}s": result.count(severity) for severity in Severity},
        "diagnostics": [
            {
                "rule": found.rule,
                "severity": found.severity.value,
                "path": found.path,
                "start": {"line": found.span.line, "column": found.span.column},
                "end": {"line": found.span.end_line, "column": found.span.end_column},
                "message": found.message,
                "hint": found.hint,
                "note": found.note,
                "model": found.model,
                "key": found.key,
                "fingerprint": fingerprint,
            }
            for found, fingerprint in fingerprinted(result.diagnostics)
        ],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"

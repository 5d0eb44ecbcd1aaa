"""The format ``codequality`` of ``roster check``, for GitLab's merge request widget.

The format is at https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format. GitLab stops at the first
item that it does not understand, keeps one item per fingerprint, and does not show ``check_name``, so the description
starts with the rule.
"""

import json

from roster.check.finding_identity import fingerprinted
from roster.check.result import CheckResult
from roster.findings import Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def write(result: CheckResult, _rules: object) -> str:
    """Return the report; ``[]`` without findings."""
    items = [
        {
            "description": f"{diagnostic.rule}: {diagnostic.sentence}",
            "check_name": diagnostic.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[diagnostic.severity],
            "location": {"path": diagnostic.path, "lines": {"begin": diagnostic.span.line}},
        }
        for diagnostic, fingerprint in fingerprinted(result.diagnostics)
    ]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"

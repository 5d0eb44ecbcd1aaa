"""GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).

GitLab stops reading at the first item that it does not understand, keeps one item for each fingerprint, and does not
show ``check_name``: the description begins with the rule.
"""

from __future__ import annotations

import json

from roster.check.finding_identity import fingerprinted
from roster.check.result import CheckResult
from roster.findings import Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def write(result: CheckResult, _rules: object) -> str:
    """Return the report; ``[]`` when nothing was found."""
    items = [
        {
            "description": f"{found.rule}: {found.sentence}",
            "check_name": found.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[found.severity],
            "location": {"path": found.path, "lines": {"begin": found.span.line}},
        }
        for found, fingerprint in fingerprinted(result.diagnostics)
    ]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"

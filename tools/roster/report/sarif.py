"""The format ``sarif`` of ``roster check``: SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from roster import __version__
from roster.check.finding_identity import fingerprinted
from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class RuleMetadata(Protocol):
    """The attributes of a rule that the report contains."""

    @property
    def severity(self) -> Severity: ...
    @property
    def summary(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def remedy(self) -> str: ...


def write(result: CheckResult, rules: Mapping[str, RuleMetadata]) -> str:
    """Return the report: one run, with every rule and a result for each finding."""
    numbers = {rule: number for number, rule in enumerate(rules)}
    driver = {
        "name": "roster",
        "version": __version__,
        **_information_uri(),
        "rules": [
            {
                "id": name,
                "shortDescription": _message(metadata.summary),
                "fullDescription": _message(metadata.reason),
                "help": _message(f"{metadata.reason} {metadata.remedy}"),
                "defaultConfiguration": {"level": metadata.severity.value},
            }
            for name, metadata in rules.items()
        ],
    }
    results = [
        _result(diagnostic, numbers, fingerprint) for diagnostic, fingerprint in fingerprinted(result.diagnostics)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _information_uri() -> dict[str, str]:
    """Return where the toolkit was installed from, which pip records for repositories (PEP 610); empty if not there."""
    from importlib.metadata import PackageNotFoundError, distribution

    with suppress(PackageNotFoundError, ValueError, KeyError, TypeError):
        source = urlsplit(json.loads(distribution("roster-toolkit").read_text("direct_url.json") or "{}")["url"])
        if source.scheme == "https" and source.hostname:
            host = source.hostname + (f":{source.port}" if source.port else "")
            return {"informationUri": f"https://{host}{source.path.removesuffix('.git')}"}
    return {}


def _result(diagnostic: Diagnostic, numbers: dict[str, int], fingerprint: str) -> dict[str, Any]:
    # a folder's name that is not UTF-8 keeps its bytes
    uri = quote(diagnostic.path, errors="surrogateescape")
    region = {
        "startLine": diagnostic.span.line,
        "startColumn": diagnostic.span.column,
        "endLine": diagnostic.span.end_line,
        "endColumn": diagnostic.span.end_column,
    }
    return {
        "ruleId": diagnostic.rule,
        "ruleIndex": numbers[diagnostic.rule],
        "level": diagnostic.severity.value,
        "message": _message(diagnostic.sentence),
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {"rosterFinding/v1": fingerprint},
    }


def _message(text: str) -> dict[str, str]:
    """Return a plain text message. Section 3.11.5: braces that start no placeholder are doubled."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}

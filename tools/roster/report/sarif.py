"""The format ``sarif`` of ``roster check``: SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from roster import __version__
from roster.check.finding_identity import fingerprinted
from roster.check.result import CheckResult
from roster.findings import ConfigurationError, Diagnostic, Severity

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
    """Return the URL in the package's metadata, or the repository that it was installed from; empty if unknown."""
    from importlib.metadata import PackageNotFoundError, distribution

    with suppress(PackageNotFoundError, ValueError, KeyError, TypeError, ConfigurationError):
        toolkit = distribution("roster-toolkit")
        for project_url in toolkit.metadata.get_all("Project-URL", ()):
            return {"informationUri": project_url.partition(",")[2].strip()}
        url = urlsplit(_source(json.loads(toolkit.read_text("direct_url.json") or "{}")["url"]))
        if url.scheme == "https" and url.hostname:
            host = url.hostname + (f":{url.port}" if url.port else "")
            return {"informationUri": f"https://{host}{url.path.removesuffix('.git')}"}
    return {}


def _source(url: str) -> str:
    """Return the source of an installation that pip recorded (PEP 610); of a folder, the remote of its repository.

    Pipelines install the toolkit from their own checkout.
    """
    folder = urlsplit(url)
    if folder.scheme != "file":
        return url
    from roster.git import git_command

    return git_command.output(Path(unquote(folder.path)), "remote", "get-url", "origin")


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

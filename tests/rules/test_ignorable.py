"""Which rules can be ignored: none that protects a secret or the validity of artifacts."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from roster.check import pipeline
from roster.check.loading import load_schema
from roster.check.result import CheckResult
from roster.cli.main import run
from roster.docs.examples import files as example_files
from roster.findings import Severity
from roster.publishing.sequence import UNVERSIONED
from roster.render.artifacts import ARTIFACTS
from roster.repository import Repository
from roster.roster import ROSTER_FILE, roster_path
from roster.rules import credentials, suppression_comments
from roster.rules.all_rules import RULES, rules_of
from roster.rules.base.rule import Rule, Subject
from tests.properties import examples
from tests.rules.conftest import TODAY, Check, Files, put
from tests.rules.test_rules import cases, files_of, reported_rules

IGNORABLE = [rule for rule in RULES.values() if rule.ignorable]
UNIGNORABLE = [rule for rule in RULES.values() if not rule.ignorable]
RULES_ON_SUPPRESSIONS = {rule.name for rule in rules_of(suppression_comments)}


def with_suppression(files: Files, *names: str) -> Files:
    """Return the files with a suppression comment above each model."""
    comment = f"# roster: ignore[{', '.join(names)}] a test\n".encode()
    return {
        path: re.sub(rb"(?m)^(?=- )", comment, content) if path.endswith(ROSTER_FILE) else content
        for path, content in files.items()
    }


def bad_files(rule: Rule) -> Iterator[Files]:
    yield example_files(rule, rule.bad)
    yield from (files_of(case) for case in cases("bad") if case.parent.name == rule.name)


@pytest.mark.parametrize("rule", IGNORABLE, ids=lambda rule: rule.name)
def test_suppression_hides_ignorable_finding(rule: Rule, check: Check):
    for files in bad_files(rule):
        assert rule.name in reported_rules(check(files)[1])
        assert rule.name not in reported_rules(check(with_suppression(files, rule.name))[1])


@pytest.mark.parametrize("rule", IGNORABLE, ids=lambda rule: rule.name)
def test_roster_with_suppressed_findings_is_rendered(rule: Rule, check: Check):
    status, output = check(with_suppression(example_files(rule, rule.bad), rule.name))
    assert status == 0, output
    assert run(["render", "production", "--at", TODAY]) == 0


@pytest.mark.parametrize("rule", UNIGNORABLE, ids=lambda rule: rule.name)
def test_suppression_does_not_hide_unignorable_finding(rule: Rule, check: Check):
    for files in bad_files(rule):
        assert rule.name in reported_rules(check(with_suppression(files, rule.name))[1])


def test_rules_on_secrets_cannot_be_ignored():
    on_credentials = rules_of(credentials)
    assert len(on_credentials) == 4
    assert not any(rule.ignorable for rule in [*on_credentials, RULES["credentials-in-endpoint"]])


def test_rules_that_drop_values_cannot_be_ignored():
    dropping = (Subject.EXTERNAL, Subject.DOCUMENT)
    assert not any(rule.ignorable for rule in RULES.values() if rule.subject in dropping or rule.schema_decides)


MODEL: dict[str, Any] = {
    "name": "Claude",
    "identifier": "bedrock/claude-1",
    "api-key": "AIGW_MODEL_CLAUDE_API_KEY",
    "endpoint": "https://example-models.com/v1",
    "release_state": "GA",
    "family": "claude",
    "features": ["duo_chat"],
    "default_for": ["duo_chat"],
}
GEMINI: dict[str, Any] = {
    "name": "Gemini",
    "identifier": "vertex_ai/gemini-1",
    "api-key": "AIGW_MODEL_GEMINI_API_KEY",
    "endpoint": "https://example-models.com/v1",
    "release_state": "GA",
    "family": "gemini",
    "features": ["duo_chat"],
}
VARIANTS: dict[str, list[Any]] = {
    "name": ["Gemini", "claude", "Сlaude", "Claude ", "GitLab: Claude", "通义", "Clau\u200bde", "Claude\n", "", 7],
    "id": ["claude", "gemini", "Claude", ""],
    "identifier": ["bedrock/claude", "claude-1", "bedrock/claude 1", "/"],
    "api-key": ["AIGW_MODEL_GEMINI_API_KEY", "my-key", "sk-ant-api03-Xy12Zw34Vu56Ts78Rq90"],
    "endpoint": [
        "http://example-models.com",
        "https://10.0.0.1/v1",
        "https://localhost",
        "https://user@example-models.com",
        "https://example-models.com?a#b",
        "https://example_models.com",
        "https:///v1",
        "example-models.com",
    ],
    "release_state": ["BETA", "EXPERIMENT", "ga"],
    "family": ["gemini", "cluade"],
    "features": [["duo_chat", "code-generation"], ["code-completion"], ["duo_caht"], ["duo_chat", "duo_chat"], []],
    "default_for": [[], ["code-generation"], ["duo_chat", "code-completion"], ["duo_caht"]],
    "display_name": ["Claude", " Claude", "Cl  aude", "Claude\nSonnet"],
    "description": ["Good at code", "tab\there", ""],
    "retirement": [
        {"notice": notice, "last_day": last_day} | ({"replacement": replacement} if replacement else {}) | features
        for notice, last_day in [
            ("2025-01-01", "2025-12-31"),
            ("2026-01-01", "2027-01-01"),
            ("2027-01-02", "2027-01-01"),
        ]
        for replacement in ("", "claude", "gemini", "Gemini Pro", "nobody")
        for features in ({}, {"features": ["duo_chat"]}, {"features": ["code-generation"]})
    ],
    "surprise": [True],
}


def as_yaml(offered: list[dict[str, Any]], comment: str = "") -> str:
    return "".join(
        comment
        + "- "
        + "\n  ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in model.items())
        + "\n"
        for model in offered
    )


@pytest.fixture(scope="module")
def repository(without_rosters: Path, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(without_rosters, root, dirs_exist_ok=True)
    return Repository(root)


def assert_artifacts_are_valid_if_errors_can_be_suppressed(
    repository: Repository, offered: list[dict[str, Any]], today: date
) -> None:
    """Assert that a roster without unsuppressed errors renders to valid artifacts and has unique ids."""

    def check_with(comment: str) -> tuple[set[str], CheckResult]:
        put(repository.root, {roster_path("production"): as_yaml(offered, comment).encode()})
        result = pipeline.check(repository, today)
        rules = {
            diagnostic.rule
            for diagnostic in result.diagnostics
            if diagnostic.severity is Severity.ERROR or diagnostic.rule in RULES_ON_SUPPRESSIONS
        }
        return rules, result

    remaining, result = errors, _ = check_with("")
    names: set[str] = set()
    while new := {name for name in remaining - names if RULES[name].ignorable}:  # a finding may imply another one
        names |= new
        remaining, result = check_with(f"# roster: ignore[{', '.join(sorted(names))}] a test\n")
    assert remaining - {"useless-ignore"} >= {name for name in errors if not RULES[name].ignorable}
    if remaining <= {"useless-ignore"}:
        roster = result.rosters["production"]
        assert len(roster.by_id) == len(roster.models)
        for name, artifact in ARTIFACTS.items():
            schema = load_schema(repository, f"schemas/{name}.schema.json")
            schema.require_valid(artifact.render(roster, today, UNVERSIONED, result.registries), artifact.file)


@pytest.mark.parametrize("key", VARIANTS)
def test_suppressing_one_change_leaves_valid_artifacts(repository: Repository, key: str):
    for value in VARIANTS[key]:
        for today in (date(2026, 6, 15), date(2028, 6, 15)):
            assert_artifacts_are_valid_if_errors_can_be_suppressed(repository, [MODEL | {key: value}, GEMINI], today)


models = some.builds(
    lambda model, changes: model | dict(changes),
    some.sampled_from([MODEL, GEMINI]),
    some.lists(
        some.sampled_from([(key, value) for key, values in VARIANTS.items() for value in values]),
        min_size=1,
        max_size=3,
    ),
)


@examples(200)
@example([MODEL, MODEL | {"name": "claude"}], date(2026, 6, 15))
@example([MODEL, MODEL | {"name": "Claude"}], date(2026, 6, 15))
@given(some.lists(models, min_size=1, max_size=3), some.dates(date(2025, 6, 1), date(2028, 6, 1)))
def test_suppressing_any_changes_leaves_valid_artifacts(
    repository: Repository, offered: list[dict[str, Any]], today: date
):
    assert_artifacts_are_valid_if_errors_can_be_suppressed(repository, offered, today)


@pytest.mark.parametrize(
    ("suppressed", "values", "reported"),
    [
        ("release-state-not-allowed", {"release_state": "EXPERIMENT"}, "default-release-state"),
        ("private-endpoint", {"endpoint": "https://0x7f.1/v1"}, "malformed-endpoint"),
        ("default-not-offered", {"features": ["code-completion"], "default_for": ["duo_chat"]}, "missing-default"),
        (
            "retirement-notice-too-short",
            {"retirement": {"notice": "2026-12-01", "last_day": "2026-06-30", "replacement": "gemini"}},
            "last-day-before-notice",
        ),
    ],
)
def test_suppression_does_not_hide_finding_of_another_rule(
    repository: Repository, suppressed: str, values: dict[str, Any], reported: str
):
    """A rule may leave a finding to another one only as long as that one is reported."""
    text = as_yaml([MODEL | values], f"# roster: ignore[{suppressed}] a test\n") + as_yaml([GEMINI])
    put(repository.root, {roster_path("production"): text.encode()})
    rules = {diagnostic.rule for diagnostic in pipeline.check(repository, date(2026, 6, 15)).diagnostics}
    assert reported in rules
    assert suppressed not in rules

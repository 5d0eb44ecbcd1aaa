"""Suppression comments: which comments apply, and their scope."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.check.pipeline import check
from roster.cli.main import run
from roster.repository import Repository
from roster.yaml import comments
from roster.yaml.document import parse
from tests.conftest import Run, disable_rule, edit
from tests.single_roster import CLEAN, diagnostics

TODAY = date(2026, 6, 15)
PRODUCTION = "env/production/offered_models_metadata.yaml"
ENVIRONMENTS = """\
- {name: production, release_states: [BETA, GA], default_release_states: [GA], retirement_notice_days: 90}
"""
FEATURES = """\
- {name: duo_chat, title: Chat, category: chat, setting: chat, unit_primitives: [ask], required: false}
- {name: review, title: Review, category: review, setting: review, unit_primitives: [review], required: false}
"""
IDENTIFIER, ENDPOINT = "unpinned-identifier", "private-endpoint"
BOTH = f"# roster: ignore[{IDENTIFIER}, {ENDPOINT}] a test\n"


def model(name: str) -> str:
    """Return a model with a finding on its second and on its fourth line."""
    return (
        f"- name: {name}\n  identifier: bedrock/{name}\n  api-key: AIGW_MODEL_{name.upper()}_API_KEY\n"
        f"  endpoint: https://{name}.internal/v1\n  release_state: GA\n  family: claude\n  features: [duo_chat]\n"
    )


CLAUDE = f"{model('claude')}  default_for: [duo_chat]\n"


def in_braces(text: str) -> str:
    """Return a model on one line."""
    return f"{{{', '.join(line.strip(' -') for line in text.splitlines())}}}"


Findings = Callable[[str], list[str]]


@pytest.fixture
def findings(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Findings:
    """Return a function that checks a roster and returns line and rule of each finding."""
    (checkout / "env/environments.yaml").write_text(ENVIRONMENTS)
    (checkout / "schemas/features.yaml").write_text(FEATURES)
    for environment in ("staging", "staging-ref"):
        (checkout / "env" / environment / "offered_models_metadata.yaml").unlink()
    monkeypatch.chdir(checkout)
    assert run(["schema"]) == 0
    disable_rule("missing-schema-line", monkeypatch)

    def result(text: str) -> list[str]:
        (checkout / PRODUCTION).write_bytes(text.encode())
        return [f"{item.span.line} {item.rule}" for item in check(Repository(checkout), TODAY).diagnostics]

    return result


def test_both_findings_are_reported_without_comment(findings: Findings):
    assert findings(CLAUDE) == [f"2 {IDENTIFIER}", f"4 {ENDPOINT}"]


REACH = {
    "the end of its own line": (
        CLAUDE.replace("internal/v1", f"internal/v1 # roster: ignore[{ENDPOINT}] a test"),
        [f"2 {IDENTIFIER}"],
    ),
    "the line of a block scalar, next to its indicator": (
        CLAUDE.replace("endpoint: ", f"endpoint: >- # roster: ignore[{ENDPOINT}] a test\n    "),
        [f"2 {IDENTIFIER}"],
    ),
    "the line of an anchor, next to it": (
        CLAUDE.replace("endpoint: ", f"endpoint: &here # roster: ignore[{IDENTIFIER}] a test\n    "),
        [f"2 {IDENTIFIER}", "4 useless-ignore", f"5 {ENDPOINT}"],
    ),
    "the line below": (
        CLAUDE.replace("  endpoint", f"  # roster: ignore[{ENDPOINT}] a test\n  endpoint"),
        [f"2 {IDENTIFIER}"],
    ),
    "the line below, past comments and empty lines": (
        CLAUDE.replace("  endpoint", f"# roster: ignore[{ENDPOINT}] a test\n\n      # and more\n \n  endpoint"),
        [f"2 {IDENTIFIER}"],
    ),
    "no line further down": (
        CLAUDE.replace("  api-key", f"  # roster: ignore[{ENDPOINT}] a test\n  api-key"),
        [f"2 {IDENTIFIER}", "3 useless-ignore", f"5 {ENDPOINT}"],
    ),
    "the whole model": (BOTH + CLAUDE, []),
    "the whole model, but no other": (
        f"{BOTH}{CLAUDE}{model('qwen')}",
        [f"11 {IDENTIFIER}", f"13 {ENDPOINT}"],
    ),
    "the second model": (f"{CLAUDE}\n{BOTH}\n{model('qwen')}", [f"2 {IDENTIFIER}", f"4 {ENDPOINT}"]),
    "no model from the end of its first line": (
        CLAUDE.replace("claude\n", f"claude {BOTH}", 1),
        ["1 useless-ignore", "1 useless-ignore", f"2 {IDENTIFIER}", f"4 {ENDPOINT}"],
    ),
    "with several comments, all that they name": (
        f"# roster: ignore[{ENDPOINT}] one\n# roster: ignore[{IDENTIFIER}] two\n{CLAUDE}",
        [],
    ),
    "a model whose dash is on its own line": (BOTH + CLAUDE.replace("- name", "-\n  name"), []),
    "a model whose dash is on its own line, from below it": (CLAUDE.replace("- name", f"-\n  {BOTH}  name"), []),
    "past the start of the document": (f"{BOTH}--- # the first\n{CLAUDE}", []),
    "an indented list": ("\n".join(f"  {line}" for line in f"{BOTH}{CLAUDE}".splitlines()), []),
    "a model in brackets": (f"{BOTH}[{in_braces(CLAUDE)}]", []),
    "the second model in brackets": (
        f"[{in_braces(CLAUDE)},\n  {BOTH}  {in_braces(model('qwen'))}]",
        [f"1 {IDENTIFIER}", f"1 {ENDPOINT}"],
    ),
    "all models that start on a line": (f"{BOTH}[{in_braces(CLAUDE)}, {in_braces(model('qwen'))}]", []),
    "no model in brackets but those": (
        f"{BOTH}[{in_braces(CLAUDE)},\n  {in_braces(model('qwen'))}]",
        [f"3 {IDENTIFIER}", f"3 {ENDPOINT}"],
    ),
    "a line within a model's list": (
        CLAUDE.replace(
            "features: [duo_chat]", "features:\n    - duo_chat\n    # roster: ignore[missing-default] x\n    - review"
        ),
        [f"2 {IDENTIFIER}", f"4 {ENDPOINT}"],
    ),
    "a file without a last line break": (f"{BOTH}{CLAUDE}".rstrip("\n"), []),
    "a file with other line breaks": (f"{BOTH}{CLAUDE}".replace("\n", "\r\n"), []),
    "a file with old line breaks": (f"{BOTH}{CLAUDE}".replace("\n", "\r"), ["1 bare-carriage-return"]),
    "nothing, at the end of the file": (
        f"{CLAUDE}  {BOTH}",
        [f"2 {IDENTIFIER}", f"4 {ENDPOINT}", "9 useless-ignore", "9 useless-ignore"],
    ),
    "nothing, after the last line break": (
        f"{CLAUDE}{BOTH}".rstrip("\n"),
        [f"2 {IDENTIFIER}", f"4 {ENDPOINT}", "9 useless-ignore", "9 useless-ignore"],
    ),
}


@pytest.mark.parametrize("reaches", REACH)
def test_scope_of_comment(reaches: str, findings: Findings):
    text, expected = REACH[reaches]
    assert findings(text) == expected


def test_finding_on_whole_file_is_suppressed_above_first_model(findings: Findings, checkout: Path):
    edit(checkout / "schemas/features.yaml", "[review], required: false", "[review], required: true")
    first = "# roster: ignore[feature-without-model] reviews are about to start\n"
    assert findings(BOTH + CLAUDE) == ["2 feature-without-model"]
    assert findings(first + BOTH + CLAUDE) == []
    assert findings(first + BOTH + CLAUDE.replace("- name", "-\n  name")) == []


def test_second_document_does_not_change_scopes(findings: Findings):
    second = "--- !%ff [ # roster: ignore[missing-default] a test\n"
    assert findings(f"{BOTH}{CLAUDE}{second}") == ["10 yaml-forbidden-construct"]


def test_comments_of_unreadable_file_are_not_validated(findings: Findings):
    broken = f"# roster: ignore[secret-in-roster, no-such-rule]\n{CLAUDE}  features: [duo_chat\n"
    assert [rule.partition(" ")[2] for rule in findings(broken)] == ["yaml-syntax"]


def test_comment_is_not_useless_while_another_error_hides_its_finding(findings: Findings):
    without_default = CLAUDE.replace("  default_for: [duo_chat]\n", "")
    waiting = f"{BOTH.replace(ENDPOINT, f'{ENDPOINT}, missing-default')}{without_default}"
    assert findings(waiting) == []
    assert findings(f"{waiting}- 7\n") == ["9 wrong-type"], "that model may be the default"


def test_comment_is_not_useless_while_the_provider_is_unknown_or_another():
    comment = "  # roster: ignore[needs-inference-profile] a test"
    for old, new, rule in (
        ("bedrock/claude-1", "bedrok/claude-1", "unknown-prefix"),
        ("https://example-models.com/v1", "https://api.openai.com/v1", "endpoint-mismatch"),
        ("", "", "useless-ignore"),
    ):
        text = CLEAN.replace(old, new) if old else CLEAN
        rules = [finding.rule for finding in diagnostics(text.replace("- name: Claude", f"- name: Claude{comment}"))]
        assert rules == [rule]


def test_reason_is_required_for_effective_comment(findings: Findings):
    comment = f"# roster: ignore[{ENDPOINT}, no-such-rule, secret-in-roster]\n"
    rules = ["useless-ignore", "forbidden-ignore"]
    assert findings(comment + CLAUDE) == [
        "1 ignore-without-reason",
        *(f"1 {rule}" for rule in rules),
        f"3 {IDENTIFIER}",
    ]
    useless = comment.replace(ENDPOINT, "missing-default")
    assert "1 ignore-without-reason" not in findings(useless + CLAUDE)


def test_secret_in_reason_is_reported_and_redacted(findings: Findings, capsys: pytest.CaptureFixture[str]):
    secret = "glpat-x9Kq2LmN7pRt4VwY8zBc"
    result = findings(f"# roster: ignore[{secret}, secret-in-roster] {secret}\n{BOTH}{CLAUDE}")
    assert result == ["1 secret-in-roster", "1 useless-ignore", "1 forbidden-ignore", "1 secret-in-roster"]
    assert run(["check", "--at", str(TODAY)]) == 1
    assert secret not in capsys.readouterr().out


def test_finding_on_comment_belongs_to_model_in_scope(findings: Findings, checkout: Path):
    useless = "# roster: ignore[missing-default] a test"
    findings(f"{CLAUDE}{useless}\n{model('qwen').rstrip()} {useless}\n")
    result = [item for item in check(Repository(checkout), TODAY).diagnostics if item.rule == "useless-ignore"]
    assert [item.model for item in result] == ["qwen", "qwen"]


def test_render_applies_suppressions(findings: Findings):
    assert findings(CLAUDE) != []
    assert run(["render", "--at", str(TODAY)]) == 1
    assert findings(BOTH + CLAUDE) == []
    assert run(["render", "--at", str(TODAY)]) == 0


def test_explain_says_whether_rule_can_be_ignored(roster: Run):
    assert "To suppress it: # roster: ignore[missing-default] reason\n" in roster("explain", "missing-default").stdout
    assert "To suppress it: This rule cannot be suppressed.\n" in roster("explain", "secret-in-roster").stdout


COMMENTS = (" # roster: a", "\n# roster: a", " #roster: a", "\t# roster: a", " #", "x#roster: a", "roster: a")
"""No "#" right after a quote or a bracket: only libyaml treats that as a comment."""
MARKS = ("'", '"', "''", '\\"', "|\n", ">-\n", "|2 ", "[", "]", "{", "}", "&a ", "*a", "--- ", "- ", "b: ", ", ")
SPACES = (" ", "\n", "\n", "\n  ", "\n    ", "\r\n", "\t", "text", "é", "\U0001f600")


@given(some.lists(some.sampled_from(COMMENTS + MARKS + SPACES), max_size=25).map("".join))
def test_comments_are_what_yaml_skips(text: str):
    """Another word in a comment changes no value; another word anywhere else does."""
    document = parse("", text.encode())
    if not document.readable or document.findings:
        return
    result = list(comments.find_comments(text, "roster:"))
    at = -1
    while (at := text.find("roster:", at + 1)) >= 0:
        other = parse("", f"{text[:at]}other!{text[at + 6 :]}".encode())
        within = any(start <= at < end for start, end in result)
        assert within == (other.readable and other.value == document.value)

"""The text report: carets are under the span, however wide the characters before it are."""

from typing import Any

import pytest
from wcwidth import wcswidth

from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity, Span
from roster.registries import Registries
from roster.report import check_text
from roster.roster import ROSTER_FILE
from roster.yaml.line_index import LineIndex


def result(*diagnostics: Diagnostic, source: str = "", rosters: int = 1) -> CheckResult:
    """Return a result with findings in one file."""
    files = tuple(f"env/e{number}/{ROSTER_FILE}" for number in range(rosters))
    return CheckResult(Registries.of([], [], []), files, diagnostics, {"a.yaml": LineIndex(source)}, {})


def block(line: str, start: int, end: int, **more: Any) -> list[str]:
    """Return the lines of a finding at columns ``start`` to ``end`` of a line; the end is exclusive."""
    diagnostic = Diagnostic("a.yaml", Span(1, start, 1, end), Severity.ERROR, "some-rule", "something is wrong", **more)
    return check_text.write(result(diagnostic, source=line)).split("\n")[:-1]


def test_complete_block():
    assert block("name: Claude", 7, 13, hint="try another", note="known: a, b") == [
        "a.yaml:1:7: error: something is wrong [some-rule]",
        "  |",
        "1 | name: Claude",
        "  |       ^^^^^^ try another",
        "  = known: a, b   (roster explain some-rule)",
        "",
    ]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("name: Claude", "Claude"),
        ("日本: Claude", "Claude"),
        ("name: 模型", "模型"),
        ("na\u0308me: Claude", "Claude"),
        ("name: Cla\u0308ude", "Cla\u0308ude"),
        ("👍🏽: Claude", "Claude"),
        ("\tname: Claude", "Claude"),
        ("naïve\u200b: Claude", "Claude"),
        ("x" * 500 + ": Claude", "Claude"),
        ("name: " + "y" * 500, "y" * 500),
        ("Claude " + "z" * 500, "Claude"),
    ],
)
def test_caret_is_under_span(line: str, word: str):
    start = line.index(word)
    _, _, source, carets, *_ = block(line, start + 1, start + len(word) + 1)
    before = source[: source.index(word[:50].rstrip("…"))]
    assert wcswidth(before) == len(carets) - len(carets.lstrip(" |")), carets
    assert carets.count("^") <= wcswidth(source)
    if len(word) < 100:
        assert carets.count("^") == wcswidth(word)


def test_empty_span_has_one_caret():
    assert block("api-key:", 9, 9)[3] == "  |         ^"


def test_span_over_several_lines_is_marked_on_first_line():
    diagnostic = Diagnostic("a.yaml", Span(1, 3, 2, 9), Severity.WARNING, "some-rule", "something")
    block = check_text.write(result(diagnostic, source="- name: Claude\n  family: x\n"))
    assert "1 | - name: Claude\n  |   ^^^^^^^^^^^^\n" in block


def test_control_characters_are_escaped():
    text = "\n".join(block("name: \x1b[31mClaude\x07", 7, 20))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"\x1b[31mClaude\x07" in text


def test_long_note_is_shortened_after_last_name_that_fits():
    note = "known: " + ", ".join(f"feature-{number}" for number in range(40))
    last = block("name: x", 1, 5, note=note)[4]
    assert last.endswith(", …   (roster explain some-rule)")
    assert len(last) < 150


def test_summary_counts_findings():
    error = Diagnostic("a", Span(1, 1, 1, 1), Severity.ERROR, "r", "m")
    warning = error._replace(severity=Severity.WARNING)
    assert check_text.summary(result()) == "1 roster checked, no problems found"
    assert check_text.summary(result(error, error, warning, rosters=3)) == "3 rosters checked: 2 errors and 1 warning"

"""Which findings of two checks are the same one."""

from roster.check.finding_identity import new_findings, new_findings_after_edit
from roster.findings import Diagnostic, Severity, Span


def finding(line: int = 1, message: str = "wrong", model: str = "claude", path: str = "a.yaml") -> Diagnostic:
    return Diagnostic(path, Span(line, 1, line, 2), Severity.ERROR, "a-rule", message, model=model)


def test_same_finding_on_another_line_is_not_new():
    assert not [*new_findings([finding(1)], [finding(7)])]


def test_line_number_in_message_does_not_matter():
    before, after = finding(message="first defined on line 12"), finding(message="first defined on line 9")
    assert not [*new_findings([before], [after])]


def test_other_message_model_or_file_is_new():
    others = [finding(message="missing"), finding(model="gemini"), finding(path="b.yaml")]
    assert [*new_findings([finding()], others)] == others


def test_each_earlier_finding_matches_once():
    assert [*new_findings([finding(1)], [finding(1), finding(2)])] == [finding(2)]


def test_marked_text_distinguishes_equal_findings():
    before, after = {finding(1): "secret"}, {finding(1): "other", finding(2): "secret"}
    assert [*new_findings(before, after, before.__getitem__, after.__getitem__)] == [finding(1)]


def test_after_edit_finding_at_same_position_is_not_new():
    edited = finding(message="missing", model="gemini")
    assert not [*new_findings_after_edit([finding()], [edited])]
    assert [*new_findings([finding()], [edited])] == [edited]


def test_after_edit_moved_finding_is_not_new():
    assert [*new_findings_after_edit([finding(1), finding(3)], [finding(2), finding(3), finding(4)])] == [finding(4)]

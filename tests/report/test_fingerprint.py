"""Fingerprints distinguish findings, and do not depend on positions or messages."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from roster.check.finding_identity import fingerprinted
from roster.findings import Diagnostic, Severity, Span
from tests.conftest import edit
from tests.report.conftest import PRODUCTION, checked, finding, move

words = st.text(alphabet=st.sampled_from(["a", "b", "\0", ".", "🚀", "\ud800"]), max_size=3)
spans = st.builds(lambda line, column: Span(line, column, line, column + 3), st.integers(1, 9), st.integers(1, 9))
diagnostics = st.builds(Diagnostic, words, spans, st.sampled_from(Severity), words, words, words, words, words, words)


def fingerprints(findings: list[Diagnostic] | Path) -> list[str]:
    if isinstance(findings, Path):
        findings = list(checked(findings).diagnostics)
    return [fingerprint for _, fingerprint in fingerprinted(findings)]


@given(st.lists(diagnostics))
def test_fingerprints_are_unique(findings: list[Diagnostic]):
    assert len(set(fingerprints(findings))) == len(findings)


@given(st.lists(diagnostics), spans, words)
def test_position_and_wording_do_not_matter(findings: list[Diagnostic], span: Span, word: str):
    changed = [one._replace(span=span, message=word, hint=word, note=word) for one in findings]
    assert fingerprints(changed) == fingerprints(findings)


def test_fingerprint_is_sha256():
    (fingerprint,) = fingerprints([finding()])
    assert len(bytes.fromhex(fingerprint)) == 32


def test_fingerprint_survives_moved_lines(broken: Path):
    before = checked(broken).diagnostics, fingerprints(broken)
    move(broken)
    after = checked(broken).diagnostics, fingerprints(broken)
    assert len(before[1]) == 5
    assert after[1] == before[1]
    assert all(new.span.line > old.span.line for old, new in zip(before[0], after[0], strict=True))


def test_fingerprint_survives_removal_of_another_finding(broken: Path):
    before = fingerprints(broken)
    edit(broken / PRODUCTION, '"🚀{0}"', "cost_indicatr")
    edit(broken / PRODUCTION, "  cost_indicatr: 1\n", "")
    assert set(fingerprints(broken)) < set(before)


def test_fingerprint_depends_on_model(checkout: Path):
    edit(checkout / PRODUCTION, "  provider: Vertex", "  provider: Vertex\n  colour: red")
    in_one = fingerprints(checkout)
    edit(checkout / PRODUCTION, "  provider: Vertex\n  colour: red", "  provider: Vertex")
    edit(checkout / PRODUCTION, "  provider: Bedrock", "  provider: Bedrock\n  colour: red")
    assert len(in_one) == 1
    assert set(in_one).isdisjoint(fingerprints(checkout))

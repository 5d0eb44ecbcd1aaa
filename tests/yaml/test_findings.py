"""Whatever is wrong with a file's YAML is told at its place, and nothing in a file is ever executed."""

import pytest

from roster.findings import Span
from roster.yaml.document import parse
from roster.yaml.parser import MAX_BYTES, MAX_DEPTH, MAX_NODES


def told(data: bytes) -> list[tuple[str, str, int, int]]:
    """Return rule, message, line and column of each problem."""
    document = parse("a.yaml", data)
    spans = document.spans([finding.place for finding in document.findings])
    return [
        (finding.rule, finding.message, spans[finding.place].line, spans[finding.place].column)
        for finding in document.findings
    ]


def rules(data: bytes) -> list[str]:
    return [rule for rule, *_ in told(data)]


@pytest.mark.parametrize(
    ("data", "rule", "line", "column"),
    [
        (b"a: b: c\n", "yaml-syntax", 1, 5),
        (b"a: 1\n\tb: 2\n", "yaml-syntax", 2, 1),
        (b"a: 'b\n", "yaml-syntax", 1, 4),
        (b"a: @b\n", "yaml-syntax", 1, 4),
        (b"a: *nowhere\n", "yaml-syntax", 1, 4),
        (b'a: "\\q"\n', "yaml-syntax", 1, 5),
        (b"a: \xc3(\n", "yaml-encoding", 1, 4),
        ("日本\né: ".encode() + b"\xff", "yaml-encoding", 2, 4),
        (b"\xff\xfea\x00", "yaml-encoding", 1, 1),
        (b"\xef\xbb\xbfa: 1\n", "yaml-encoding", 1, 1),
        (b"a: b\x07c\n", "yaml-encoding", 1, 5),
        (b"a: no\n", "yaml-ambiguous-scalar", 1, 4),
        (b"on: 1\n", "yaml-ambiguous-scalar", 1, 1),
        (b"a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3, 1),
        (b"a: !!str b\n", "yaml-forbidden-construct", 1, 4),
        (b"a: !local b\n", "yaml-forbidden-construct", 1, 4),
        (b"a: {<<: {b: 1}}\n", "yaml-forbidden-construct", 1, 5),
        (b"a: 1\n---\nb: 2\n", "yaml-forbidden-construct", 2, 1),
        (b"%YAML 1.1\n---\na: 1\n", "yaml-forbidden-construct", 1, 1),
        (b"? [a]\n: b\n", "yaml-forbidden-construct", 1, 3),
        (b"a: &x [*x]\n", "yaml-forbidden-construct", 1, 8),
        (
            b"a: " + b"[" * (MAX_DEPTH + 5) + b"]" * (MAX_DEPTH + 5),
            "yaml-forbidden-construct",
            1,
            MAX_DEPTH + 3,
        ),
    ],
)
def test_one_mistake_is_told_once_at_its_place(data: bytes, rule: str, line: int, column: int):
    found = told(data)
    assert [(rule_, line_, column_) for rule_, _, line_, column_ in found] == [(rule, line, column)]


@pytest.mark.parametrize("code", [*range(9), 11, 12, *range(14, 32), 127])
def test_every_control_character_is_told(code: int):
    assert rules(b"a: b" + bytes([code]) + b"c\n") == ["yaml-encoding"]


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system",
        "!!python/name:os.system",
        "!!bool",
        "!!timestamp",
        "!!binary",
        "!!float",
        "!!set",
    ],
)
def test_a_tag_is_refused_and_never_executed(tag: str):
    document = parse("a.yaml", f"a: {tag} x\n".encode())
    assert [finding.rule for finding in document.findings] == ["yaml-forbidden-construct"]
    assert document.value == {"a": "x"}


def test_a_missing_dash_has_one_cause():
    text = b"- name: A\n  family: x\n\n  name: B\n  family: z\n"
    assert told(text) == [("yaml-duplicate-key", 'the key "name" is duplicated: first defined on line 1', 4, 3)]


def test_plain_aliases_work():
    document = parse("a.yaml", b"a: &x [1, 2]\nb: *x\n")
    assert (document.findings, document.value) == ((), {"a": [1, 2], "b": [1, 2]})


def test_an_alias_bomb_is_refused_before_it_goes_off():
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    document = parse("a.yaml", f"l0: &l0 [x]\n{levels}".encode())
    assert not document.readable
    assert [finding.rule for finding in document.findings] == ["yaml-forbidden-construct"]


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing here\n", b"---\n"])
def test_an_empty_file_is_nothing(data: bytes):
    document = parse("a.yaml", data)
    assert (document.readable, document.value, document.findings) == (True, None, ())


def test_a_file_that_is_too_large_is_refused_unread():
    assert rules(b"#" * (MAX_BYTES + 1)) == ["yaml-forbidden-construct"]


def test_a_file_with_too_many_values_is_refused():
    assert rules(b"[" + b"1," * MAX_NODES + b"1]") == ["yaml-forbidden-construct"]


def test_the_span_of_a_mistake_covers_it():
    document = parse("a.yaml", b"a: no\n")
    (finding,) = document.findings
    assert document.spans([finding.place])[finding.place] == Span(1, 4, 1, 6)
